import Core
import Glibc

/// The log of the database of a client in this process, which can be kept from becoming durable.
///
/// In the place of the descriptor by which it is made so stands one that cannot be synchronised; what
/// SQLite writes goes on through its own.
final class StuckLog {
    private let descriptor: Int32
    private let original: Int32
    let path: String

    struct NotFound: Error {}

    /// - Parameter state: The system directory of the client.
    /// - Throws: ``NotFound`` if there is no such descriptor.
    init(in state: String) throws {
        guard let resolved = realpath("\(state)/state.sqlite-wal", nil) else { throw NotFound() }
        defer { Glibc.free(resolved) }
        let path = String(cString: resolved)
        self.path = path
        // SQLite opens its files in this way, and nothing else does.
        let flag = O_NOFOLLOW
        let found = try Calls.names(in: "/proc/self/fd").compactMap { Int32($0) }.filter {
            Self.file($0) == path && fcntl($0, F_GETFL) & flag == 0
        }
        guard let first = found.first, found.count == 1 else { throw NotFound() }
        descriptor = first
        original = Int32(try Calls.check(Int(fcntl(first, F_DUPFD_CLOEXEC, 3))))
        let (input, output) = try LinuxCalls.pipe()
        defer { for end in [input, output] { close(end) } }
        try Self.replace(descriptor, by: output)
    }

    deinit { close(original) }

    func free() throws { try Self.replace(descriptor, by: original) }

    private static func replace(_ descriptor: Int32, by other: Int32) throws {
        guard dup2(other, descriptor) == descriptor else { throw PosixError(rawValue: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func file(_ descriptor: Int32) -> String? {
        try? Calls.linkTarget("/proc/self/fd/\(descriptor)")
    }
}
