/// A request as Core decides it; the shell only sends it.
package struct HTTPRequest: Hashable, Sendable {
    package var method: HTTPMethod
    /// The absolute URL, already percent-encoded and sent byte for byte.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: HTTPBody

    package init(
        _ method: HTTPMethod, _ url: String, headers: [HTTPHeader] = [], body: HTTPBody = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Returns the value of the first header field with that name, without regard to ASCII case.
    package func header(_ name: String) -> String? {
        headers.value(named: name)
    }

    /// The URL as logs may show it: who is asked and for what, without anything that grants access.
    ///
    /// Only requests that authenticate by header keep their path: the paths of pre-authenticated
    /// addresses (downloads, upload sessions, copy monitors) are secrets as a whole.
    package var loggableURL: String {
        LoggableURL.text(url, keepsPath: header("Authorization") != nil)
    }
}

/// The methods that Graph and the identity platform use.
package enum HTTPMethod: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
    case patch = "PATCH"
    case delete = "DELETE"
}
