import Core

extension IdentityProvider {
    /// `GET /authorize`: sends a signed-in browser back with a code, shows others the sign-in page.
    mutating func authorize(
        _ request: SimulatedRequest, _ target: RequestTarget, now: Timestamp
    ) -> SimulatedResponse {
        switch checkedRedirect(target) {
        case .failure(let failure):
            // The platform never redirects to an address it does not trust.
            return Self.page(
                failure.status,
                "<h1>Sorry, but we're having trouble signing you in.</h1><p>\(failure.description(trace: randomText(), now: now))</p>"
            )
        case .success(let redirect):
            if target.parameter("response_type") != "code" {
                return send(
                    .missing("response_type"), to: redirect, target, now: now)
            }
            let prompt = target.parameter("prompt")
            let mayBeSilent = prompt != "login" && prompt != "select_account"
            if mayBeSilent, let user = user(of: request, now: now) {
                return sendCode(to: redirect, target, user, now: now)
            }
            if prompt == "none" {
                return send(.loginRequired, to: redirect, target, now: now)
            }
            return signInPage(target)
        }
    }

    /// `GET /signin`: what the link of the sign-in page leads to.
    ///
    /// It starts a browser session.
    mutating func signIn(_ target: RequestTarget, now: Timestamp) -> SimulatedResponse {
        switch checkedRedirect(target) {
        case .failure(let failure):
            return Self.page(failure.status, "<p>AADSTS\(failure.number): \(failure.message)</p>")
        case .success(let redirect):
            if target.parameter("decline") != nil {
                return send(.accessDenied, to: redirect, target, now: now)
            }
            let session = "ESTSAUTH=" + randomText()
            browserSessions.insert(session)
            var response = sendCode(to: redirect, target, now: now)
            response.headers.append(
                HTTPHeader("Set-Cookie", session + "; path=/; HttpOnly; SameSite=Lax"))
            return response
        }
    }

    /// `GET /logout`: ends all browser sessions.
    mutating func signOut() -> SimulatedResponse {
        browserSessions = []
        return Self.page(200, "<p>You signed out of your account.</p>")
    }

    /// Returns the address to send the browser back to, if application and address fit together.
    private func checkedRedirect(_ target: RequestTarget) -> Result<String, OAuthFailure> {
        guard let clientID = target.parameter("client_id") else {
            return .failure(.missing("client_id"))
        }
        guard let application = application(clientID) else {
            return .failure(.unknownApplication)
        }
        guard let redirect = target.parameter("redirect_uri") else {
            return .failure(.missing("redirect_uri"))
        }
        let shape = RedirectShape(redirect)
        guard application.redirectURIs.contains(where: { RedirectShape($0) == shape }) else {
            return .failure(.redirectMismatch)
        }
        return .success(redirect)
    }

    /// Who is signed in with the browser that a request comes from.
    private func user(of request: SimulatedRequest, now: Timestamp) -> SimulatedUser? {
        guard let cookie = request.header("Cookie")?.utf8 else { return nil }
        if browserSessions.contains(where: { cookie.contains(sequence: $0.utf8) }) {
            return .signedInUser
        }
        if let colleague = settings.colleagueCookie, cookie.contains(sequence: colleague.utf8) {
            return .anotherUser
        }
        guard let expected = settings.sessionCookie, cookie.contains(sequence: expected.utf8),
            settings.sessionCookieExpires.map({ now < $0 }) ?? true
        else { return nil }
        return .signedInUser
    }

    private mutating func sendCode(
        to redirect: String, _ target: RequestTarget, _ user: SimulatedUser = .signedInUser,
        now: Timestamp
    ) -> SimulatedResponse {
        let scopes = (target.parameter("scope") ?? "").scopes
        let code = "M.C5_" + randomText()
        codes[code] = Code(
            grant: grant(to: target.parameter("client_id") ?? "", scopes: scopes, user: user),
            redirectURI: redirect, challenge: target.parameter("code_challenge"),
            challengeIsPlain: target.parameter("code_challenge_method") != "S256",
            expires: now.adding(seconds: settings.codeLife))
        return send([("code", code)], to: redirect, target)
    }

