import Core
import Testing

/// Answers and requests of the identity platform for the tests of this folder.
enum IdentitySamples {
    static let platform = IdentityPlatform(
        endpoint: "https://login.example", tenant: "common", clientID: "app", clientSecret: nil,
        scope: "Files.ReadWrite.All offline_access")
    static let now = Timestamp(seconds: 1_800_000_000)

    static func json(_ status: Int, _ value: JSONValue, _ headers: [HTTPHeader] = [])
        -> HTTPResponse
    {
        HTTPResponse(status: status, headers: headers, body: value.serialized())
    }

    static func refusal(
        _ code: String, _ number: Int, _ text: String = "It failed.", status: Int = 400
    ) -> HTTPResponse {
        json(
            status,
            [
                "error": .string(code),
                "error_description": .string(
                    "AADSTS\(number): \(text) Trace ID: 1111 Correlation ID: 2222 Timestamp: x"),
                "error_codes": [.integer(Int64(number))],
            ])
    }

    /// The fields of a form body.
    static func fields(_ request: HTTPRequest) -> [String: String] {
        guard case .bytes(let bytes) = request.body else { return [:] }
        let fields = PercentEncoding.decodeForm(String(decoding: bytes, as: UTF8.self)) ?? []
        return Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }
}

@Suite("Requests for sign-in")
struct IdentityPlatformTests {
    @Test("the address that a browser opens")
    func authorize() {
        #expect(
            IdentitySamples.platform.authorizeURL(
                redirectURI: "http://localhost:80/a b", state: "s&t", challenge: "c-_")
                == "https://login.example/common/oauth2/v2.0/authorize?client_id=app"
                + "&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A80%2Fa%20b"
                + "&response_mode=query&scope=Files.ReadWrite.All%20offline_access&state=s%26t"
                + "&code_challenge=c-_&code_challenge_method=S256")
        #expect(
            IdentitySamples.platform.authorizeURL(
                redirectURI: "x", state: "", challenge: "", isSilent: true
            ).hasSuffix("&prompt=none"))
    }

    @Test("PKCE as in RFC 7636, appendix B")
    func proofKey() {
        let key = ProofKey(randomBytes: [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
            77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ])
        #expect(key.verifier == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(
            ProofKey.challenge(digest: [
                19, 211, 30, 150, 26, 26, 216, 236, 47, 22, 177, 12, 76, 152, 46, 8, 118, 168, 120,
                173, 109, 241, 68, 86, 110, 225, 137, 74, 203, 112, 249, 195,
            ]) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test(
        "the secret is sent if there is one, and only to the token endpoint",
        arguments: [nil, "a+b&c ="])
    func secret(secret: String?) {
        var platform = IdentitySamples.platform
        platform.clientSecret = secret
        let key = ProofKey(randomBytes: [UInt8](repeating: 0, count: 32))
        let requests = [
            platform.codeRequest(code: "c", redirectURI: "r", proofKey: key),
            platform.refreshRequest(refreshToken: "t"),
            platform.devicePollRequest(deviceCode: "d"),
        ]
        for request in requests {
            #expect(request.method == .post)
            #expect(request.url == "https://login.example/common/oauth2/v2.0/token")
            #expect(request.header("content-type") == "application/x-www-form-urlencoded")
            #expect(IdentitySamples.fields(request)["client_secret"] == secret)
            #expect(IdentitySamples.fields(request)["client_id"] == "app")
        }
        #expect(
            requests.map { IdentitySamples.fields($0)["grant_type"] } == [
                "authorization_code", "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
            ])
        #expect(IdentitySamples.fields(requests[0])["code_verifier"] == key.verifier)
        #expect(IdentitySamples.fields(requests[1])["refresh_token"] == "t")
        #expect(IdentitySamples.fields(requests[2])["device_code"] == "d")
        #expect(IdentitySamples.fields(platform.deviceCodeRequest())["client_secret"] == nil)
    }
}

