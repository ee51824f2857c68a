import Core

extension IdentityProvider {
    private static let deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

    /// `POST /token`: trades a code, a refresh token or a device code for tokens.
    mutating func token(
        _ request: SimulatedRequest, now: Timestamp
    ) throws(OAuthFailure) -> SimulatedResponse {
        let form = TokenForm(request)
        let grantType = try form.required("grant_type")
        let application = try authenticatedClient(form, request)
        switch grantType {
        case "authorization_code":
            return try redeemCode(form, application, now: now)
        case "refresh_token":
            return try refresh(form, application, now: now)
        case Self.deviceGrant:
            return try redeemDeviceCode(form, application, now: now)
        default:
            throw .unsupportedGrant
        }
    }

    /// `POST /devicecode`: starts a sign-in that is approved elsewhere.
    mutating func deviceCode(
        _ request: SimulatedRequest, now: Timestamp
    ) throws(OAuthFailure) -> SimulatedResponse {
        let form = TokenForm(request)
        let clientID = try form.required("client_id")
        let scope = try form.required("scope")
        guard application(clientID) != nil else { throw .unknownApplication }
        let deviceCode = "D" + randomText() + randomText()
        let userCode = userCode()
        deviceFlows[deviceCode] = DeviceFlow(
            userCode: userCode, clientID: clientID, scopes: scope.scopes,
            expires: now.adding(seconds: settings.deviceCodeLife))
        let page = "\(request.origin)/simulator/device"
        return .json(
            200,
            JSONOutput.object { output in
                output.member("user_code", userCode)
                output.member("device_code", deviceCode)
                output.member("verification_uri", page)
                output.member("expires_in", settings.deviceCodeLife)
                output.member("interval", settings.deviceInterval)
                output.member(
                    "message",
                    "To sign in, use a web browser to open the page \(page) and enter the code \(userCode) to authenticate."
                )
            })
    }

    /// Decides a device sign-in.
    ///
    /// `false` if there is no such code waiting.
    mutating func decideDeviceFlow(userCode: String, approve: Bool) -> Bool {
        let waiting = deviceFlows.first {
            $0.value.userCode == userCode && $0.value.state == .pending
        }
        guard let code = waiting?.key else { return false }
        deviceFlows[code]?.state = approve ? .approved : .declined
        return true
    }

    private func authenticatedClient(
        _ form: TokenForm, _ request: SimulatedRequest
    ) throws(OAuthFailure) -> AppRegistration {
        let basic = TokenForm.basicCredentials(request)
        guard let clientID = basic?.id ?? form["client_id"] else { throw .missing("client_id") }
        guard let application = application(clientID) else { throw .unknownApplication }
        let sent = basic?.secret ?? form["client_secret"]
        switch (application.clientSecret, sent) {
        case (nil, nil): return application
        case (nil, .some): throw .secretOfPublicClient
        case (.some, nil): throw .missingSecret
        case (.some(let expected), .some(let secret)):
            guard expected == secret else { throw .wrongSecret }
            return application
        }
    }

    private mutating func redeemCode(
        _ form: TokenForm, _ application: AppRegistration, now: Timestamp
    ) throws(OAuthFailure) -> SimulatedResponse {
        let text = try form.required("code")
        let redirect = try form.required("redirect_uri")
        guard let code = codes[text], grants[code.grant].clientID == application.clientID else {
            throw .badCode
        }
        guard !code.isUsed else { throw .codeUsed }
        guard now < code.expires else { throw .codeExpired }
        guard code.redirectURI == redirect else { throw .redirectMismatch }
        if let challenge = code.challenge {
            guard let verifier = form["code_verifier"],
                (43...128).contains(verifier.utf8.count),
                challenge
                    == (code.challengeIsPlain
                        ? verifier
                        : Base64.encode(SHA256.digest(of: Array(verifier.utf8)), urlSafe: true))
            else { throw .verifierMismatch }
        }
        codes[text]?.isUsed = true
        return tokens(
            grant: code.grant, scopes: grants[code.grant].scopes, previous: nil, now: now)
    }

