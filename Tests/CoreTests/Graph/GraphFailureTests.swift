import Core
import Testing

struct GraphFailureTests {
    static let delta = GraphCall.delta(.link("https://graph.microsoft.com/v1.0/x"))
    static let item = GraphCall.item("i")
    static let create = GraphCall.createDirectory(parent: "p", name: "n")
    static let rename = GraphCall.change("i", ItemChange(name: "n"))
    static let touch = GraphCall.change("i", ItemChange(modified: .epoch))
    static let session = GraphCall.sessionStatus(url: "https://up.example/s")
    static let content = GraphCall.content(
        url: "https://down.example/c", range: 0..<5, of: PromisedContent(size: 5))
    static let fragment = GraphCall.fragment(
        url: "https://up.example/s", generation: GenerationID(rawValue: 1), range: 0..<5, total: 9)
    static let reopen = GraphCall.createSession(
        .replacing("i", ifMatch: nil), size: 9, modified: .epoch)

    static func failure(_ call: GraphCall, _ response: HTTPResponse) -> GraphFailure? {
        guard case .failure(let failure) = GraphAnswer(to: call, response) else { return nil }
        return failure
    }

    static func body(_ codes: [String]) -> String {
        var error: JSONValue = .null
        for code in codes.reversed() {
            error = ["code": .string(code), "message": "m", "innerError": error]
        }
        return JSONValue.object([JSONValue.Member(name: "error", value: error)]).text
    }

    @Test(
        "the status and the innermost known code decide",
        arguments: [
            (400, ["invalidRequest", "malformedEntityTag"], item, GraphFailure.Kind.badRequest),
            (400, ["invalidRequest", "neverSeen"], item, .badRequest),
            (400, [], item, .badRequest),
            (400, ["invalidRequest", "nameAlreadyExists"], create, .nameTaken),
            (400, ["itemNotFound"], item, .badRequest),
            (401, ["InvalidAuthenticationToken"], item, .unauthenticated),
            (401, ["unauthenticated", "expiredToken"], session, .addressExpired),
            (402, [], item, .forbidden),
            (403, ["accessDenied"], item, .forbidden),
            (403, ["neverSeen"], item, .forbidden),
            (403, ["malwareDetected"], item, .malware),
            (403, ["malwareDetected"], content, .malware),
            (403, ["accessDenied"], fragment, .addressExpired),
            (403, ["accessDenied", "quotaLimitReached"], fragment, .quota),
            (403, ["serviceReadOnly"], create, .forbidden),
            (403, ["notAllowed", "lockMismatch"], rename, .locked),
            (404, ["itemNotFound"], item, .notFound),
            (404, [], item, .notFound),
            (404, ["itemNotFound", "uploadSessionNotFound"], fragment, .addressExpired),
            (405, ["notAllowed"], item, .notSupported),
            (406, [], item, .notSupported),
            (407, [], item, .notGraph),
            (408, [], item, .serverFault),
            (409, ["nameAlreadyExists"], create, .nameTaken),
            (409, ["nameAlreadyExists"], rename, .nameTaken),
            (409, ["upload_name_conflict"], fragment, .nameTaken),
            (409, ["nameAlreadyExists"], reopen, .locked),
            (409, ["resourceModified"], create, .preconditionFailed),
            (409, ["accessDenied"], rename, .forbidden),
            (409, [], create, .nameTaken),
            (409, [], touch, .preconditionFailed),
            (410, ["resyncRequired"], delta, .gone(.unknown, location: nil)),
            (410, [], delta, .gone(.unknown, location: nil)),
            (410, [], item, .notFound),
            (410, [], content, .addressExpired),
            (400, ["syncStateNotFound"], delta, .gone(.unknown, location: nil)),
            (411, [], create, .badRequest),
            (412, ["resourceModified"], rename, .preconditionFailed),
            (412, ["notAllowed", "preconditionFailed"], rename, .preconditionFailed),
            (413, ["maxFragmentLengthExceeded"], fragment, .tooLarge),
            (416, ["invalidRange", "fragmentOverlap"], fragment, .rangeNotSatisfiable),
            (416, [], content, .rangeNotSatisfiable),
            (422, [], create, .badRequest),
            (423, ["resourceLocked"], rename, .locked),
            (423, ["accessDenied"], rename, .locked),
            (424, [], item, .serverFault),
            (429, ["activityLimitReached", "throttledRequest"], item, .throttled),
            (429, [], fragment, .throttled),
            (500, ["generalException"], item, .serverFault),
            (500, ["itemNotFound"], item, .serverFault),
            (500, ["generalException", "cannotSnapshotTree"], delta, .serverFault),
            (501, ["notSupported"], delta, .notSupported),
            (501, [], delta, .notSupported),
            (502, [], item, .serverFault),
            (503, [], item, .serverFault),
            (503, ["serviceNotAvailable"], item, .throttled),
            (504, ["UnknownError"], create, .serverFault),
            (507, ["quotaLimitReached"], fragment, .quota),
            (507, [], create, .quota),
            (509, ["activityLimitReached"], item, .throttled),
            (511, [], item, .notGraph),
            (302, [], item, .notGraph),
            (304, [], item, .notGraph),
        ] as [(Int, [String], GraphCall, GraphFailure.Kind)])
    func kinds(_ status: Int, _ codes: [String], _ call: GraphCall, _ kind: GraphFailure.Kind) {
        let response = HTTPResponse(status, codes.isEmpty ? "" : Self.body(codes))
        #expect(Self.failure(call, response)?.kind == kind)
    }

