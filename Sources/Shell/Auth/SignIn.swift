import Core
import Crypto

/// Signs a user in, in one of three ways.
package struct SignIn: Sendable {
    /// What the user must see meanwhile.
    package enum Notice: Hashable, Sendable {
        /// Open this address; the program tries to do so as well.
        case open(url: String)
        /// Enter this code at this address.
        case enter(userCode: String, address: String)
    }

    /// How long the user may take in the browser.
    package static let browserTimeout = Duration.seconds(600)

    private let platform: IdentityPlatform
    private let client: HTTPClient
    private let redirectURI: String?
    private let notify: @Sendable (Notice) -> Void
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Prepares a sign-in.
    ///
    /// - Parameters:
    ///   - configuration: Names the platform, the application and the redirect address.
    ///   - client: Sends the requests.
    ///   - now: The time.
    ///   - sleep: Lets time pass between two questions.
    ///   - notify: Shows the user what to do.
    package init(
        configuration: Configuration, client: HTTPClient,
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        },
        notify: @escaping @Sendable (Notice) -> Void
    ) {
        platform = IdentityPlatform(configuration)
        redirectURI = configuration.redirectURI
        self.client = client
        self.now = now
        self.sleep = sleep
        self.notify = notify
    }

    /// Signs in with the browser of this machine.
    package func browser(timeout: Duration = browserTimeout) async -> Result<
        Credentials, SignInFailure
    > {
        let listener: LoopbackRedirectListener
        do {
            listener = try LoopbackRedirectListener(redirectURI: redirectURI ?? "http://localhost")
        } catch {
            return .failure(error)
        }
        let proofKey = Self.proofKey()
        let state = Self.randomText()
        notify(
            .open(
                url: platform.authorizeURL(
                    redirectURI: listener.redirectURI, state: state,
                    challenge: Self.challenge(of: proofKey))))
        switch await listener.code(state: state, timeout: timeout) {
        case .failure(let failure): return .failure(failure)
        case .success(let code):
            return await redeem(code, redirectURI: listener.redirectURI, proofKey)
        }
    }

    /// Signs in with a code that the user enters on any device.
    package func deviceCode() async -> Result<Credentials, SignInFailure> {
        var flow = DeviceCodeFlow(platform: platform)
        var actions = [flow.start]
        while !actions.isEmpty {
            switch actions.removeFirst() {
            case .send(let request):
                let answer = await client.response(to: request)
                actions += flow.handle(.answered(answer), at: now())
            case .show(let userCode, let address):
                notify(.enter(userCode: userCode, address: address))
            case .wait(let seconds):
                do {
                    try await sleep(.seconds(seconds))
                } catch {
                    return .failure(.timedOut)
                }
                actions += flow.handle(.waited, at: now())
            case .finish(let result):
                return result.flatMap(credentials)
            }
        }
        return .failure(.timedOut)
    }

    /// Signs in with the cookie of a browser that is signed in.
    ///
    /// - Parameter cookie: The value of its `Cookie` header field for the login host.
    /// - Returns: The credentials, or why there are none.
    package func cookie(_ cookie: String) async -> Result<Credentials, SignInFailure> {
        let proofKey = Self.proofKey()
        let address = redirectURI ?? "http://localhost"
        let flow = CookieFlow(
            platform: platform, redirectURI: address, cookie: cookie, state: Self.randomText(),
            challenge: Self.challenge(of: proofKey))
        guard var flow else {
            return .failure(.unusableRedirect("\(address) is no absolute URL"))
        }
        var request = flow.request
        while true {
            switch await client.response(to: request) {
            case .failure(let failure): return .failure(.unreachable(failure))
            case .success(let response):
                switch flow.receive(response) {
                case .send(let next): request = next
                case .failed(let failure): return .failure(failure)
                case .code(let code): return await redeem(code, redirectURI: address, proofKey)
                }
            }
        }
    }

    private func redeem(
        _ code: String, redirectURI: String, _ proofKey: ProofKey
    ) async -> Result<Credentials, SignInFailure> {
        let request = platform.codeRequest(
            code: code, redirectURI: redirectURI, proofKey: proofKey)
        switch await client.response(to: request) {
        case .failure(let failure): return .failure(.unreachable(failure))
        case .success(let response):
            do throws(TokenFailure) {
                return credentials(try TokenGrant(response, now: now()))
            } catch {
                return .failure(.refused(error))
            }
        }
    }

    private func credentials(_ grant: TokenGrant) -> Result<Credentials, SignInFailure> {
        guard let credentials = grant.credentials(clientID: platform.clientID) else {
            return .failure(.noRefreshToken)
        }
        return .success(credentials)
    }

    // MARK: Random numbers and hashes

    private static func proofKey() -> ProofKey {
        ProofKey(randomBytes: randomBytes())
    }

    private static func challenge(of proofKey: ProofKey) -> String {
        ProofKey.challenge(digest: Array(SHA256.hash(data: Array(proofKey.verifier.utf8))))
    }

    private static func randomText() -> String {
        Base64.encode(randomBytes(), urlSafe: true)
    }

    private static func randomBytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
