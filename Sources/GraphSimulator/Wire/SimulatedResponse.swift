import Core

/// One HTTP response of the simulated service.
package struct SimulatedResponse: Sendable {
    /// What the response carries after its headers.
    package enum Body: Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// A range of some content, to be produced while it is sent: it may be gigabytes long.
        case content(Blob, Range<UInt64>)

        /// The length in bytes.
        package var count: UInt64 {
            switch self {
            case .bytes(let bytes): UInt64(bytes.count)
            case .content(_, let range): range.upperBound - range.lowerBound
            }
        }
    }

    /// What the transport has to do with this response, beyond sending it.
    package struct Delivery: Hashable, Sendable {
        /// Milliseconds to wait before the first byte is sent.
        package var delayMilliseconds = 0
        /// If set, the connection is closed after that many bytes of the body.
        package var cutAfter: UInt64?
        /// The connection is closed without any answer.
        package var dropsConnection = false

        package init() {}
    }

    package var status: Int
    package var headers: [HTTPHeader]
    package var body: Body
    package var delivery = Delivery()

    package init(status: Int, headers: [HTTPHeader] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Returns the value of the first header field with that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.value(named: name)
    }

    /// The body as bytes, produced in memory.
    ///
    /// For tests and small answers only.
    package var bytes: [UInt8] {
        switch body {
        case .bytes(let bytes): bytes
        case .content(let blob, let range): blob.bytes(in: range)
        }
    }

    /// A JSON answer, with the content type Graph uses.
    static func json(_ status: Int, _ body: [UInt8]) -> SimulatedResponse {
        SimulatedResponse(status: status, headers: [jsonContentType], body: .bytes(body))
    }

    /// An answer without a body.
    static func empty(_ status: Int) -> SimulatedResponse {
        SimulatedResponse(status: status)
    }

    /// The content type of every JSON answer of Graph (its documentation of `GET /me` shows it).
    static let jsonContentType = HTTPHeader(
        "Content-Type",
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )
}
