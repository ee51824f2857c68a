import Core
import Glibc
import Shell
import Synchronization

/// `onedrive start` as a process of its own, which can be killed.
final class ClientProcess: Sendable {
    /// The client did not come up, or did not end.
    struct Failed: Error {
        let status: Int32?
        let log: String
    }

    let process: pid_t
    private let bytes = Mutex<[UInt8]>([])
    private let mounted = Semaphore()
    private let ended = Semaphore()

    /// Long enough for the slowest machine: only a client that hangs takes so long.
    private static let patience: Int = 180

    /// Starts the program, and returns when the drive is mounted.
    init(_ arguments: [String], in directory: String, environment: [String: String]) throws {
        let (input, output) = try LinuxCalls.pipe()
        do {
            // Else the end of a program that does not come up would not be seen.
            defer { close(output) }
            process = try Program.spawn(
                arguments, in: directory, environment: environment, output: output, errors: output)
        }
        _ = try JoinableThread(name: "log") { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(input, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                let isMounted = bytes.withLock { bytes in
                    bytes += buffer[..<count]
                    return String(decoding: bytes, as: UTF8.self).contains("mounted on")
                }
                if isMounted { mounted.raise() }
            }
            close(input)
            ended.raise()
            mounted.raise()
        }
        guard mounted.wait(seconds: Self.patience), log.contains("mounted on") else {
            throw Failed(status: kill(), log: log)
        }
    }

    /// What the client has said so far.
    var log: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Asks the client to end.
    ///
    /// Returns its exit status.
    func stop() throws -> Int32 {
        Glibc.kill(process, SIGTERM)
        guard ended.wait(seconds: Self.patience) else {
            throw Failed(status: kill(), log: log)
        }
        return Program.wait(process)
    }

    /// Ends the client as a crash would.
    @discardableResult
    func kill() -> Int32 {
        Glibc.kill(process, SIGKILL)
        return Program.wait(process)
    }
}
