import Core
import Shell
import Synchronization
import Testing

@Suite("Sign-in")
struct SignInTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let tokens = TinyServer.Reply.response(
        200, [],
        Array(#"{"access_token":"a","refresh_token":"r","expires_in":"3600","scope":"s"}"#.utf8))

    /// Runs a body with a sign-in at a small server, and the notices it gave.
    private func withSignIn(
        redirectURI: String? = nil, notify: @escaping @Sendable (SignIn.Notice) -> Void = { _ in },
        reply: @escaping @Sendable (TinyServer.Request) -> TinyServer.Reply,
        body: (SignIn, TinyServer, HTTPClient) async throws -> Void
    ) async throws {
        let server = try TinyServer(handler: reply)
        let client = try HTTPClient(configuration: HTTPClientConfiguration(userAgent: "x"))
        defer {
            client.stop()
            server.stop()
        }
        var configuration = Configuration(
            clientID: "app", systemDirectory: "/nowhere", mountDirectory: "/nowhere")
        configuration.loginEndpoint = server.baseURL
        configuration.redirectURI = redirectURI
        let signIn = SignIn(
            configuration: configuration, client: client, now: { Self.now }, sleep: { _ in },
            notify: notify)
        try await body(signIn, server, client)
    }

    private static func parameters(ofURL url: String) -> [String: String] {
        let fields = PercentEncoding.decodeForm(RedirectAddress.query(ofURL: url)) ?? []
        return Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private static func form(_ request: TinyServer.Request) -> [String: String] {
        parameters(ofURL: "http://x/?" + String(decoding: request.body, as: UTF8.self))
    }

    private static let expected = Credentials(
        clientID: "app", refreshToken: "r", accessToken: "a",
        accessTokenExpires: Timestamp(seconds: 1_800_003_600), scope: "s")

    @Test("with a browser")
    func browser() async throws {
        let (addresses, address) = AsyncStream.makeStream(of: String.self)
        try await withSignIn(
            notify: { notice in
                guard case .open(let url) = notice else { return }
                address.yield(url)
            }, reply: { _ in Self.tokens }
        ) { signIn, server, client in
            async let result = signIn.browser(timeout: .seconds(60))
            var iterator = addresses.makeAsyncIterator()
            let url = try #require(await iterator.next())
            let asked = Self.parameters(ofURL: url)
            let redirect = try #require(asked["redirect_uri"])
            let state = try #require(asked["state"])
            #expect(redirect.hasPrefix("http://localhost:"))
            #expect(state.utf8.count == 43)
            _ = try await client.response(
                to: HTTPRequest(.get, "\(redirect)/?code=C&state=\(state)")
            ).get()
            #expect(await result == .success(Self.expected))
            let form = Self.form(try #require(server.requests.first))
            #expect(form["code"] == "C")
            #expect(form["redirect_uri"] == redirect)
            #expect(form["code_verifier"]?.utf8.count == 43)
            #expect(form["code_verifier"] != asked["code_challenge"])
            #expect(asked["code_challenge"]?.utf8.count == 43)
        }
    }

    @Test("with a cookie, through a redirect inside the login host")
    func cookie() async throws {
        try await withSignIn(redirectURI: "https://a.example/cb") { request in
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/common/oauth2/v2.0/authorize":
                return .response(
                    302,
                    [
                        HTTPHeader(
                            "Location", "/next?" + request.target.drop { $0 != "?" }.dropFirst()),
                        HTTPHeader("Set-Cookie", "B=2; path=/"),
                    ])
            case "/next":
                let state = Self.parameters(ofURL: "http://x" + request.target)["state"] ?? ""
                return .response(
                    302, [HTTPHeader("Location", "https://a.example/cb?code=C&state=\(state)")])
            default: return Self.tokens
            }
        } body: { signIn, server, _ in
            #expect(await signIn.cookie("A=1") == .success(Self.expected))
            #expect(server.requests.map { $0.header("Cookie") } == ["A=1", "A=1; B=2", nil])
        }
    }

    @Test("with a cookie that has expired")
    func expiredCookie() async throws {
        try await withSignIn { _ in
            .response(200, [], Array("<html>Sign in".utf8))
        } body: { signIn, _, _ in
            #expect(await signIn.cookie("A=1") == .failure(.cookieExpired(nil)))
        }
    }

    @Test("with a code on another device")
    func deviceCode() async throws {
        let notices = Mutex<[SignIn.Notice]>([])
        let polls = Mutex(0)
        try await withSignIn(notify: { notice in notices.withLock { $0.append(notice) } }) {
            request in
            guard request.target.hasSuffix("/token") else {
                return .response(
                    200, [],
                    Array(
                        #"{"user_code":"U","device_code":"D","verification_uri":"https://a/d","interval":1}"#
                            .utf8))
            }
            let count = polls.withLock {
                $0 += 1
                return $0
            }
            return count < 3
                ? .response(400, [], Array(#"{"error":"authorization_pending"}"#.utf8))
                : Self.tokens
        } body: { signIn, server, _ in
            #expect(await signIn.deviceCode() == .success(Self.expected))
            #expect(notices.withLock { $0 } == [.enter(userCode: "U", address: "https://a/d")])
            #expect(server.requests.count == 4)
        }
    }

    @Test("tokens that cannot be renewed are no sign-in")
    func noRefreshToken() async throws {
        try await withSignIn { request in
            request.target.hasSuffix("/token")
                ? .response(200, [], Array(#"{"access_token":"a"}"#.utf8))
                : .response(
                    200, [],
                    Array(#"{"user_code":"U","device_code":"D","verification_uri":"u"}"#.utf8))
        } body: { signIn, _, _ in
            #expect(await signIn.deviceCode() == .failure(.noRefreshToken))
        }
    }

    @Test("a refusal of the code and an unreachable platform")
    func failures() async throws {
        try await withSignIn { request in
            guard request.target.hasSuffix("/token") else {
                let state = Self.parameters(ofURL: "http://x" + request.target)["state"] ?? ""
                return .response(
                    302, [HTTPHeader("Location", "http://localhost/?code=C&state=\(state)")])
            }
            return .response(
                401, [],
                Array(
                    #"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid."}"#
                        .utf8))
        } body: { signIn, server, _ in
            guard case .failure(.refused(let failure)) = await signIn.cookie("A=1") else {
                Issue.record("no refusal")
                return
            }
            #expect(failure.kind == .configuration)
            #expect(failure.number == 7_000_215)
            server.stop()
            #expect(await signIn.cookie("A=1") == .failure(.unreachable(.cannotConnect)))
        }
    }

    @Test("without a desktop no browser is started", arguments: [[:], ["DISPLAY": ""]])
    func noDesktop(variables: [String: String]) {
        #expect(!Browser.open("http://localhost/", variables: variables))
    }
}