@Suite("Answers of the token endpoint")
struct TokenTests {
    private func failure(_ response: HTTPResponse) -> TokenFailure? {
        do throws(TokenFailure) {
            _ = try TokenGrant(response, now: IdentitySamples.now)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "the life of a token, however it is written",
        arguments: [
            (.integer(3599), 3599), (.string("4000"), 4000), (.null, 3600), (.integer(-5), 0),
            (.integer(.max), 100_800), (.string("soon"), 3600),
        ] as [(JSONValue, Int64)])
    func life(told: JSONValue, seconds: Int64) throws {
        let grant = try TokenGrant(
            IdentitySamples.json(
                200,
                [
                    "token_type": "Bearer", "access_token": "a", "expires_in": told, "scope": "s",
                    "refresh_token": "r",
                ]), now: IdentitySamples.now)
        #expect(grant.expires == Timestamp(seconds: 1_800_000_000 + seconds))
        #expect(grant.accessToken == "a" && grant.refreshToken == "r" && grant.scope == "s")
    }

    @Test("a refresh without a new refresh token keeps the old one")
    func keptRefreshToken() throws {
        let old = Credentials(
            clientID: "app", refreshToken: "old", accessToken: "x", accessTokenExpires: .epoch,
            scope: "s", driveID: "d")
        let answers: [(JSONValue, String)] = [(.null, "old"), ("", "old"), ("new", "new")]
        for (answer, expected) in answers {
            let grant = try TokenGrant(
                IdentitySamples.json(200, ["access_token": "a", "refresh_token": answer]),
                now: IdentitySamples.now)
            let renewed = old.renewed(by: grant)
            #expect(renewed.refreshToken == expected)
            #expect(renewed.accessToken == "a")
            #expect(renewed.driveID == "d" && renewed.scope == "s" && renewed.clientID == "app")
            #expect(!renewed.needRenewal(at: IdentitySamples.now))
            #expect(renewed.needRenewal(at: Timestamp(seconds: 1_800_003_301)))
            #expect((grant.credentials(clientID: "app") == nil) == (expected == "old"))
        }
        #expect(old.needRenewal(at: IdentitySamples.now))
    }

    @Test(
        "refusals, what can be done about them and what the user is told",
        arguments: [
            ("invalid_grant", 700_082, .signInNeeded, "onedrive login"),
            ("invalid_grant", 50173, .signInNeeded, "revoked"),
            ("invalid_grant", 65001, .signInNeeded, "consent"),
            ("interaction_required", 50076, .signInNeeded, "second factor"),
            ("login_required", 50058, .signInNeeded, "cookie"),
            ("invalid_client", 7_000_215, .configuration, "client_secret is wrong"),
            ("invalid_client", 7_000_222, .configuration, "client_secret has expired"),
            ("invalid_client", 7_000_218, .configuration, "set client_secret"),
            ("invalid_client", 700_025, .configuration, "remove client_secret"),
            ("unauthorized_client", 700_016, .configuration, "client_id"),
            ("invalid_request", 50011, .configuration, "redirect_uri"),
            ("invalid_request", 90002, .configuration, "tenant"),
            ("invalid_scope", 70011, .configuration, "scope"),
            ("access_denied", 65004, .declined, "consent"),
            ("temporarily_unavailable", 90033, .temporary(retryAfter: nil), "cannot answer now"),
            ("authorization_pending", 70016, .pending, "not been entered"),
            ("slow_down", 70016, .slowDown, "not been entered"),
            ("authorization_declined", 70000, .declined, "declined"),
            ("expired_token", 70019, .expired, "in time"),
            ("bad_verification_code", 70018, .expired, "in time"),
            ("something_new", 12345, .configuration, "refuses this application"),
        ] as [(String, Int, TokenFailure.Kind, String)])
    func refusals(code: String, number: Int, kind: TokenFailure.Kind, text: String) throws {
        let failure = try #require(self.failure(IdentitySamples.refusal(code, number)))
        #expect(failure.kind == kind)
        #expect(failure.number == number)
        #expect(failure.detail == "AADSTS\(number): It failed.")
        #expect(failure.description.contains(text), "\(failure.description)")
        #expect(failure.description.contains("AADSTS\(number)"))
        #expect(!failure.description.contains("Trace"))
        #expect(failure.askingForSignIn.ranges(of: "'onedrive login'").count == 1)
    }

    @Test("what passes by itself, and for how long to wait")
    func temporary() throws {
        let retry = [HTTPHeader("Retry-After", "2.5")]
        let cases: [(HTTPResponse, Int64?)] = [
            (IdentitySamples.refusal("invalid_grant", 90055, status: 429), nil),
            (IdentitySamples.json(503, ["error": "x"], retry), 2),
            (HTTPResponse(status: 500), nil),
            (HTTPResponse(status: 200, body: Array("<html>Welcome to our Wi-Fi".utf8)), nil),
            (HTTPResponse(status: 403, body: Array("blocked".utf8)), nil),
            (IdentitySamples.json(200, [:]), nil),
            (IdentitySamples.json(200, ["access_token": ""]), nil),
            (IdentitySamples.json(400, [1, 2]), nil),
        ]
        for (response, delay) in cases {
            #expect(failure(response)?.kind == .temporary(retryAfter: delay))
        }
    }

    @Test("the file of the credentials comes back as it was")
    func credentialsFile() throws {
        let credentials = Credentials(
            clientID: "app", refreshToken: "r\"\u{1}é", accessToken: "a",
            accessTokenExpires: IdentitySamples.now, scope: "s", driveID: "b!1")
        for driveID in ["b!1", nil] {
            var written = credentials
            written.driveID = driveID
            let read = try JSONValue(parsing: written.json.serialized(pretty: true))
            #expect(Credentials(json: read) == written)
        }
    }

    @Test(
        "files that are no credentials",
        arguments: [
            .null, [:], ["version": 2, "client_id": "a", "refresh_token": "r"],
            ["version": 1, "client_id": "a"],
            ["version": 1, "client_id": "a", "refresh_token": ""],
            ["version": 1, "refresh_token": "r"],
        ] as [JSONValue])
    func foreignFile(json: JSONValue) {
        #expect(Credentials(json: json) == nil)
    }
}

@Suite("Redirects of the browser")
struct RedirectTests {
    @Test("a code is believed only with the text the sign-in began with")
    func replies() {
        #expect(AuthorizationReply.code(query: "code=a%2Bb&state=s", state: "s") == .success("a+b"))
        for query in [
            "", "code=a", "code=a&state=t", "code=&state=s", "state=s", "code=%zz&state=s",
            "error=access_denied&state=t",
        ] {
            #expect(
                AuthorizationReply.code(query: query, state: "s") == .failure(.foreignAnswer),
                "\(query)")
        }
        let refused = AuthorizationReply.code(
            query: "error=access_denied&error_description=AADSTS65004%3a+No.&state=s", state: "s")
        #expect(
            refused
                == .failure(
                    .refused(
                        TokenFailure(
                            kind: .declined, code: "access_denied", number: 65004,
                            detail: "AADSTS65004: No."))))
    }

    @Test(
        "addresses are taken apart",
        arguments: [
            ("http://localhost", "localhost", "/", "", true),
            ("http://localhost?a=b", "localhost", "/", "a=b", true),
            ("http://127.0.0.1:80/a/b?c/d#e", "127.0.0.1:80", "/a/b", "c/d", true),
            ("https://localhost/x", "localhost", "/x", "", false),
            (
                "https://a.example/common/oauth2/nativeclient", "a.example",
                "/common/oauth2/nativeclient", "", false
            ),
        ])
    func addresses(
        url: String, authority: String, path: String, query: String, isLoopback: Bool
    ) throws {
        let address = try #require(RedirectAddress(url))
        #expect(address.authority.text == authority)
        #expect(address.path == path)
        #expect(RedirectAddress.query(ofURL: url) == query[...])
        #expect(address.isLoopback == isLoopback)
    }

    @Test("a port is added where there is none")
    func ports() {
        #expect(RedirectAddress.url("http://localhost", withPort: 5) == "http://localhost:5")
        #expect(RedirectAddress.url("http://localhost/a", withPort: 5) == "http://localhost:5/a")
        #expect(RedirectAddress.url("http://localhost:7/a", withPort: 5) == "http://localhost:7/a")
    }
}