    @Test(
        "answers that were seen are understood",
        arguments: [
            ("composed-error-400-etag", touch, GraphFailure.Kind.badRequest, "malformedEntityTag"),
            ("composed-error-401-graph", item, .unauthenticated, "InvalidAuthenticationToken"),
            ("composed-error-403-accessdenied", item, .forbidden, "accessDenied"),
            ("composed-error-403-malware", content, .malware, "malwareDetected"),
            ("composed-error-404-itemnotfound", item, .notFound, "itemNotFound"),
            ("composed-error-404-session", fragment, .addressExpired, "uploadSessionNotFound"),
            ("composed-error-409-nameexists", create, .nameTaken, "nameAlreadyExists"),
            ("composed-error-503", item, .throttled, "serviceNotAvailable"),
            ("error-416-fragment-overlap", fragment, .rangeNotSatisfiable, "fragmentOverlap"),
            ("error-429-graph", item, .throttled, "TooManyRequests"),
            ("error-501-delta-property", delta, .notSupported, "NotImplemented"),
            ("issue-error-400-objecthandle", item, .badRequest, "invalidRequest"),
            ("issue-error-400-prefer", delta, .badRequest, "invalidRequest"),
            ("issue-error-400-delta-function-form", delta, .badRequest, "invalidRequest"),
            ("issue-error-401-upload-expiredtoken", session, .addressExpired, "expiredToken"),
            ("issue-error-404-nested", item, .notFound, "folderDoesNotExist"),
            ("issue-error-404-itemnotfound-personal", item, .notFound, "itemNotFound"),
            ("issue-error-409-session-exists", reopen, .locked, "nameAlreadyExists"),
            (
                "issue-error-410-resyncrequired", delta, .gone(.unknown, location: nil),
                "resyncRequired"
            ),
            ("issue-error-412-notallowed", rename, .preconditionFailed, "preconditionFailed"),
            ("issue-error-412-resourcemodified", rename, .preconditionFailed, "resourceModified"),
            ("issue-error-423-checked-out", rename, .locked, "accessDenied"),
            ("issue-error-423-lock-token", rename, .locked, "accessDenied"),
            ("issue-error-429-no-retry-after", item, .throttled, "activityLimitReached"),
            ("issue-error-429-throttledrequest", item, .throttled, "throttledRequest"),
            ("issue-error-500-generalexception", delta, .serverFault, "generalException"),
            ("issue-error-500-nextlink", delta, .serverFault, "InternalServerError"),
            ("issue-error-501-delta-not-root", delta, .notSupported, "notSupported"),
            ("issue-error-507-quota", fragment, .quota, "quotaLimitReached"),
            ("upload-session-conflict-409", fragment, .nameTaken, "nameAlreadyExists"),
            ("upload-session-conflict-409-old", fragment, .nameTaken, "upload_name_conflict"),
        ] as [(String, GraphCall, GraphFailure.Kind, String)])
    func samples(
        _ sample: String, _ call: GraphCall, _ kind: GraphFailure.Kind, _ code: String
    ) throws {
        let response = try GraphSample.response(sample)
        let failure = try #require(Self.failure(call, response))
        #expect(failure.kind == kind)
        #expect(failure.code == code)
        #expect(failure.status == response.status)
        #expect(!failure.message.isEmpty)
    }

