extension GraphFailure {
    /// How much of a message is kept, in bytes.
    private static let messageLimit = 300
    /// How deep error codes may nest.
    private static let depthLimit = 8

    /// Reads an answer that is not a success.
    ///
    /// Its body may be empty, HTML or cut off.
    init(_ response: HTTPResponse, to call: GraphCall) {
        let body = try? JSONDocument(parsing: response.body)
        let error = body?.root["error"]
        let codes = Self.codes(error)
        let meanings = codes.map(Meaning.init(code:))
        let retryAfter = RetryAfter(response)
        let reply = Reply(
            status: response.status, codes: codes,
            meaning: meanings.last { $0 != nil && $0 != .generic } ?? nil,
            isInfected: response.header("X-Virus-Infected") != nil,
            isHTML: response.isHTML, asksToWait: retryAfter != nil,
            location: response.header("Location"))
        let known = meanings.lastIndex { $0 != nil }
        self.init(
            kind: reply.kind(for: call), status: response.status,
            code: known.map { codes[$0] } ?? codes.first,
            message: Self.message(error), retryAfter: retryAfter)
    }

    /// The error codes from the outermost to the innermost.
    ///
    /// Both spellings of the member occur.
    private static func codes(_ error: JSONCursor?) -> [String] {
        var codes: [String] = []
        var current = error
        for _ in 0..<depthLimit {
            guard let level = current else { break }
            if let code = level["code"]?.string { codes.append(code) }
            current = level["innerError"] ?? level["innererror"]
        }
        return codes
    }

    private static func message(_ error: JSONCursor?) -> String {
        let text = error?["message"]?.string ?? ""
        return String(decoding: text.utf8.prefix(messageLimit), as: UTF8.self)
    }
}

/// What there is to decide from.
private struct Reply {
    var status: Int
    var codes: [String]
    var meaning: Meaning?
    var isInfected: Bool
    var isHTML: Bool
    var asksToWait: Bool
    var location: String?

    /// The status decides where it can mean one thing only; else the code does, and the status
    /// where there is none that is known.
    func kind(for call: GraphCall) -> GraphFailure.Kind {
        if let kind = kindOfPreauthenticated(call) { return kind }
        // Nothing else can clash there.
        if case .checkOut = call, status == 409 { return .locked }
        switch status {
        case 300..<400, 407, 511: return .notGraph
        // Said by a proxy, these would tell nothing of the item.
        case 403, 404: if isHTML && !isInfected { return .notGraph }
        case 401: return .unauthenticated
        case 410: return call.isDelta ? gone : .notFound
        case 412: return .preconditionFailed
        case 413: return .tooLarge
        case 416: return .rangeNotSatisfiable
        case 423: return .locked
        case 429, 509: return .throttled
        case 503: return asksToWait || meaning == .kind(.throttled) ? .throttled : .serverFault
        case 507: return .quota
        default: break
        }
        if isInfected { return .malware }
        return kindByCode(call) ?? kindByStatus(call)
    }

    private func kindByCode(_ call: GraphCall) -> GraphFailure.Kind? {
        switch meaning {
        case .kind(.nameTaken): return nameTaken(call)
        // That something is not there is believed of the status that says so alone.
        case .kind(.notFound): return status == 404 ? .notFound : nil
        case .kind(let kind):
            let isBreakdown = status >= 500 && status != 501
            return isBreakdown && kind != .throttled && kind != .quota ? nil : kind
        case .resync: return call.isDelta ? gone : nil
        case .generic, nil: return nil
        }
    }

    private func kindByStatus(_ call: GraphCall) -> GraphFailure.Kind {
        switch status {
        case 402, 403: .forbidden
        case 404: .notFound
        case 405, 406, 415, 501: .notSupported
        case 408, 424: .serverFault
        case 409: call.takesName ? nameTaken(call) : .preconditionFailed
        case 500...: .serverFault
        default: .badRequest
        }
    }

    /// Addresses that carry their own proof answer with 401, 403, 404 or 410 once it has expired,
    /// even while the session that they belong to looks alive (onedrive-api-docs#1570).
    private func kindOfPreauthenticated(_ call: GraphCall) -> GraphFailure.Kind? {
        switch call.authorization {
        case .bearer: return nil
        case .none: break
        }
        switch status {
        case 300..<400, 401, 404, 410: return .addressExpired
        case 403:
            if isInfected { return .malware }
            switch meaning {
            case .kind(.malware), .kind(.quota), .kind(.locked): return nil
            case .kind, .resync, .generic, nil: return .addressExpired
            }
        default: return nil
        }
    }

