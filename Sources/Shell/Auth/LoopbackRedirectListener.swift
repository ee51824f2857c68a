import Core
import Glibc

/// Takes the redirect of the browser at the end of a sign-in: an HTTP server for one answer.
///
/// It listens on this machine only, looks at one path only, and refuses requests of unusual size.
package final class LoopbackRedirectListener: Sendable {
    /// Bytes of a request up to the end of its header.
    private static let requestLimit = 16 << 10
    /// Browsers open a few connections in advance; one more replaces the oldest.
    private static let connectionLimit = 8

    /// The redirect address with the port on which it listens.
    package let redirectURI: String
    private let path: String
    private let listeners: [LoopbackListener]

    /// Starts to listen.
    ///
    /// - Parameter redirectURI: An `http` address of this machine. Without a port any free one is
    ///   taken, which the identity platform allows for `localhost`.
    /// - Throws: `unusableRedirect` or `system`.
    package init(redirectURI: String) throws(SignInFailure) {
        guard let address = RedirectAddress(redirectURI), address.isLoopback else {
            throw .unusableRedirect(
                "signing in with the browser needs an address of this machine, such as "
                    + "http://localhost, not \(redirectURI)")
        }
        do throws(SystemFailure) {
            let first = try LoopbackSocket.listening(.v4, port: address.authority.port ?? 0)
            let port = try first.port()
            self.redirectURI = RedirectAddress.url(redirectURI, withPort: port)
            var all = [LoopbackListener(first)]
            // "localhost" may mean either address; a machine without IPv6 has the other only.
            if let second = try? LoopbackSocket.listening(.v6, port: port) {
                all.append(LoopbackListener(second))
            }
            listeners = all
        } catch {
            if error.errorNumber == EADDRINUSE {
                throw .unusableRedirect("another program listens at \(redirectURI)")
            }
            throw .system(error.operation, errorNumber: error.errorNumber)
        }
        path = address.path
    }

    /// Waits for the redirect, on a thread of its own.
    ///
    /// - Parameters:
    ///   - state: The text that the sign-in began with.
    ///   - timeout: How long the user may take.
    /// - Returns: The code, or why there is none.
    package func code(state: String, timeout: Duration) async -> Result<String, SignInFailure> {
        await withCheckedContinuation { continuation in
            do throws(ThreadFailure) {
                _ = try JoinableThread(name: "sign-in") { [self] in
                    continuation.resume(returning: wait(state: state, timeout: timeout))
                }
            } catch {
                continuation.resume(
                    returning: .failure(.system("pthread_create", errorNumber: error.errorNumber)))
            }
        }
    }

    private func wait(state: String, timeout: Duration) -> Result<String, SignInFailure> {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        var connections: [Connection] = []
        while true {
            let left = (end - clock.now).components
            guard left.seconds >= 0, left.attoseconds >= 0 else { return .failure(.timedOut) }
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1
            var polls = listeners.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            polls += connections.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&polls, nfds_t(polls.count), Int32(clamping: milliseconds)) >= 0 else {
                if errno == EINTR { continue }
                return .failure(.system("poll", errorNumber: errno))
            }
            let ready = Set(polls.filter { $0.revents != 0 }.map(\.fd))
            for connection in connections where ready.contains(connection.descriptor) {
                if let result = serve(connection, state: state) { return result }
            }
            connections.removeAll(where: \.isOver)
            for listener in listeners where ready.contains(listener.descriptor) {
                guard let socket = listener.accept() else { continue }
                if connections.count == Self.connectionLimit { connections.removeFirst() }
                connections.append(Connection(socket))
            }
        }
    }

    /// Reads what a connection has, and answers once its header is complete.
    private func serve(
        _ connection: Connection, state: String
    ) -> Result<String, SignInFailure>? {
        guard connection.read(limit: Self.requestLimit) else {
            if !connection.isOver {
                connection.answer(431, "The request is too large.")
            }
            return nil
        }
        guard let target = connection.target else { return nil }
        guard target.method == "GET" else {
            connection.answer(405, "Only GET is allowed here.")
            return nil
        }
        let parts = target.path.split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first == Substring(path) else {
            connection.answer(404, "There is nothing here.")
            return nil
        }
        let result = AuthorizationReply.code(
            query: parts.count == 2 ? parts[1] : "", state: state)
        switch result {
        case .success:
            connection.answer(200, "You are signed in. You can close this window.")
        case .failure(.foreignAnswer):
            // Another page's attempt must not end the sign-in that is under way.
            connection.answer(400, "This answer does not belong to the sign-in under way.")
            return nil
        case .failure:
            connection.answer(200, "The sign-in failed. The program tells why.")
        }
        return result
    }
}

/// A listening socket that the listener's array can hold.
private final class LoopbackListener: Sendable {
    private let socket: LoopbackSocket

    init(_ socket: consuming LoopbackSocket) {
        self.socket = socket
    }

    var descriptor: Int32 { socket.descriptor }

    func accept() -> LoopbackSocket? {
        let connection = Glibc.accept(socket.descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        return LoopbackSocket(owning: connection)
    }
}

/// A browser's connection and what it has sent so far.
private final class Connection {
    private let socket: LoopbackSocket
    private var bytes: [UInt8] = []
    private(set) var isOver = false

    init(_ socket: consuming LoopbackSocket) {
        self.socket = socket
    }

    var descriptor: Int32 { socket.descriptor }

    /// Reads what has arrived.
    ///
    /// False at the end of the connection or beyond the limit.
    func read(limit: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket.descriptor, &buffer, buffer.count, 0)
            if count < 0 {
                isOver = errno != EAGAIN && errno != EINTR
                return !isOver
            }
            guard count > 0 else {
                isOver = true
                return false
            }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit else { return false }
        }
    }

    /// Method and path of the request, once its header is complete.
    var target: (method: Substring, path: Substring)? {
        let text = String(decoding: bytes, as: UTF8.self)
        // A carriage return and a line feed are one Character.
        guard text.contains("\r\n\r\n"), let line = text.split(separator: "\r\n").first else {
            return nil
        }
        let words = line.split(separator: " ")
        return words.count == 3 ? (words[0], words[1]) : ("", "")
    }

    func answer(_ status: Int, _ text: String) {
        let page = "<!doctype html><meta charset=utf-8><title>onedrive</title><p>\(text)</p>\n"
        socket.sendAndFinish(
            """
            HTTP/1.1 \(status) \(status == 200 ? "OK" : "Refused")\r
            Content-Type: text/html; charset=utf-8\r
            Content-Length: \(page.utf8.count)\r
            Cache-Control: no-store\r
            Connection: close\r
            \r
            \(page)
            """)
        isOver = true
    }
}