    private mutating func send(
        _ failure: OAuthFailure, to redirect: String, _ target: RequestTarget, now: Timestamp
    ) -> SimulatedResponse {
        send(
            [
                ("error", failure.error),
                ("error_description", failure.description(trace: randomText(), now: now)),
            ], to: redirect, target)
    }

    /// Sends parameters to the redirect address in the way `response_mode` asks for.
    private func send(
        _ parameters: [(name: String, value: String)], to redirect: String, _ target: RequestTarget
    ) -> SimulatedResponse {
        var parameters = parameters
        if let state = target.parameter("state") { parameters.append(("state", state)) }
        let query = parameters.map { "\($0.name)=\(RequestTarget.percentEncoded($0.value))" }
            .joined(separator: "&")
        if target.parameter("response_mode") == "form_post" {
            let fields = parameters.map {
                "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value.escapedForHTML)\">"
            }.joined()
            return Self.page(
                200,
                "<form method=\"post\" action=\"\(redirect.escapedForHTML)\">\(fields)<button>Continue</button></form>"
            )
        }
        let mark =
            target.parameter("response_mode") == "fragment"
            ? "#" : redirect.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return SimulatedResponse(
            status: 302,
            headers: [
                HTTPHeader("Location", RedirectShape.withPath(redirect) + mark + query),
                HTTPHeader("Cache-Control", "no-store, no-cache"),
            ])
    }

    private func signInPage(_ target: RequestTarget) -> SimulatedResponse {
        let query = target.query.map {
            "\($0.name)=\(RequestTarget.percentEncoded($0.value))"
        }.joined(separator: "&amp;")
        return Self.page(
            200,
            """
            <h1>Sign in to the simulated account</h1>
            <p><a id="signin" href="signin?\(query)">Sign in</a></p>
            <p><a id="decline" href="signin?decline=1&amp;\(query)">Cancel</a></p>
            """)
    }
}

/// What of a redirect address is compared: everything but the port of a loopback address.
private struct RedirectShape: Hashable {
    private let text: String

    init(_ address: String) {
        text = Self.withoutLoopbackPort(Self.withPath(address))
    }

    /// Returns the address with a slash where it has no path.
    static func withPath(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        return address[scheme.upperBound...].utf8.contains(UInt8(ascii: "/"))
            ? address : address + "/"
    }

    private static func withoutLoopbackPort(_ address: String) -> String {
        for host in ["http://localhost:", "http://127.0.0.1:"] where address.hasPrefix(host) {
            let rest = address.dropFirst(host.count).drop { $0.isNumber }
            return String(host.dropLast()) + String(rest)
        }
        return address
    }
}

extension String {
    /// The space-separated scopes in this text.
    var scopes: [String] {
        utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
    }

    var escapedForHTML: String {
        var result = ""
        for character in self {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    fileprivate func firstRange(of text: String) -> Range<String.Index>? {
        utf8.firstRange(ofBytes: text.utf8)
    }
}

extension Collection where Element == UInt8 {
    /// Returns where `bytes` occurs first in this collection.
    func firstRange(ofBytes bytes: some Collection<UInt8>) -> Range<Index>? {
        guard !bytes.isEmpty else { return startIndex..<startIndex }
        var start = startIndex
        while start != endIndex {
            var here = start
            var there = bytes.startIndex
            while here != endIndex, there != bytes.endIndex, self[here] == bytes[there] {
                formIndex(after: &here)
                bytes.formIndex(after: &there)
            }
            if there == bytes.endIndex { return start..<here }
            formIndex(after: &start)
        }
        return nil
    }

    /// Tells whether `bytes` occurs in this collection.
    func contains(sequence bytes: some Collection<UInt8>) -> Bool {
        firstRange(ofBytes: bytes) != nil
    }
}
