/// Why a request got no response.
///
/// An HTTP error status is a response, not a failure.
package enum TransportFailure: Error, Hashable, Sendable {
    /// The host name (or that of the proxy) has no address. The request was not sent.
    case cannotResolve
    /// No address of the host accepted a connection. The request was not sent.
    case cannotConnect
    /// The connection was not made in time, or moved fewer bytes than the low-speed limit asks.
    /// The server may have acted on the request.
    case timedOut
    /// The connection ended before the response was complete. If everything was sent, the server
    /// may have acted on the request, and only asking it tells the outcome.
    case connectionLost(sentEverything: Bool)
    /// TLS was refused: certificate, host name or protocol. The request was not sent.
    case tls(String)
    /// The response is larger than its reader accepts.
    case bodyTooLarge
    /// The transfer was cancelled, its reader refused more bytes, its body could not be read, or
    /// the client stopped.
    case aborted
    /// The bytes of the answer could not be stored on this disk.
    case notStored(PosixError)
    /// Anything else, with libcurl's code and text.
    case other(code: Int32, message: String)
}

extension TransportFailure: CustomStringConvertible {
    /// The failure in words, fit for a log line or a message.
    package var description: String {
        switch self {
        case .cannotResolve: "the host name cannot be resolved"
        case .cannotConnect: "the host cannot be reached"
        case .timedOut: "the connection timed out"
        case .connectionLost(sentEverything: true):
            "the connection was lost while waiting for the response"
        case .connectionLost(sentEverything: false): "the connection was lost while sending"
        case .tls(let reason): "no secure connection: \(reason)"
        case .bodyTooLarge: "the response is larger than expected"
        case .notStored(.noSpace): "the answer finds no space on this disk"
        case .notStored(let error):
            "the answer could not be stored on this disk (error \(error.rawValue))"
        case .aborted: "the transfer was aborted"
        case .other(let code, let message): "\(message) (libcurl \(code))"
        }
    }
}
