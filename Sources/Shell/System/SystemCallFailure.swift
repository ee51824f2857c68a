import Glibc

/// A system call that failed: which one, and the error number.
package struct SystemCallFailure: Error, Hashable, Sendable {
    /// The name of the call, as in section 2 of the manual.
    package var call: String
    /// The value of `errno`.
    package var code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// Whether the disk, the quota or the size limit of files leaves no room.
    package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
}

extension SystemCallFailure: CustomStringConvertible {
    package var description: String { "\(call): \(Self.text(of: code))" }

    /// What the C library calls an error number.
    private static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            // Glibc's module declares the POSIX form, which fills the buffer.
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }
}
