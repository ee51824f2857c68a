/// Why a drive cannot be mounted, and what to do about it.
package enum MountError: Error, Hashable, Sendable {
    /// There is no `/dev/fuse`.
    case noDevice
    /// `/dev/fuse` cannot be opened.
    case deviceRefused(SystemCallFailure)
    /// Ordinary users mount through `fusermount3`, and it is not installed.
    case noMountProgram
    /// An ordinary user asked for `allow_other`, and `/etc/fuse.conf` does not let him.
    case othersNotAllowed
    case missing(path: String)
    case notDirectory(path: String)
    case notEmpty(path: String)
    /// The directory belongs to somebody else.
    case notOwned(path: String, owner: UInt32)
    /// A client is running on the directory.
    case alreadyMounted(path: String)
    /// A mount of another program is there, and that program is gone.
    case staleMount(path: String, type: String)
    /// The mount that a client left behind could not be removed.
    case recoveryFailed(path: String)
    /// The directory cannot be looked at.
    case unreadable(path: String, SystemCallFailure)
    /// libfuse refused; it has printed why.
    case refused(path: String)
    /// The system starts no more threads.
    case noThread(SystemCallFailure)
}

extension MountError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDevice:
            "there is no /dev/fuse: load the kernel's module with `modprobe fuse`; in a container, "
                + "pass the device in (`--device /dev/fuse --cap-add SYS_ADMIN`)"
        case .deviceRefused(let failure):
            "cannot open /dev/fuse (\(failure)): give your user access to it, "
                + "usually mode 0666"
        case .noMountProgram:
            "there is no fusermount3: install the package fuse3, or run as root"
        case .othersNotAllowed:
            "allow_other is not allowed to ordinary users here: add the line user_allow_other to "
                + "/etc/fuse.conf, or leave it out"
        case .missing(let path):
            "\(path) is not there: make the directory, or set mount_directory to another one"
        case .notDirectory(let path):
            "\(path) is not a directory: set mount_directory to an empty one"
        case .notEmpty(let path):
            "\(path) is not empty, and mounting would hide what is in it: set mount_directory to an "
                + "empty directory"
        case .notOwned(let path, let owner):
            "\(path) belongs to user \(owner): set mount_directory to a directory of your own"
        case .alreadyMounted(let path):
            "a drive is mounted on \(path) already: stop the client that runs there, or choose "
                + "another mount_directory"
        case .staleMount(let path, let type):
            "a mount of type \(type) on \(path) has lost its program: remove it with "
                + "`fusermount3 -u -z \(path)`"
        case .recoveryFailed(let path):
            "the mount that an earlier run left on \(path) cannot be removed: try "
                + "`fusermount3 -u -z \(path)`, or `umount -l \(path)` as root"
        case .unreadable(let path, let failure):
            "cannot look at \(path) (\(failure)): check the permissions on the way "
                + "to it"
        case .refused(let path):
            "cannot mount on \(path): the reason stands above"
        case .noThread(let failure):
            "cannot start a thread (\(failure)): raise the limit of processes"
        }
    }
}
