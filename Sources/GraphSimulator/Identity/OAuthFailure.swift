import Core

/// A refusal of the identity platform: the OAuth error and the platform's own number.
struct OAuthFailure: Error, Hashable {
    var status: Int
    var error: String
    /// The number after `AADSTS`.
    var number: Int
    var message: String
    var suberror: String?

    init(_ status: Int, _ error: String, _ number: Int, _ message: String, suberror: String? = nil)
    {
        self.status = status
        self.error = error
        self.number = number
        self.message = message
        self.suberror = suberror
    }

    /// The text that carries number and trace, as clients show it.
    func description(trace: String, now: Timestamp) -> String {
        "AADSTS\(number): \(message) Trace ID: \(trace) Correlation ID: \(trace) Timestamp: "
            + Self.spaced(now)
    }

    /// The answer of the token endpoint.
    func response(trace: String, now: Timestamp) -> SimulatedResponse {
        let body = JSONOutput.object { output in
            output.member("error", error)
            output.member("error_description", description(trace: trace, now: now))
            output.name("error_codes")
            output.array { $0.integer(number) }
            output.member("timestamp", Self.spaced(now))
            output.member("trace_id", trace)
            output.member("correlation_id", trace)
            output.member("error_uri", "https://login.microsoftonline.com/error?code=\(number)")
            if let suberror { output.member("suberror", suberror) }
        }
        return SimulatedResponse(
            status: status,
            headers: [
                HTTPHeader("Content-Type", "application/json; charset=utf-8"),
                HTTPHeader("Cache-Control", "no-store, no-cache"),
            ], body: .bytes(body))
    }

    private static func spaced(_ time: Timestamp) -> String {
        String(time.rfc3339.map { $0 == "T" ? " " : $0 })
    }
}

extension OAuthFailure {
    static func missing(_ parameter: String) -> OAuthFailure {
        OAuthFailure(
            400, "invalid_request", 900144,
            "The request body must contain the following parameter: '\(parameter)'.")
    }

    static let unknownApplication = OAuthFailure(
        400, "unauthorized_client", 700_016,
        "Application with the given identifier was not found in the directory.")
    static let redirectMismatch = OAuthFailure(
        400, "invalid_request", 50011,
        "The redirect URI specified in the request does not match the redirect URIs configured for the application."
    )
    static let wrongSecret = OAuthFailure(
        401, "invalid_client", 7_000_215, "Invalid client secret provided.")
    static let missingSecret = OAuthFailure(
        401, "invalid_client", 7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    )
    static let secretOfPublicClient = OAuthFailure(
        401, "invalid_client", 700_025,
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")
    static let badCode = OAuthFailure(
        400, "invalid_grant", 70000, "The provided value for the 'code' parameter is not valid.")
    static let codeExpired = OAuthFailure(
        400, "invalid_grant", 70008,
        "The provided authorization code or refresh token has expired due to inactivity.",
        suberror: "token_expired")
    static let codeUsed = OAuthFailure(
        400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
    static let verifierMismatch = OAuthFailure(
        400, "invalid_grant", 501_481,
        "The Code_Verifier does not match the code_challenge supplied in the authorization request."
    )
    static let badRefreshToken = OAuthFailure(
        400, "invalid_grant", 70000, "The provided refresh token is not valid.",
        suberror: "bad_token")
    static let revoked = OAuthFailure(
        400, "invalid_grant", 50173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        suberror: "bad_token")
    static let refreshTokenExpired = OAuthFailure(
        400, "invalid_grant", 700_082, "The refresh token has expired due to inactivity.",
        suberror: "token_expired")
    static let scopeNotGranted = OAuthFailure(
        400, "invalid_grant", 65001,
        "The user or administrator has not consented to use the application.",
        suberror: "consent_required")
    static let authorizationPending = OAuthFailure(
        400, "authorization_pending", 70016,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
    static let slowDown = OAuthFailure(
        400, "slow_down", 70016, "OAuth 2.0 device flow error. Polling too often.")
    static let authorizationDeclined = OAuthFailure(
        400, "authorization_declined", 70000, "The end user denied the authorization request.")
    static let badDeviceCode = OAuthFailure(
        400, "bad_verification_code", 70018, "Invalid verification code.")
    static let deviceCodeExpired = OAuthFailure(
        400, "expired_token", 70019, "Verification code expired.")
    static let unsupportedGrant = OAuthFailure(
        400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    static let loginRequired = OAuthFailure(
        400, "login_required", 50058,
        "A silent sign-in request was sent but no user is signed in.")
    static let accessDenied = OAuthFailure(
        400, "access_denied", 65004,
        "The user has denied access to the scope requested by the client app."
    )
}
