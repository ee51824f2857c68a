import Core
import GraphSimulator
import Testing

/// A client of the identity platform.
private struct SignIn {
    var client = SimulatedClient()
    /// RFC 7636, appendix B.
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    static let clientID = AppRegistration.desktop.clientID

    mutating func authorize(
        _ changes: [String: String?] = [:], cookie: String? = nil, endpoint: String = "authorize"
    ) -> SimulatedResponse {
        var parameters: [String: String?] = [
            "client_id": Self.clientID, "response_type": "code",
            "redirect_uri": "http://localhost:53682/callback", "state": "s 1",
            "scope": "Files.ReadWrite.All offline_access", "code_challenge": Self.challenge,
            "code_challenge_method": "S256",
        ]
        parameters.merge(changes) { $1 }
        let query = parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { "\(name)=\($0.percentEncodedSegment)" }
        }.joined(separator: "&")
        return client.sendRaw(
            "GET", "/common/oauth2/v2.0/\(endpoint)?\(query)",
            headers: cookie.map { [HTTPHeader("Cookie", $0)] } ?? [])
    }

    mutating func token(_ fields: [(name: String, value: String)]) -> SimulatedResponse {
        client.sendRaw(
            "POST", "/common/oauth2/v2.0/token", bytes: Array(PercentEncoding.form(fields).utf8),
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")])
    }

    mutating func redeem(
        code: String, verifier: String = verifier, secret: String? = nil
    ) -> SimulatedResponse {
        var fields = [
            (name: "client_id", value: Self.clientID),
            (name: "grant_type", value: "authorization_code"), (name: "code", value: code),
            (name: "redirect_uri", value: "http://localhost:53682/callback"),
            (name: "code_verifier", value: verifier),
        ]
        if let secret { fields.append((name: "client_secret", value: secret)) }
        return token(fields)
    }

    mutating func refresh(_ refreshToken: String) -> SimulatedResponse {
        token([
            (name: "client_id", value: Self.clientID), (name: "grant_type", value: "refresh_token"),
            (name: "refresh_token", value: refreshToken),
        ])
    }
}

extension SimulatedResponse {
    /// The parameters of the redirect this response makes.
    fileprivate var redirected: [String: String] {
        guard let location = header("Location"), let mark = location.firstIndex(of: "?") else {
            return [:]
        }
        let pairs = location[mark...].dropFirst().split(separator: "&").map { part in
            let halves = part.split(separator: "=", maxSplits: 1)
            return (
                String(halves[0]),
                PercentEncoding.decode(halves.count > 1 ? String(halves[1]) : "") ?? ""
            )
        }
        return Dictionary(pairs) { $1 }
    }
}

struct SimulatedIdentityTests {
    @Test("Sign-in by the page's link ends in tokens that Graph takes")
    func signInByLink() throws {
        var flow = SignIn()
        let page = flow.authorize()
        #expect(page.status == 200)
        let text = String(decoding: page.bytes, as: UTF8.self)
        let start = try #require(text.firstRange(of: "href=\"signin?"))
        #expect(text[start.lowerBound...].contains("code_challenge=\(SignIn.challenge)"))
        let redirect = flow.authorize(endpoint: "signin")
        #expect(redirect.status == 302)
        #expect(redirect.header("Location")?.hasPrefix("http://localhost:53682/callback?") == true)
        #expect(redirect.redirected["state"] == "s 1")
        let cookie = try #require(redirect.header("Set-Cookie"))
        let tokens = flow.redeem(code: try #require(redirect.redirected["code"]))
        #expect(tokens.status == 200)
        flow.client.token = try #require(tokens.json?["access_token"]?.string)
        #expect(flow.client.send("GET", "/me").status == 200)
        let again = flow.authorize(["prompt": "none"], cookie: cookie)
        #expect(again.redirected["code"] != nil)
    }

    @Test("A configured cookie stands for a browser until it expires")
    func cookie() {
        var flow = SignIn()
        flow.client.service.identitySettings.sessionCookie = "ESTSAUTH=secret"
        let expires = Timestamp(seconds: flow.client.now.wholeSeconds + 10)
        flow.client.service.identitySettings.sessionCookieExpires = expires
        #expect(flow.authorize(cookie: "a=b; ESTSAUTH=secret").redirected["code"] != nil)
        #expect(flow.authorize(cookie: "ESTSAUTH=other").status == 200)
        #expect(
            flow.authorize(["prompt": "none"], cookie: "x=y").redirected["error"]
                == "login_required")
        flow.client.advance(seconds: 11)
        #expect(flow.authorize(cookie: "ESTSAUTH=secret").status == 200)
    }

    @Test(
        "What the authorize endpoint refuses",
        arguments: [
            ("client_id", "unknown", "AADSTS700016"),
            ("redirect_uri", "http://localhost:1/other", "AADSTS50011"),
            ("redirect_uri", "https://evil.example/", "AADSTS50011"),
            ("redirect_uri", "http://localhost.evil.example/callback", "AADSTS50011"),
        ])
    func authorizeRefusals(name: String, value: String, number: String) {
        var flow = SignIn()
        let response = flow.authorize([name: value], endpoint: "authorize")
        #expect(response.status == 400)
        #expect(response.header("Location") == nil)
        #expect(String(decoding: response.bytes, as: UTF8.self).contains(number))
    }