    @Test("a lost place in the changes says who wins and where to go on")
    func resync() throws {
        let composed = try GraphSample.response("composed-error-410-resync-codes")
        let fresh =
            "https://graph.microsoft.com/v1.0/drives/0123456789abcdef/root/delta?token=OPAQUE0"
        #expect(
            Self.failure(Self.delta, composed)?.kind == .gone(.applyDifferences, location: fresh))
        let personal = try GraphSample.response("issue-error-410-location-personal")
        #expect(
            Self.failure(Self.delta, personal)?.kind
                == .gone(.unknown, location: personal.header("Location")))
        for code in ["resyncUploadDifferences", "resyncChangesUploadDifferences"] {
            let response = HTTPResponse(410, Self.body(["resyncRequired", code]))
            #expect(
                Self.failure(Self.delta, response)?.kind == .gone(.uploadDifferences, location: nil)
            )
        }
    }

    @Test("the wish to be left alone comes with the failure")
    func retryAfter() throws {
        let throttled = Self.failure(
            Self.item, try GraphSample.response("issue-error-429-retry-after"))
        #expect(throttled?.retryAfter == .delay(nanoseconds: 120_000_000_000))
        let bare = Self.failure(Self.item, try GraphSample.response("ratelimit-429"))
        #expect(bare?.retryAfter == .delay(nanoseconds: 31_000_000_000))
        #expect(bare?.kind == .throttled)
        let unavailable = Self.failure(
            Self.item, HTTPResponse(503, "<html>busy</html>", ["Retry-After": "4"]))
        #expect(unavailable?.kind == .throttled)
    }

    @Test(
        "the word of something in between is not taken for Graph's",
        arguments: [
            (200, "<html>sign in</html>", item), (200, " \r\n<!DOCTYPE html>", delta),
            (404, "<html>no such page</html>", item), (403, "<html>blocked</html>", item),
            (201, "<html/>", create),
        ])
    func portals(_ status: Int, _ body: String, _ call: GraphCall) {
        let failure = Self.failure(
            call, HTTPResponse(status, body, ["Content-Type": "text/html; charset=utf-8"]))
        #expect(failure?.kind == .notGraph)
    }

    @Test("no body of an error is too broken", arguments: ["", "{", "null", "[]", "{\"error\":5}"])
    func brokenBodies(_ body: String) {
        let failure = Self.failure(Self.item, HTTPResponse(500, body))
        #expect(failure == GraphFailure(kind: .serverFault, status: 500))
    }

    @Test("messages and nesting are bounded")
    func bounds() {
        let long = String(repeating: "ä", count: 5_000)
        let deep = Self.body(Array(repeating: "invalidRequest", count: 20) + ["itemNotFound"])
        #expect(Self.failure(Self.item, HTTPResponse(404, deep))?.code == "invalidRequest")
        let response = HTTPResponse(400, "{\"error\":{\"code\":\"x\",\"message\":\"\(long)\"}}")
        #expect((Self.failure(Self.item, response)?.message.utf8.count ?? .max) <= 303)
    }

    @Test("a failure reads well in a log")
    func description() {
        let failure = GraphFailure(
            kind: .locked, status: 423, code: "resourceLocked", message: "It is locked")
        #expect("\(failure)" == "It is locked (423 resourceLocked)")
        #expect("\(GraphFailure(kind: .quota, status: 507))" == "quota (507)")
    }
}