    private mutating func refresh(
        _ form: TokenForm, _ application: AppRegistration, now: Timestamp
    ) throws(OAuthFailure) -> SimulatedResponse {
        let text = try form.required("refresh_token")
        guard let token = refreshTokens[text],
            grants[token.grant].clientID == application.clientID
        else { throw .badRefreshToken }
        guard !grants[token.grant].isRevoked else { throw .revoked }
        guard now < token.expires else { throw .refreshTokenExpired }
        let wished = form["scope"]?.scopes ?? token.scopes
        guard wished.allSatisfy({ token.scopes.contains($0) }) else { throw .scopeNotGranted }
        if settings.refreshTokensWorkOnce { refreshTokens[text] = nil }
        return tokens(grant: token.grant, scopes: token.scopes, previous: text, now: now)
    }

    private mutating func redeemDeviceCode(
        _ form: TokenForm, _ application: AppRegistration, now: Timestamp
    ) throws(OAuthFailure) -> SimulatedResponse {
        let text = try form.required("device_code")
        guard var flow = deviceFlows[text], flow.clientID == application.clientID else {
            throw .badDeviceCode
        }
        guard now < flow.expires else { throw .deviceCodeExpired }
        let previous = flow.lastPoll
        flow.lastPoll = now
        deviceFlows[text] = flow
        switch flow.state {
        case .pending:
            if let previous, now < previous.adding(seconds: settings.deviceInterval) {
                throw .slowDown
            }
            throw .authorizationPending
        case .declined:
            throw .authorizationDeclined
        case .approved:
            deviceFlows[text] = nil
            let grant = grant(to: flow.clientID, scopes: flow.scopes)
            return tokens(grant: grant, scopes: flow.scopes, previous: nil, now: now)
        }
    }

    /// Makes the answer that carries tokens.
    ///
    /// A refresh token is given only for `offline_access`.
    private mutating func tokens(
        grant: Int, scopes: [String], previous: String?, now: Timestamp
    ) -> SimulatedResponse {
        let access = accessToken(grant: grant, scopes: scopes, now: now)
        var renewed: String?
        if previous == nil ? scopes.contains("offline_access") : settings.rotatesRefreshTokens {
            renewed = refreshToken(grant: grant, scopes: scopes, now: now)
        }
        let answered = scopes.filter { $0 != "offline_access" }.joined(separator: " ")
        var response = SimulatedResponse.json(
            200,
            JSONOutput.object { output in
                output.member("token_type", "Bearer")
                output.member("scope", answered)
                if settings.numbersAreStrings {
                    output.member("expires_in", String(settings.accessTokenLife))
                } else {
                    output.member("expires_in", settings.accessTokenLife)
                    output.member("ext_expires_in", settings.accessTokenLife)
                }
                output.member("access_token", access)
                if let renewed { output.member("refresh_token", renewed) }
            })
        response.headers.append(HTTPHeader("Cache-Control", "no-store, no-cache"))
        return response
    }
}

/// The form body of a request to the token or device-code endpoint.
private struct TokenForm {
    private let fields: [(name: String, value: String)]

    /// A body of another type counts as an empty form, as the platform has it.
    init(_ request: SimulatedRequest) {
        let type = request.header("Content-Type") ?? ""
        fields =
            type.lowercased().hasPrefix("application/x-www-form-urlencoded")
            ? RequestTarget.form(request.body) : []
    }

    subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    func required(_ name: String) throws(OAuthFailure) -> String {
        guard let value = self[name], !value.isEmpty else { throw .missing(name) }
        return value
    }

    /// Returns the client's id and secret from an HTTP Basic header.
    static func basicCredentials(_ request: SimulatedRequest) -> (id: String, secret: String)? {
        guard let header = request.header("Authorization"), header.hasPrefix("Basic "),
            let bytes = Base64.decode(String(header.dropFirst(6)))
        else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let texts = parts.map { part in
            let text = Substring(String(decoding: part, as: UTF8.self))
            return RequestTarget.percentDecoded(text) ?? String(text)
        }
        return (texts[0], texts[1])
    }
}
