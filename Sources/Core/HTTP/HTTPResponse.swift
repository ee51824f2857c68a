/// A response as it reached the client.
package struct HTTPResponse: Hashable, Sendable {
    /// The status code, 100 to 599.
    package var status: Int
    package var headers: [HTTPHeader]
    /// The body, or no bytes if it was streamed to its reader while it arrived.
    package var body: [UInt8]

    package init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Returns the value of the first header field with that name, without regard to ASCII case.
    package func header(_ name: String) -> String? {
        headers.value(named: name)
    }

    /// True for the statuses that say the request was done.
    package var isSuccess: Bool { (200..<300).contains(status) }
}
