/// The requests by which an application signs a user in (Microsoft identity platform v2.0).
package struct IdentityPlatform: Hashable, Sendable {
    /// The root of the platform, without a slash at the end.
    package var endpoint: String
    package var tenant: String
    package var clientID: String
    package var clientSecret: String?
    /// The permissions that are asked for, separated by blanks.
    package var scope: String

    package init(
        endpoint: String, tenant: String, clientID: String, clientSecret: String?, scope: String
    ) {
        self.endpoint = endpoint
        self.tenant = tenant
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scope = scope
    }

    /// The platform that a configuration names.
    package init(_ configuration: Configuration) {
        self.init(
            endpoint: configuration.loginEndpoint, tenant: configuration.tenant,
            clientID: configuration.clientID, clientSecret: configuration.clientSecret,
            scope: configuration.scope)
    }

    /// Makes the address that a browser opens to sign in.
    ///
    /// - Parameters:
    ///   - redirectURI: Where the browser is sent afterwards, as it is registered.
    ///   - state: Random text that comes back with the answer.
    ///   - challenge: The ``ProofKey`` challenge.
    ///   - isSilent: True asks for an error instead of a page when the user would be asked.
    /// - Returns: The address with its query.
    package func authorizeURL(
        redirectURI: String, state: String, challenge: String, isSilent: Bool = false
    ) -> String {
        var fields = [
            ("client_id", clientID), ("response_type", "code"), ("redirect_uri", redirectURI),
            ("response_mode", "query"), ("scope", scope), ("state", state),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        if isSilent { fields.append(("prompt", "none")) }
        let query = fields.map { "\($0.0)=\(PercentEncoding.segment($0.1))" }
        return address("authorize") + "?" + query.joined(separator: "&")
    }

    /// Trades the code that came with the redirect for tokens.
    package func codeRequest(
        code: String, redirectURI: String, proofKey: ProofKey
    ) -> HTTPRequest {
        tokenRequest([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
            ("code_verifier", proofKey.verifier), ("scope", scope),
        ])
    }

    /// Trades a refresh token for a new access token.
    package func refreshRequest(refreshToken: String) -> HTTPRequest {
        tokenRequest([
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("scope", scope),
        ])
    }

    /// Asks for a code that the user enters on another device.
    package func deviceCodeRequest() -> HTTPRequest {
        post("devicecode", [("client_id", clientID), ("scope", scope)])
    }

    /// Asks whether the user has entered the code.
    package func devicePollRequest(deviceCode: String) -> HTTPRequest {
        tokenRequest([
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", deviceCode),
        ])
    }

    private func tokenRequest(_ fields: [(name: String, value: String)]) -> HTTPRequest {
        var all = [(name: "client_id", value: clientID)] + fields
        if let clientSecret { all.append((name: "client_secret", value: clientSecret)) }
        return post("token", all)
    }

    private func post(_ name: String, _ fields: [(name: String, value: String)]) -> HTTPRequest {
        HTTPRequest(
            .post, address(name),
            headers: [
                HTTPHeader("Content-Type", "application/x-www-form-urlencoded"),
                HTTPHeader("Accept", "application/json"),
            ], body: .bytes(Array(PercentEncoding.form(fields).utf8)))
    }

    private func address(_ name: String) -> String {
        "\(endpoint)/\(PercentEncoding.segment(tenant))/oauth2/v2.0/\(name)"
    }
}
