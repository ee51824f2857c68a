/// Recorded traffic, as files of the form HAR 1.2 hold it.
///
/// Browsers and proxies write such files, too; what they add is not kept.
package struct HTTPArchive: Hashable, Sendable {
    /// In the order in which the requests were sent.
    package var entries: [RecordedExchange]
    /// What the recording is of.
    package var comment: String?

    package init(entries: [RecordedExchange] = [], comment: String? = nil) {
        self.entries = entries
        self.comment = comment
    }
}

/// One request with what came of it.
package struct RecordedExchange: Hashable, Sendable {
    /// When the request was sent, as far as the file says so.
    package var started: Timestamp?
    /// How long it took, in milliseconds.
    package var milliseconds: Int64
    package var request: RecordedRequest
    /// Nil where no answer came: the connection was lost.
    package var response: RecordedResponse?

    package init(
        started: Timestamp?, milliseconds: Int64 = 0, request: RecordedRequest,
        response: RecordedResponse?
    ) {
        self.started = started
        self.milliseconds = milliseconds
        self.request = request
        self.response = response
    }
}

/// A request as it was sent.
package struct RecordedRequest: Hashable, Sendable {
    package var method: String
    /// Absolute and percent-encoded.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: RecordedBody

    package init(
        method: String, url: String, headers: [HTTPHeader] = [], body: RecordedBody = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// A request of this program; of a body that lies in a content file only its length counts.
    package init(_ request: HTTPRequest) {
        let body: RecordedBody =
            switch request.body {
            case .none: .none
            case .bytes(let bytes): .bytes(bytes)
            case .content(let source): .leftOut(count: source.count)
            }
        self.init(
            method: request.method.rawValue, url: request.url, headers: request.headers,
            body: body)
    }
}

/// An answer as it came.
package struct RecordedResponse: Hashable, Sendable {
    package var status: Int
    package var headers: [HTTPHeader]
    package var body: RecordedBody

    package init(status: Int, headers: [HTTPHeader] = [], body: RecordedBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The answer as the client would take it; a body that was left out is empty.
    package var http: HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: body.bytes)
    }
}

/// The body of a message.
package enum RecordedBody: Hashable, Sendable {
    case bytes([UInt8])
    /// The bytes of a file, which a recording does not keep.
    case leftOut(count: Int64)

    package static let none = RecordedBody.bytes([])

    package var count: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .leftOut(let count): count
        }
    }

    package var bytes: [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .leftOut: []
        }
    }
}
