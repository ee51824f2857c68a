import Core

/// The identity platform: who is signed in, which codes and tokens are good.
struct IdentityProvider: Sendable {
    /// One consent of the user to one application; tokens come from it and die with it.
    struct Grant: Sendable {
        let clientID: String
        let scopes: [String]
        let user: SimulatedUser
        var isRevoked = false
    }

    /// An authorization code on its way to the token endpoint.
    struct Code: Sendable {
        let grant: Int
        let redirectURI: String
        let challenge: String?
        let challengeIsPlain: Bool
        let expires: Timestamp
        var isUsed = false
    }

    /// A sign-in on a device without a browser.
    struct DeviceFlow: Sendable {
        enum State: Hashable, Sendable {
            case pending, approved, declined
        }
        let userCode: String
        let clientID: String
        let scopes: [String]
        let expires: Timestamp
        var state = State.pending
        var lastPoll: Timestamp?
    }

    struct Token: Sendable {
        let grant: Int
        let expires: Timestamp
        let scopes: [String]
    }

    var settings = IdentitySettings()
    var grants: [Grant] = []
    var codes: [String: Code] = [:]
    var deviceFlows: [String: DeviceFlow] = [:]
    var accessTokens: [String: Token] = [:]
    var refreshTokens: [String: Token] = [:]
    /// Cookies given out by the sign-in page.
    var browserSessions: Set<String> = []
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Answers one request to `/{tenant}/oauth2/v2.0/{endpoint}`.
    mutating func handle(
        _ request: SimulatedRequest, endpoint: Substring, target: RequestTarget, now: Timestamp
    ) -> SimulatedResponse {
        switch (request.method, endpoint) {
        case ("GET", "authorize"): authorize(request, target, now: now)
        case ("GET", "signin"): signIn(target, now: now)
        case ("POST", "token"):
            answer(now: now) { (self) throws(OAuthFailure) in
                try self.token(request, now: now)
            }
        case ("POST", "devicecode"):
            answer(now: now) { (self) throws(OAuthFailure) in
                try self.deviceCode(request, now: now)
            }
        case ("GET", "logout"): signOut()
        default: Self.page(404, "<p>Not found</p>")
        }
    }

    // MARK: Grants and tokens

    /// Records a consent and returns its number.
    mutating func grant(
        to clientID: String, scopes: [String], user: SimulatedUser = .signedInUser
    ) -> Int {
        grants.append(Grant(clientID: clientID, scopes: scopes, user: user))
        return grants.count - 1
    }

    /// Makes an access token; `life` in seconds, or as the settings say.
    mutating func accessToken(
        grant: Int, scopes: [String], now: Timestamp, life: Int64? = nil
    ) -> String {
        let token = "EwB" + randomText()
        accessTokens[token] = Token(
            grant: grant, expires: now.adding(seconds: life ?? settings.accessTokenLife),
            scopes: scopes)
        return token
    }

    mutating func refreshToken(grant: Int, scopes: [String], now: Timestamp) -> String {
        let token = "M.C" + randomText()
        refreshTokens[token] = Token(
            grant: grant, expires: now.adding(seconds: settings.refreshTokenLife), scopes: scopes)
        return token
    }

    /// Ends all grants: access tokens get 401, refresh tokens `invalid_grant`.
    mutating func revokeAll() {
        for index in grants.indices { grants[index].isRevoked = true }
        browserSessions = []
    }

    /// Makes all access tokens expire now; refresh tokens go on.
    mutating func expireAccessTokens() {
        accessTokens = [:]
    }

    /// Returns the scopes an `Authorization` header carries and whose they are, or why it carries
    /// none.
    func authorize(
        _ authorization: String?, now: Timestamp
    ) throws(GraphFailure) -> (scopes: [String], user: SimulatedUser) {
        guard let authorization else {
            throw Self.unauthorized("Access token is empty.")
        }
        guard authorization.utf8.starts(with: "Bearer ".utf8) else {
            throw Self.unauthorized("Access token validation failure. Invalid scheme.")
        }
        let text = String(authorization.dropFirst(7))
        guard let token = accessTokens[text], !grants[token.grant].isRevoked else {
            throw Self.unauthorized("IDX14100: JWT is not well formed.")
        }
        guard now < token.expires else {
            throw Self.unauthorized("Access token has expired or is not yet valid.")
        }
        return (token.scopes, grants[token.grant].user)
    }

    private static func unauthorized(_ message: String) -> GraphFailure {
        GraphFailure(
            401, "InvalidAuthenticationToken", message,
            headers: [
                HTTPHeader(
                    "WWW-Authenticate",
                    "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\""
                )
            ])
    }

    // MARK: Parts

    func application(_ clientID: String) -> AppRegistration? {
        settings.applications.first { $0.clientID == clientID }
    }

    mutating func randomText() -> String {
        Digits.hexadecimal(random.next()) + Digits.hexadecimal(random.next())
    }

    /// A code for people: nine letters and digits that are hard to confuse.
    mutating func userCode() -> String {
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)
        let characters = (0..<9).map { _ in alphabet[Int(random.next() % 32)] }
        return String(decoding: characters, as: UTF8.self)
    }

    static func page(_ status: Int, _ body: String, headers: [HTTPHeader] = []) -> SimulatedResponse
    {
        SimulatedResponse(
            status: status,
            headers: [HTTPHeader("Content-Type", "text/html; charset=utf-8")] + headers,
            body: .bytes(
                Array(
                    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>\(body)</body></html>\n"
                        .utf8)
            ))
    }

    private mutating func answer(
        now: Timestamp, _ body: (inout Self) throws(OAuthFailure) -> SimulatedResponse
    ) -> SimulatedResponse {
        do throws(OAuthFailure) {
            return try body(&self)
        } catch {
            return error.response(trace: randomText(), now: now)
        }
    }
}

extension Timestamp {
    /// This time plus that many seconds.
    func adding(seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: nanoseconds + seconds * 1_000_000_000)
    }

    /// This time plus that many milliseconds.
    func adding(milliseconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: nanoseconds + milliseconds * 1_000_000)
    }
}