    /// A version of an existing item cannot clash in its name: the answer then means that another
    /// upload session holds it (microsoft-graph-docs-contrib#6558).
    private func nameTaken(_ call: GraphCall) -> GraphFailure.Kind {
        switch call {
        case .createSession(.replacing, _, _), .uploadSmall(.replacing, _, _): .locked
        case .drive, .libraries, .rootItem, .delta, .children, .item, .child, .createDirectory,
            .uploadSmall(.new, _, _), .createSession(.new, _, _), .fragment, .sessionStatus,
            .cancelSession, .change, .delete, .checkoutState, .checkOut, .checkIn, .discardCheckout,
            .contentLocation, .thumbnailLocation, .content:
            .nameTaken
        }
    }

    /// The variant has two spellings, and may be at any level.
    private var gone: GraphFailure.Kind {
        let resync: GraphFailure.Resync =
            if codes.contains(where: { $0.hasSuffix("UploadDifferences") }) {
                .uploadDifferences
            } else if codes.contains(where: { $0.hasSuffix("ApplyDifferences") }) {
                .applyDifferences
            } else {
                .unknown
            }
        return .gone(resync, location: location)
    }
}

/// What a documented error code says.
private enum Meaning: Hashable {
    case kind(GraphFailure.Kind)
    case resync
    /// No more than the status does.
    case generic

    init?(code: String) {
        switch code {
        case "quotaLimitReached", "insufficientStorage": self = .kind(.quota)
        case "malwareDetected", "virusSuspicious": self = .kind(.malware)
        case "resourceLocked", "lockMismatch", "lockOwnerMismatch", "lockNotFoundOrAlreadyExpired":
            self = .kind(.locked)
        case "activityLimitReached", "throttledRequest", "TooManyRequests", "serviceNotAvailable",
            "ServiceUnavailable":
            self = .kind(.throttled)
        case "nameAlreadyExists", "upload_name_conflict": self = .kind(.nameTaken)
        case "resourceModified", "entityTagDoesNotMatch", "preconditionFailed":
            self = .kind(.preconditionFailed)
        case "resyncRequired", "resyncApplyDifferences", "resyncUploadDifferences",
            "resyncChangesApplyDifferences", "resyncChangesUploadDifferences", "syncStateNotFound":
            self = .resync
        case "maxFileSizeExceeded", "maxFragmentLengthExceeded", "maxStreamSizeExceeded":
            self = .kind(.tooLarge)
        case "invalidRange", "fragmentOverlap", "fragmentOutOfOrder", "fragmentLengthMismatch",
            "uploadSessionIncomplete":
            self = .kind(.rangeNotSatisfiable)
        case "itemNotFound", "itemDoesNotExist", "folderDoesNotExist", "ResourceNotFound",
            "uploadSessionNotFound":
            self = .kind(.notFound)
        case "accessDenied", "accessRestricted", "serviceReadOnly": self = .kind(.forbidden)
        case "notSupported", "NotImplemented": self = .kind(.notSupported)
        // A consistent picture of the drive could not be taken; it can be later.
        case "cannotSnapshotTree": self = .kind(.serverFault)
        case "unauthenticated", "InvalidAuthenticationToken", "expiredToken", "invalidRequest",
            "BadRequest", "notAllowed", "generalException", "extensionError", "invalidPath",
            "malformedEntityTag", "invalidQueryOption", "pathIsTooLong", "pathTooDeep",
            "parameterIsTooLong", "parameterIsTooSmall", "propertyNotUpdateable",
            "invalidParameterFormat", "invalidAcceptType", "childItemCountExceeded",
            "maxItemCountExceeded", "uploadSessionFailed", "InternalServerError", "UnknownError",
            "GatewayTimeout", "insufficient_claims":
            self = .generic
        default: return nil
        }
    }
}

extension GraphCall {
    fileprivate var isDelta: Bool {
        if case .delta = self { true } else { false }
    }

    /// Whether the call may find its name taken.
    fileprivate var takesName: Bool {
        switch self {
        case .createDirectory, .uploadSmall, .createSession, .fragment: true
        case .change(_, let change): change.name != nil || change.parent != nil
        case .drive, .libraries, .rootItem, .delta, .children, .item, .child, .sessionStatus,
            .cancelSession, .delete, .checkoutState, .checkOut, .checkIn, .discardCheckout,
            .contentLocation, .thumbnailLocation, .content:
            false
        }
    }
}
