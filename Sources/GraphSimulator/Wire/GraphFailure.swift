import Core

/// A refusal of the service: status, codes and headers, in the shape Graph gives errors.
struct GraphFailure: Error, Hashable {
    var status: Int
    var code: String
    var message: String
    /// The more exact code in `innerError`, if there is one.
    var innerCode: String?
    var headers: [HTTPHeader] = []

    init(
        _ status: Int, _ code: String, inner: String? = nil, _ message: String,
        headers: [HTTPHeader] = []
    ) {
        self.status = status
        self.code = code
        self.innerCode = inner
        self.message = message
        self.headers = headers
    }

    /// The response that says so.
    func response(requestID: String, now: Timestamp) -> SimulatedResponse {
        if status == 304 { return SimulatedResponse(status: 304, headers: headers) }
        let body = JSONOutput.object { output in
            output.member("error") { error in
                error.member("code", code)
                error.member("message", message)
                error.member("innerError") { inner in
                    if let innerCode { inner.member("code", innerCode) }
                    inner.member("date", String(now.rfc3339.dropLast()))
                    inner.member("request-id", requestID)
                    inner.member("client-request-id", requestID)
                }
            }
        }
        var response = SimulatedResponse.json(status, body)
        response.headers += headers
        return response
    }
}

extension GraphFailure {
    static let itemNotFound = GraphFailure(
        404, "itemNotFound", "The resource could not be found.")
    static let sessionNotFound = GraphFailure(
        404, "itemNotFound", inner: "uploadSessionNotFound", "The upload session was not found")
    static let unknownResource = GraphFailure(
        400, "BadRequest", "Resource not found for the segment.")
    static let notModified = GraphFailure(304, "notModified", "")
    static let nameAlreadyExists = GraphFailure(
        409, "nameAlreadyExists", "An item with the same name already exists under the parent")
    static let sessionExists = GraphFailure(
        409, "nameAlreadyExists", "An upload session already exists for this file")
    static let locked = GraphFailure(
        423, "resourceLocked", inner: "lockMismatch",
        "The file is currently checked out or locked for editing by another user.")
    static let entityTagMismatch = GraphFailure(
        412, "resourceModified", "ETag does not match current item's value")
    static let entityTagMalformed = GraphFailure(
        400, "invalidRequest", inner: "malformedEntityTag", "The ETag value is malformed.")
    static let quotaReached = GraphFailure(
        507, "quotaLimitReached", inner: "insufficientStorage", "Insufficient Space Available")
    static let methodNotAllowed = GraphFailure(
        405, "notAllowed", "The method is not allowed for this resource.")
    static let accessDenied = GraphFailure(403, "accessDenied", "Access denied")
    static let tokenOnPreauthenticatedURL = GraphFailure(
        401, "unauthenticated", inner: "invalidAudience",
        "A pre-authenticated URL must be used without an Authorization header.")

    static func invalidRequest(_ message: String, inner: String? = nil) -> GraphFailure {
        GraphFailure(400, "invalidRequest", inner: inner, message)
    }

    static func invalidRange(_ inner: String, _ message: String) -> GraphFailure {
        GraphFailure(416, "invalidRange", inner: inner, message)
    }

    static func unsupported(_ what: String) -> GraphFailure {
        GraphFailure(501, "notSupported", "\(what) is not supported.")
    }
}
