import Core

/// Where the body of a successful response goes.
///
/// The body of any other response is kept in memory, up to 1 MiB of it.
package enum ResponseSink: Sendable {
    /// Into the response. A longer body fails the transfer with `bodyTooLarge`.
    case memory(limit: Int)
    /// To a reader, while it arrives.
    case stream(ResponseStream)

    /// Room for any answer of Graph: its largest delta pages have a few megabytes.
    package static let json = ResponseSink.memory(limit: 64 << 20)
}

/// A reader of a response body.
///
/// Its functions are called on the client's thread, in the order of the bytes, and never after the
/// completion; they must not block for long.
package struct ResponseStream: Sendable {
    /// Is shown the status and the header fields of a 2xx response before its body.
    ///
    /// False aborts.
    ///
    /// Whoever asked for a range checks here that he gets that range, and of that version.
    package var accept: @Sendable (HTTPResponse) -> Bool
    /// Takes the bytes that start at that offset of the body.
    ///
    /// False aborts the transfer.
    package var write: @Sendable (UnsafeRawBufferPointer, Int64) -> Bool

    package init(
        accept: @escaping @Sendable (HTTPResponse) -> Bool = { _ in true },
        write: @escaping @Sendable (UnsafeRawBufferPointer, Int64) -> Bool
    ) {
        self.accept = accept
        self.write = write
    }
}