    @Test("A code works once, in time, and with its verifier")
    func codes() throws {
        var flow = SignIn()
        let code = try #require(flow.authorize(endpoint: "signin").redirected["code"])
        let wrong = flow.redeem(code: code, verifier: String(repeating: "a", count: 43))
        #expect(wrong.json?["error"]?.string == "invalid_grant")
        #expect(flow.redeem(code: code).status == 200)
        #expect(flow.redeem(code: code).json?["error_codes"]?.array == [54005])
        #expect(flow.redeem(code: "M.C5_made-up").json?["error"]?.string == "invalid_grant")
        let late = try #require(flow.authorize(endpoint: "signin").redirected["code"])
        flow.client.advance(seconds: 601)
        #expect(flow.redeem(code: late).json?["error_codes"]?.array == [70008])
    }

    @Test("A public client must not send a secret, a confidential one must send the right one")
    func secrets() throws {
        var flow = SignIn()
        let code = try #require(flow.authorize(endpoint: "signin").redirected["code"])
        let refused = flow.redeem(code: code, secret: "x")
        #expect(refused.status == 401)
        #expect(refused.json?["error_codes"]?.array == [700_025])
        flow.client.service.identitySettings.applications[0].clientSecret = "s3cret"
        #expect(flow.redeem(code: code).json?["error_codes"]?.array == [7_000_218])
        #expect(flow.redeem(code: code, secret: "x").json?["error_codes"]?.array == [7_000_215])
        #expect(flow.redeem(code: code, secret: "s3cret").status == 200)
    }

    @Test("Refreshing brings new tokens; revoking ends all")
    func refreshing() throws {
        var flow = SignIn()
        let code = try #require(flow.authorize(endpoint: "signin").redirected["code"])
        let first = try #require(flow.redeem(code: code).json)
        let old = try #require(first["refresh_token"]?.string)
        let second = flow.refresh(old)
        #expect(second.status == 200)
        let new = try #require(second.json?["refresh_token"]?.string)
        #expect(new != old)
        #expect(flow.refresh(old).status == 200, "the old one lives on, as with the platform")
        flow.client.service.identitySettings.refreshTokensWorkOnce = true
        #expect(flow.refresh(new).status == 200)
        #expect(flow.refresh(new).json?["error"]?.string == "invalid_grant")
        flow.client.token = try #require(second.json?["access_token"]?.string)
        flow.client.service.revokeTokens()
        #expect(flow.client.send("GET", "/me").status == 401)
        #expect(flow.refresh(old).json?["error_codes"]?.array == [50173])
    }

    @Test("An access token expires, and none at all is refused too")
    func accessTokens() {
        var client = SimulatedClient()
        #expect(client.send("GET", "/me").status == 200)
        #expect(client.sendRaw("GET", "/v1.0/me").errorCodes == ["InvalidAuthenticationToken"])
        client.advance(seconds: 3_601)
        let response = client.send("GET", "/me")
        #expect(response.status == 401)
        #expect(response.header("WWW-Authenticate") != nil)
    }

    @Test("A read-only token cannot write")
    func scopes() {
        var client = SimulatedClient()
        client.token =
            client.service.issueTokens(scopes: ["Files.Read.All"], now: client.now).access
        #expect(client.send("GET", "/me/drive/root").status == 200)
        let body: JSONValue = ["name": "x", "folder": [:]]
        #expect(client.send("POST", "/me/drive/root/children", body).status == 403)
    }

    @Test(
        "The device flow waits, slows down, and ends as the user decides", arguments: [true, false])
    func deviceFlow(approved: Bool) throws {
        var flow = SignIn()
        let start = flow.client.sendRaw(
            "POST", "/common/oauth2/v2.0/devicecode",
            bytes: Array(
                "client_id=\(SignIn.clientID)&scope=Files.ReadWrite.All+offline_access".utf8),
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")])
        let deviceCode = try #require(start.json?["device_code"]?.string)
        let userCode = try #require(start.json?["user_code"]?.string)
        func poll() -> SimulatedResponse {
            flow.token([
                (name: "client_id", value: SignIn.clientID),
                (name: "grant_type", value: "urn:ietf:params:oauth:grant-type:device_code"),
                (name: "device_code", value: deviceCode),
            ])
        }
        #expect(poll().json?["error"]?.string == "authorization_pending")
        #expect(poll().json?["error"]?.string == "slow_down")
        flow.client.advance(seconds: 5)
        #expect(poll().json?["error"]?.string == "authorization_pending")
        let path = approved ? "approve-device" : "decline-device"
        #expect(
            flow.client.sendRaw("POST", "/simulator/\(path)?user_code=\(userCode)").status == 200)
        let end = poll()
        if approved {
            #expect(end.json?["refresh_token"]?.string != nil)
            #expect(poll().json?["error"]?.string == "bad_verification_code")
        } else {
            #expect(end.json?["error"]?.string == "authorization_declined")
        }
    }

    @Test("A device code expires")
    func deviceCodeExpires() throws {
        var flow = SignIn()
        let start = flow.client.sendRaw(
            "POST", "/common/oauth2/v2.0/devicecode",
            bytes: Array("client_id=\(SignIn.clientID)&scope=x".utf8),
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")])
        flow.client.advance(seconds: 901)
        let answer = flow.token([
            (name: "client_id", value: SignIn.clientID),
            (name: "grant_type", value: "urn:ietf:params:oauth:grant-type:device_code"),
            (name: "device_code", value: try #require(start.json?["device_code"]?.string)),
        ])
        #expect(answer.json?["error"]?.string == "expired_token")
    }
}
