import Core
import Foundation
import Glibc
import Shell
import Synchronization
import Testing

/// A mount on a directory of its own that is gone after the test, whatever happened.
final class TestMount: Sendable {
    /// Where the file system is mounted.
    let path: String
    let session: FuseSession
    let notifier: KernelNotifier
    private let directory: TemporaryDirectory

    /// Whether this process may mount at all.
    static let isPossible: Bool = {
        let device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard device >= 0 else { return false }
        close(device)
        return true
    }()

    /// Whether this process may end a mount that hangs: ordinary users do so by the kernel's list.
    static let canEnd: Bool = {
        if geteuid() == 0 { return true }
        let mounts = (try? Calls.read("/proc/self/mountinfo")) ?? []
        return String(decoding: mounts, as: UTF8.self)
            .contains(" /sys/fs/fuse/connections ")
    }()

    /// Whether the kernel takes content files of this process.
    static let hasPassthrough: Bool = {
        var system = utsname()
        guard geteuid() == 0, uname(&system) == 0 else { return false }
        let release = withUnsafeBytes(of: system.release) { String(decoding: $0, as: UTF8.self) }
        let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap {
            Int($0)
        }
        return !numbers.lexicographicallyPrecedes([6, 9])
    }()

    private init(
        _ fileSystem: any FileSystem, _ options: FuseSession.Options, _ notifier: KernelNotifier
    ) throws {
        directory = try TemporaryDirectory()
        path = try directory.canonicalPath()
        self.notifier = notifier
        session = try FuseSession(
            mounting: fileSystem, at: path, options: options, notifier: notifier)
    }

    /// Mounts, and runs the body on a thread of its own: calls on a mount block, and the threads of
    /// Swift's concurrency must not.
    static func with(
        _ fileSystem: any FileSystem, options: FuseSession.Options = FuseSession.Options(),
        notifier: KernelNotifier = KernelNotifier(),
        _ body: @escaping @Sendable (TestMount) throws -> Void
    ) async throws {
        try await onThread {
            let mount = try TestMount(fileSystem, options, notifier)
            defer { mount.session.unmount() }
            try body(mount)
        }
    }
}

extension TemporaryDirectory {
    /// The path as the system writes it.
    func canonicalPath() throws(PosixError) -> String {
        guard let path = realpath(path, nil) else { throw PosixError(rawValue: errno) }
        defer { free(path) }
        return String(cString: path)
    }
}

/// Runs something that blocks on a thread of its own.
func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    let errand = Errand(body)
    return try await withCheckedThrowingContinuation { continuation in
        do {
            // The thread ends by itself; nobody waits for it but through the continuation.
            _ = try JoinableThread(name: "test") {
                continuation.resume(with: Result { try errand.run() })
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

/// Something that runs once, and what it needs is given back before anybody hears of its end.
///
/// A thread holds what it runs until it ends; the tests could be over before that, and leave behind
/// what was to be removed with it, such as a mount.
private final class Errand<Value: Sendable>: Sendable {
    private let body: Mutex<(@Sendable () throws -> Value)?>

    init(_ body: @escaping @Sendable () throws -> Value) { self.body = Mutex(body) }

    func run() throws -> Value {
        guard let body = body.withLock({ $0.take() }) else { preconditionFailure("run twice") }
        return try body()
    }
}

/// Calls of the system that throw what they find in `errno`.
enum Calls {
    static func check(_ result: Int) throws(PosixError) -> Int {
        guard result >= 0 else { throw PosixError(rawValue: errno) }
        return result
    }

    static func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0o644) throws(PosixError)
        -> Int32
    {
        Int32(try check(Int(Glibc.open(path, flags | O_CLOEXEC, mode))))
    }

    static func stat(_ path: String) throws(PosixError) -> stat {
        var status = Glibc.stat()
        _ = try check(Int(lstat(path, &status)))
        return status
    }

    static func read(_ path: String, chunk: Int = 1 << 20) throws(PosixError) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        return try read(descriptor, chunk: chunk)
    }

    /// Reads from the position of a descriptor to the end.
    static func read(_ descriptor: Int32, chunk: Int = 1 << 20) throws(PosixError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: chunk)
        while true {
            let count = try check(Glibc.read(descriptor, &buffer, chunk))
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws(PosixError) {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { rest in
                Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            done += try check(count)
        }
    }

    /// The names in a directory, sorted, without `.` and `..`.
    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

/// A program run by the shell.
struct Child {
    let process: pid_t

    /// Starts `/bin/sh -c`, with standard input and output as given; by default there is no input.
    ///
    /// It has no other descriptors of this process: a file that another test is writing would stay
    /// open for writing in it, and a connection that was closed would stay open.
    init(_ script: String, input: Int32? = nil, output: Int32 = 1) throws(PosixError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        try LinuxCalls.close(from: 3, in: &actions)
        let arguments = ["sh", "-c", script]
        var words = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child = pid_t()
        let code = SpawnAttributes.withCleanSignals { attributes in
            posix_spawn(&child, "/bin/sh", &actions, attributes, &words, environ)
        }
        guard code == 0 else { throw PosixError(rawValue: code) }
        process = child
    }

    /// Waits for the end; the status of `waitpid(2)`.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}
