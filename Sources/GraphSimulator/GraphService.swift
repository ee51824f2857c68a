import Core

/// A simulated Microsoft Graph with its identity platform, as a value: request in, response out.
///
/// It has no clock and no randomness of its own: the time comes with each request, and everything
/// that looks random follows from the seed. It is as strict and as odd as the real services have
/// been observed to be; ``Quirks`` and ``Fault`` make it worse.
package struct GraphService: Sendable {
    package let profile: AccountProfile
    /// How the service differs from its documentation.
    package var quirks: Quirks {
        didSet { applyQuirks() }
    }
    /// Responses to spoil.
    var faults = FaultScript()
    /// What was asked so far.
    package internal(set) var log = RequestLog()
    var identity: IdentityProvider
    /// The user's own drive first, libraries of the site after it.
    var drives: [Drive]
    var sessions: [String: UploadSession] = [:]
    var copies: [String: CopyOperation] = [:]
    var random: SplitMix64
    /// What signatures of pre-authenticated URLs and delta tokens are made with.
    let secret: UInt64
    /// Who asked how often, for ``Quirks/requestsPerMinute``.
    package internal(set) var gate = ThrottleGate()
    /// When items were uploaded in one request, for ``Quirks/updateLagMilliseconds``.
    var uploadedSimply: [ItemKey: Timestamp] = [:]
    /// Tombstones that ``Quirks/deltaTombstonesToLose`` swallowed.
    var lostTombstones: Set<LostTombstone> = []

    /// A deletion that delta never reports.
    struct LostTombstone: Hashable, Sendable {
        let drive: Int
        let key: ItemKey
    }

    /// Starts an empty account.
    ///
    /// - Parameters:
    ///   - profile: The kind of account.
    ///   - seed: Decides all ids and tokens.
    ///   - quirks: Oddities to begin with.
    ///   - quota: The quota of the user's drive in bytes.
    ///   - now: The time the root folders are created.
    package init(
        profile: AccountProfile, seed: UInt64, quirks: Quirks = Quirks(), quota: UInt64 = 1 << 40,
        now: Timestamp = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    ) {
        var random = SplitMix64(seed: seed)
        self.profile = profile
        self.quirks = quirks
        secret = random.next()
        identity = IdentityProvider(seed: random.next())
        let own = DriveIdentity(
            profile: profile, kind: profile.isPersonal ? .personal : .business, seed: random.next())
        drives = [
            Drive(identity: own, name: "OneDrive", sitePath: nil, quotaTotal: quota, now: now)
        ]
        if !profile.isPersonal {
            let library = DriveIdentity(
                profile: profile, kind: .documentLibrary, seed: random.next())
            drives.append(
                Drive(
                    identity: library, name: "Documents", sitePath: Self.sitePath,
                    quotaTotal: 25 << 40, now: now))
        }
        self.random = random
        applyQuirks()
    }

    /// The server-relative path of the one site there is.
    static let sitePath = "sites/Team"

    /// Answers one request.
    package mutating func handle(_ request: SimulatedRequest, now: Timestamp) -> SimulatedResponse {
        let target = RequestTarget(request.target)
        let operation = Operation(method: request.method, target: target)
        let fault = faults.take(request, operation)
        var response: SimulatedResponse
        if let refusal = refusal(target, now: now) {
            response = refusal
        } else if let fault,
            let answer = fault.answerWithoutExecuting(requestID: requestID(), now: now)
        {
            response = answer
        } else {
            let exchange = Exchange(
                request: request, target: target, now: now, spoilsPage: fault?.pageSpoiling)
            response = route(fault?.shortened(exchange) ?? exchange)
            fault?.spoil(&response, requestID: requestID(), now: now)
        }
        response.headers += rateHeaders(target, now: now)
        log.append(
            RequestRecord(
                operation: operation, method: request.method, target: request.target,
                status: response.delivery.dropsConnection ? nil : response.status, time: now,
                bytesReceived: UInt64(request.body.count), bytesSent: response.body.count,
                headers: request.headers))
        return response
    }

    /// Sends a request to the part of the service its path belongs to.
    mutating func route(_ exchange: Exchange) -> SimulatedResponse {
        let segments = exchange.target.segments
        if segments.count == 4, segments[1] == "oauth2", segments[2] == "v2.0" {
            return identity.handle(
                exchange.request, endpoint: segments[3], target: exchange.target, now: exchange.now)
        }
        do throws(GraphFailure) {
            switch segments.first {
            case "v1.0", "beta": return try graph(exchange, path: segments.dropFirst())
            case "download": return try download(exchange)
            case "thumbnail": return try thumbnail(exchange)
            case "upload": return try uploadSession(exchange)
            case "monitor": return try copyMonitor(exchange)
            case "simulator": return try control(exchange)
            default: throw .unknownResource
            }
        } catch {
            return error.response(requestID: requestID(), now: exchange.now)
        }
    }

    /// Answers a request to Graph proper: `path` is what follows the version.
    private mutating func graph(
        _ exchange: Exchange, path: ArraySlice<Substring>
    ) throws(GraphFailure) -> SimulatedResponse {
        let (scopes, user) = try identity.authorize(
            exchange.request.header("Authorization"), now: exchange.now)
        var exchange = exchange
        exchange.party = user
        if path.first == "$batch" { return try batch(exchange) }
        let writes = exchange.request.method != "GET"
        if writes, !scopes.contains(where: { $0.contains("ReadWrite") }) {
            throw .accessDenied
        }
        if path.first == "me", path.count == 1 { return self.user() }
        if user == .anotherUser, path.starts(with: ["me", "drive"]) || path.first == "drive" {
            throw GraphFailure(404, "ResourceNotFound", "User's mysite not found.")
        }
        if let listing = try driveListing(exchange, path: path) { return listing }
        guard let (drive, rest) = try driveAddress(path) else { throw .unknownResource }
        if rest.isEmpty {
            guard exchange.request.method == "GET" else { throw .methodNotAllowed }
            return driveAnswer(drive)
        }
        return try item(exchange, drive: drive, path: rest)
    }

    /// A fresh id for the `request-id` of an answer.
    mutating func requestID() -> String {
        let text = Digits.hexadecimal(random.next()) + Digits.hexadecimal(random.next())
        let bytes = Array(text.utf8)
        let parts = [bytes[0..<8], bytes[8..<12], bytes[12..<16], bytes[16..<20], bytes[20..<32]]
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    private mutating func applyQuirks() {
        for index in drives.indices {
            drives[index].distinguishesNormalForms = quirks.distinguishesNormalForms
            drives[index].listsDeletedDescendants =
                quirks.tombstonesForDescendants ?? profile.isPersonal
        }
    }
}

/// One request on its way through the service.
struct Exchange {
    var request: SimulatedRequest
    var target: RequestTarget
    let now: Timestamp
    /// What a fault does to the delta page of this answer.
    var spoilsPage: Fault.PageSpoiling?
    /// Whose token came with it.
    var party = SimulatedUser.signedInUser
    /// Whether a fault kept the end of the body.
    var isShortened = false

    /// Where this request was sent to, without the path.
    var origin: String { request.origin }

    /// The JSON body; an empty body counts as an empty object.
    func json() throws(GraphFailure) -> JSONValue {
        if request.body.isEmpty { return .object([]) }
        do throws(JSONError) {
            return try JSONValue(parsing: request.body)
        } catch {
            throw .invalidRequest("Unable to read JSON request payload.")
        }
    }
}
