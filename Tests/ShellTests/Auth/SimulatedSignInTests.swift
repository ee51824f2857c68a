import Core
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

@Suite("Sign-in at the simulated identity platform")
struct SimulatedSignInTests {
    private static let session = "ESTSAUTH=session; other=1"

    /// A simulated platform with a client for it, and the parts a test may change.
    private struct World {
        let host: SimulatorHost
        let client: HTTPClient
        let configuration: Configuration

        func signIn(_ notify: @escaping @Sendable (SignIn.Notice) -> Void = { _ in }) -> SignIn {
            let host = host
            return SignIn(
                configuration: configuration, client: client, now: { host.now },
                sleep: { _ in await Task.yield() }, notify: notify)
        }
    }

    private func withWorld(
        configure: (inout Configuration, inout IdentitySettings) -> Void = { _, _ in },
        body: (World) async throws -> Void
    ) async throws {
        let host = try await SimulatorHost(service: GraphService(profile: .business, seed: 5))
        let client = try HTTPClient(configuration: HTTPClientConfiguration(userAgent: "x"))
        var configuration = Configuration(
            clientID: AppRegistration.desktop.clientID, systemDirectory: "/nowhere",
            mountDirectory: "/nowhere")
        configuration.loginEndpoint = host.baseURL
        configuration.graphEndpoint = host.baseURL
        configuration.redirectURI = "http://localhost/callback"
        var settings = IdentitySettings()
        settings.sessionCookie = Self.session
        configure(&configuration, &settings)
        host.withService { $0.identitySettings = settings }
        do {
            try await body(World(host: host, client: client, configuration: configuration))
        } catch {
            client.stop()
            await host.stop()
            throw error
        }
        client.stop()
        await host.stop()
    }

    /// Asks Graph who is signed in.
    private func status(_ credentials: Credentials, _ world: World) async throws -> Int {
        let request = HTTPRequest(
            .get, world.configuration.graphEndpoint + "/v1.0/me",
            headers: [HTTPHeader("Authorization", "Bearer \(credentials.accessToken)")])
        return try await world.client.response(to: request).get().status
    }

    @Test("a cookie signs in, and the tokens work, are renewed and can be revoked")
    func cookie() async throws {
        try await withWorld { world in
            let credentials = try await world.signIn().cookie(Self.session).get()
            let status1 = try await status(credentials, world)
            #expect(status1 == 200)
            #expect(!credentials.needRenewal(at: world.host.now))
            let request = IdentityPlatform(world.configuration).refreshRequest(
                refreshToken: credentials.refreshToken)
            let answer = try await world.client.response(to: request).get()
            let renewed = credentials.renewed(by: try TokenGrant(answer, now: world.host.now))
            #expect(renewed.refreshToken != credentials.refreshToken)
            #expect(renewed.accessToken != credentials.accessToken)
            let status2 = try await status(renewed, world)
            #expect(status2 == 200)
            world.host.withService { $0.revokeTokens() }
            let refused = try await world.client.response(to: request).get()
            let failure = #expect(throws: TokenFailure.self) {
                try TokenGrant(refused, now: world.host.now)
            }
            #expect(failure?.kind == .signInNeeded)
        }
    }

    @Test("a cookie that the platform no longer knows has expired", arguments: [true, false])
    func expiredCookie(wasValid: Bool) async throws {
        try await withWorld {
            $1.sessionCookieExpires = wasValid ? .epoch : nil
        } body: { world in
            let cookie = wasValid ? Self.session : "ESTSAUTH=another"
            guard case .failure(.cookieExpired) = await world.signIn().cookie(cookie) else {
                Issue.record("the cookie was accepted")
                return
            }
        }
    }

    @Test(
        "a wrong registration is told apart",
        arguments: [
            ("0", nil, "http://localhost/callback", 700_016),
            (AppRegistration.desktop.clientID, nil, "http://localhost/wrong", 50011),
            (AppRegistration.desktop.clientID, "x", "http://localhost/callback", 700_025),
            ("confidential", nil, "https://a.example/cb", 7_000_218),
            ("confidential", "wrong", "https://a.example/cb", 7_000_215),
        ] as [(String, String?, String, Int)])
    func registration(
        clientID: String, secret: String?, redirectURI: String, number: Int
    ) async throws {
        try await withWorld {
            $0.clientID = clientID
            $0.clientSecret = secret
            $0.redirectURI = redirectURI
            $1.applications.append(
                AppRegistration(
                    clientID: "confidential", clientSecret: "right",
                    redirectURIs: ["https://a.example/cb"]))
        } body: { world in
            guard case .failure(.refused(let failure)) = await world.signIn().cookie(Self.session)
            else {
                Issue.record("the registration was accepted")
                return
            }
            #expect(failure.number == number)
            #expect(failure.kind == .configuration)
        }
    }

    @Test("a confidential application signs in with its secret and numbers that are texts")
    func confidential() async throws {
        try await withWorld {
            $0.clientID = "confidential"
            $0.clientSecret = "a+b/c=&d"
            $0.redirectURI = "https://a.example/cb"
            $1.numbersAreStrings = true
            $1.applications = [
                AppRegistration(
                    clientID: "confidential", clientSecret: "a+b/c=&d",
                    redirectURIs: ["https://a.example/cb"])
            ]
        } body: { world in
            let credentials = try await world.signIn().cookie(Self.session).get()
            #expect(!credentials.needRenewal(at: world.host.now))
            let status3 = try await status(credentials, world)
            #expect(status3 == 200)
        }
    }

    @Test("the browser signs in or declines", arguments: [true, false])
    func browser(agrees: Bool) async throws {
        let (addresses, address) = AsyncStream.makeStream(of: String.self)
        try await withWorld { world in
            let signIn = world.signIn { notice in
                if case .open(let url) = notice { address.yield(url) }
            }
            async let result = signIn.browser(timeout: .seconds(60))
            var iterator = addresses.makeAsyncIterator()
            let url = try #require(await iterator.next())
            let page = try await world.client.response(to: HTTPRequest(.get, url)).get()
            #expect(page.status == 200)
            // What the links of the sign-in page lead to.
            let link = url.replacing(
                "/authorize?", with: agrees ? "/signin?" : "/signin?decline=1&")
            let answer = try await world.client.response(to: HTTPRequest(.get, link)).get()
            let location = try #require(answer.header("Location"))
            let last = try await world.client.response(to: HTTPRequest(.get, location)).get()
            #expect(last.status == 200)
            switch await result {
            case .success(let credentials):
                #expect(agrees)
                let status4 = try await status(credentials, world)
                #expect(status4 == 200)
            case .failure(.refused(let failure)):
                #expect(!agrees && failure.kind == .declined)
            case .failure(let failure):
                Issue.record("\(failure)")
            }
        }
    }

    @Test("a code is approved or declined on another device", arguments: [true, false])
    func deviceCode(approves: Bool) async throws {
        try await withWorld {
            $1.deviceInterval = 0
        } body: { world in
            let host = world.host
            let signIn = world.signIn { notice in
                if case .enter(let userCode, _) = notice {
                    host.withService {
                        _ = $0.decideDevice(userCode: userCode, approve: approves)
                    }
                }
            }
            switch await signIn.deviceCode() {
            case .success(let credentials):
                #expect(approves)
                let status5 = try await status(credentials, world)
                #expect(status5 == 200)
            case .failure(.refused(let failure)):
                #expect(!approves && failure.kind == .declined)
            case .failure(let failure):
                Issue.record("\(failure)")
            }
        }
    }
}
