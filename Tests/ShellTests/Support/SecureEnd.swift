import Core
import Glibc
import Shell
import Synchronization
import Testing

/// A real end of TLS in front of a server of this process: nghttpx, which speaks HTTP/2 with clients
/// and HTTP/1.1 with the server.
///
/// It keeps its port when it is killed and started anew, and runs until it is killed.
final class SecureEnd: Sendable {
    /// A request that it has passed on, as it logs them at their end.
    struct Exchange: Hashable, Sendable {
        /// What was agreed on with TLS: `h2` or `http/1.1`.
        let `protocol`: String
        /// The port of the client, which tells its connections apart.
        let clientPort: String
        let status: String
        let request: String
    }

    private struct State {
        var process: pid_t?
        var reader: JoinableThread?
        var exchanges: [Exchange] = []
        var log = ""
    }

    struct Failed: Error { var log: String }

    /// Whether the programs are there that it needs.
    static let isPossible =
        (try? Child("\(search); (command -v nghttpx && command -v openssl) >/dev/null").wait()) == 0
    static let need: Comment = "needs nghttpx (nghttp2-proxy) and openssl"

    /// Ordinary users do not have the place of Debian's nghttpx in their path.
    private static let search = "PATH=$PATH:/usr/sbin"
    /// Only what hangs takes so long, in seconds.
    private static let patience = 60

    let port: UInt16
    let authority: TestAuthority
    private let server: UInt16
    private let options: String
    /// Holds the port: the system gives it to nobody who does not ask for it by number.
    private let reservation: Int32
    private let state = Mutex(State())
    private let noted = Semaphore()

    /// Starts it, and blocks until it listens.
    ///
    /// - Parameters:
    ///   - server: The port of the server on 127.0.0.1.
    ///   - authority: Gives the certificate.
    ///   - options: Further options of nghttpx.
    /// - Throws: Why it does not run.
    init(before server: UInt16, authority: TestAuthority, options: String = "") throws {
        self.server = server
        self.authority = authority
        self.options = options
        (reservation, port) = try Self.reserve()
        try start()
    }

    deinit { close(reservation) }

    var baseURL: String { "https://127.0.0.1:\(port)" }

    /// What it passed on so far; blocks until there is so much.
    func exchanges(_ count: Int) throws -> [Exchange] {
        while true {
            let (exchanges, log) = state.withLock { ($0.exchanges, $0.log) }
            if exchanges.count >= count { return exchanges }
            guard noted.wait(seconds: Self.patience) else { throw Failed(log: log) }
        }
    }

    /// Starts it again after ``kill()``.
    func start() throws {
        let (input, output) = try LinuxCalls.pipe()
        defer { close(output) }
        let folder = authority.directory.path
        let child = try Child(
            """
            \(Self.search)
            exec nghttpx --conf=/dev/null --single-process --no-ocsp --no-location-rewrite \\
                --frontend="127.0.0.1,\(port)" --backend="127.0.0.1,\(server)" \\
                --accesslog-file=/dev/stdout \\
                --accesslog-format='exchange $alpn $remote_port $status $request' \\
                \(options) "\(folder)/server.key" "\(folder)/server.pem" 2>&1
            """, output: output)
        let listening = Semaphore()
        state.withLock { $0.log = "" }
        let reader = try JoinableThread(name: "nghttpx") { [self] in
            read(input, raising: listening)
        }
        state.withLock { state in
            state.process = child.process
            state.reader = reader
        }
        let isListening =
            listening.wait(seconds: Self.patience)
            && state.withLock { $0.log.contains(Self.readiness) }
        guard isListening else {
            kill()
            throw Failed(log: state.withLock { $0.log })
        }
    }

    /// Ends it, and all its connections, without a farewell.
    func kill() {
        let (process, reader) = state.withLock { state in
            defer { (state.process, state.reader) = (nil, nil) }
            return (state.process, state.reader)
        }
        if let process {
            Glibc.kill(process, SIGKILL)
            _ = Program.wait(process)
        }
        reader?.join()
    }

    private static let readiness = "Listening on"

    private func read(_ input: Int32, raising listening: Semaphore) {
        defer {
            close(input)
            // Whoever waits sees in the log that it has ended.
            listening.raise()
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        var line: [UInt8] = []
        while true {
            let count = Glibc.read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            for byte in buffer[..<count] {
                if byte == 0x0A {
                    let text = String(decoding: line, as: UTF8.self)
                    note(text)
                    if text.contains(Self.readiness) { listening.raise() }
                    line = []
                } else {
                    line.append(byte)
                }
            }
        }
    }

    private func note(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 4).map { String($0) }
        if words.count == 5, words[0] == "exchange" {
            state.withLock {
                $0.exchanges.append(
                    Exchange(
                        protocol: words[1], clientPort: words[2], status: words[3],
                        request: words[4]))
            }
            noted.raise()
        } else {
            state.withLock { $0.log += line + "\n" }
        }
    }

    /// A port of 127.0.0.1 that is bound and not listened on, so that one program may do that.
    private static func reserve() throws -> (Int32, UInt16) {
        let descriptor = try Calls.check(
            Int(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var on: Int32 = 1
        setsockopt(
            Int32(descriptor), SOL_SOCKET, SO_REUSEADDR, &on,
            socklen_t(MemoryLayout<Int32>.size))
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(Int32(descriptor), address, length) == 0
                    ? getsockname(Int32(descriptor), address, &length) : -1
            }
        }
        _ = try Calls.check(Int(status))
        return (Int32(descriptor), UInt16(bigEndian: address.sin_port))
    }
}
