/// Why a call of the file system fails: what its caller finds in `errno`.
///
/// The numbers are those of Linux on x86-64, arm64 and RISC-V (`asm-generic/errno.h`).
package struct PosixError: Error, RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// EPERM.
    package static let notPermitted = PosixError(rawValue: 1)
    /// ENOENT.
    package static let noEntry = PosixError(rawValue: 2)
    /// EINTR.
    package static let interrupted = PosixError(rawValue: 4)
    /// EIO.
    package static let inputOutput = PosixError(rawValue: 5)
    /// ENXIO: `lseek(2)` found no data behind the offset.
    package static let noSuchAddress = PosixError(rawValue: 6)
    /// EBADF.
    package static let badDescriptor = PosixError(rawValue: 9)
    /// EAGAIN: also a lock that another holds.
    package static let tryAgain = PosixError(rawValue: 11)
    /// ENOMEM.
    package static let outOfMemory = PosixError(rawValue: 12)
    /// EACCES.
    package static let accessDenied = PosixError(rawValue: 13)
    /// EBUSY.
    package static let busy = PosixError(rawValue: 16)
    /// EEXIST.
    package static let exists = PosixError(rawValue: 17)
    /// EXDEV: programs then copy by themselves.
    package static let crossesDevices = PosixError(rawValue: 18)
    /// ENOTDIR.
    package static let notDirectory = PosixError(rawValue: 20)
    /// EISDIR.
    package static let isDirectory = PosixError(rawValue: 21)
    /// EINVAL.
    package static let invalidArgument = PosixError(rawValue: 22)
    /// EMFILE.
    package static let tooManyOpenFiles = PosixError(rawValue: 24)
    /// EFBIG.
    package static let fileTooLarge = PosixError(rawValue: 27)
    /// ENOSPC.
    package static let noSpace = PosixError(rawValue: 28)
    /// EROFS.
    package static let readOnlyFileSystem = PosixError(rawValue: 30)
    /// ERANGE: the value is larger than the caller's buffer.
    package static let outOfRange = PosixError(rawValue: 34)
    /// EDEADLK.
    package static let wouldDeadlock = PosixError(rawValue: 35)
    /// ENAMETOOLONG.
    package static let nameTooLong = PosixError(rawValue: 36)
    /// ENOLCK.
    package static let noLocks = PosixError(rawValue: 37)
    /// ENOSYS: the kernel never makes such a call again, for as long as the mount lives.
    package static let notImplemented = PosixError(rawValue: 38)
    /// ENOTEMPTY.
    package static let notEmpty = PosixError(rawValue: 39)
    /// ELOOP.
    package static let tooManyLinks = PosixError(rawValue: 40)
    /// ENODATA: there is no extended attribute of that name.
    package static let noAttribute = PosixError(rawValue: 61)
    /// EOVERFLOW.
    package static let overflow = PosixError(rawValue: 75)
    /// EILSEQ: the bytes are not text.
    package static let invalidText = PosixError(rawValue: 84)
    /// EOPNOTSUPP.
    package static let notSupported = PosixError(rawValue: 95)
    /// ENETUNREACH.
    package static let networkUnreachable = PosixError(rawValue: 101)
    /// ETIMEDOUT.
    package static let timedOut = PosixError(rawValue: 110)
    /// ESTALE.
    package static let stale = PosixError(rawValue: 116)
    /// EDQUOT.
    package static let quotaExceeded = PosixError(rawValue: 122)
    /// ECANCELED.
    package static let canceled = PosixError(rawValue: 125)
}

extension PosixError: CustomStringConvertible {
    package var description: String { "errno \(rawValue)" }
}
