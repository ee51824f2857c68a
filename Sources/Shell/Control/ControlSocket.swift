import Core
import Glibc

/// Why the command line and a running client cannot talk.
package enum ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotListen(path: String, reason: String)
    /// Nobody listens: no client is running for this configuration.
    case notRunning(path: String)
    case brokenOff(path: String)

    package var description: String {
        switch self {
        case .cannotListen(let path, let reason): "\(path): cannot listen: \(reason)"
        case .notRunning(let path):
            "no client is running for this configuration (nobody listens on \(path)); "
                + "run 'onedrive start' first"
        case .brokenOff(let path): "\(path): the client ended before it answered"
        }
    }
}

/// A Unix socket that takes connections, in a file that nobody else may open.
final class ListeningSocket: Sendable {
    private let descriptor: Descriptor
    private let path: String

    init(path: String) throws(ControlError) {
        guard var address = UnixAddress(path) else {
            throw .cannotListen(path: path, reason: String(cString: strerror(errno)))
        }
        // Left over from a run that was killed: the lock of the directory says that nobody has it.
        unlink(path)
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else {
            throw .cannotListen(path: path, reason: String(cString: strerror(errno)))
        }
        descriptor = Descriptor(owning: raw)
        self.path = path
        let bound = address.withPointer { pointer, length in bind(raw, pointer, length) }
        guard bound == 0, chmod(path, 0o600) == 0, listen(raw, 16) == 0 else {
            throw .cannotListen(path: path, reason: String(cString: strerror(errno)))
        }
    }

    deinit { unlink(path) }

    func shutDown() { shutdown(descriptor.rawValue, Int32(SHUT_RDWR)) }

    /// The next connection; nil when the socket was shut down.
    func accept() -> ControlConnection? {
        while true {
            let raw = Glibc.accept(descriptor.rawValue, nil, nil)
            if raw >= 0 {
                _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
                return ControlConnection(Descriptor(owning: raw))
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }
}

/// One side of a connection between the command line and a client.
package final class ControlConnection: Sendable {
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Connects to a running client.
    package init(path: String) throws(ControlError) {
        guard var address = UnixAddress(path) else { throw .notRunning(path: path) }
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw .notRunning(path: path) }
        descriptor = Descriptor(owning: raw)
        let connected = address.withPointer { pointer, length in connect(raw, pointer, length) }
        guard connected == 0 else { throw .notRunning(path: path) }
    }

    /// Sends a request and waits for the answer, however long that takes.
    package func ask(_ request: ControlRequest, path: String) throws(ControlError) -> JSONValue {
        writeLine(request.json)
        guard let line = readLine(limit: 64 << 20), let json = try? JSONValue(parsing: line) else {
            throw .brokenOff(path: path)
        }
        return json
    }

    var isFromSameUser: Bool {
        // `struct ucred`, which Swift does not see: process, user and group.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        let result = getsockopt(
            descriptor.rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        return result == 0 && credentials[1] == getuid()
    }

    /// Ends what the peer can say: a reader here sees the end of the stream.
    func shutDownReading() { shutdown(descriptor.rawValue, Int32(SHUT_RD)) }

    /// Ends what is said to the peer, which sees the end of the stream.
    func shutDownWriting() { shutdown(descriptor.rawValue, Int32(SHUT_WR)) }

    /// Some bytes; none at the end of the stream.
    fileprivate func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor.rawValue, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            return Array(buffer.prefix(max(count, 0)))
        }
    }

    /// The bytes up to the next line feed; nil at the end of the stream or past the limit.
    func readLine(limit: Int) -> [UInt8]? {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while line.count <= limit {
            let count = recv(descriptor.rawValue, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            if let end = buffer[..<count].firstIndex(of: 0x0A) {
                return line + buffer[..<end]
            }
            line += buffer[..<count]
        }
        return nil
    }

    func writeLine(_ json: JSONValue) {
        var bytes = json.serialized()
        bytes.append(0x0A)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(
                    descriptor.rawValue, buffer.baseAddress?.advanced(by: offset),
                    buffer.count - offset, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            // The peer has gone away: nobody waits for the rest.
            guard count > 0 else { return }
            offset += count
        }
    }
}

/// Many lines, one behind the other.
struct ControlLines {
    private let connection: ControlConnection
    private var rest: [UInt8] = []

    init(_ connection: ControlConnection) { self.connection = connection }

    /// The next line; nil at the end of the stream or past the limit.
    mutating func next(limit: Int) -> [UInt8]? {
        var searched = 0
        while rest.count <= limit {
            if let end = rest[searched...].firstIndex(of: 0x0A) {
                defer { rest.removeSubrange(...end) }
                return Array(rest[..<end])
            }
            searched = rest.count
            let bytes = connection.receive()
            guard !bytes.isEmpty else { return nil }
            rest += bytes
        }
        return nil
    }
}

/// The address of a Unix socket.
private struct UnixAddress: ~Copyable {
    private var storage = sockaddr_un()
    /// Open while the address names the socket by way of it.
    private let directory: Descriptor?

    /// Makes the address of a path of any length: one that is too long for an address, which holds 107
    /// bytes (unix(7)), is given by way of its directory.
    ///
    /// - Returns: Nil if that cannot be opened; `errno` says why.
    init?(_ path: String) {
        let capacity = MemoryLayout.size(ofValue: storage.sun_path)
        var bytes = Array(path.utf8)
        if bytes.count < capacity {
            directory = nil
        } else {
            let name = bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
            let raw = open(
                String(decoding: bytes[..<name], as: UTF8.self), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard raw >= 0 else { return nil }
            directory = Descriptor(owning: raw)
            bytes = Array("/proc/self/fd/\(raw)".utf8) + bytes[name...]
        }
        storage.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage.sun_path) {
            $0.copyBytes(from: bytes.prefix(capacity - 1))
        }
    }

    mutating func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
