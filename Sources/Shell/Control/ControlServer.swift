import Core
import Dispatch
import Glibc
import Synchronization

/// Answers the command line over a socket in the system directory.
///
/// Each connection carries one request and one answer, a line of JSON each. Only the user whose
/// client this is may connect: the directory is his alone, and the peer is checked besides.
package final class ControlServer: Sendable {
    package typealias Handler =
        @Sendable (ControlRequest, @escaping @Sendable (JSONValue) -> Void) -> Void

    private let socket: ListeningSocket
    private let handler: Handler
    private let recorder: @Sendable (ControlConnection) -> Void
    private let acceptor = DispatchQueue(label: "onedrive.control")
    private let queue = DispatchQueue(label: "onedrive.control.answers", attributes: .concurrent)

    /// Listens.
    ///
    /// - Parameters:
    ///   - path: Of the socket.
    ///   - recorder: Serves a connection over which traffic is recorded.
    ///   - handler: Answers everything else.
    /// - Throws: Why nobody can be listened to.
    package init(
        path: String, recorder: @escaping @Sendable (ControlConnection) -> Void,
        handler: @escaping Handler
    ) throws(ControlError) {
        socket = try ListeningSocket(path: path)
        self.handler = handler
        self.recorder = recorder
        acceptor.async { [self] in acceptConnections() }
    }

    /// Stops listening.
    ///
    /// Answers under way still go out.
    package func stop() { socket.shutDown() }

    private func acceptConnections() {
        while let connection = socket.accept() {
            queue.async { [self] in serve(connection) }
        }
    }

    private func serve(_ connection: ControlConnection) {
        guard connection.isFromSameUser,
            let line = connection.readLine(limit: ControlRequest.longest),
            let json = try? JSONValue(parsing: line), let request = ControlRequest(json)
        else {
            connection.writeLine(["error": "this request is not understood"])
            return
        }
        if request == .record {
            recorder(connection)
        } else {
            handler(request) { answer in connection.writeLine(answer) }
        }
    }
}
