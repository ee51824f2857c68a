import Core
import Synchronization

/// The access token in use, and the way to a new one.
package final class TokenSource: Sendable {
    /// Nil after `logout`.
    private let credentials: Mutex<Credentials?>
    private let store: CredentialStore
    private let signIn: SignIn
    private let platform: IdentityPlatform
    private let http: HTTPClient
    /// Signs in without hands when the refresh token is refused.
    private let cookie: String?

    package init(
        _ credentials: Credentials, store: CredentialStore, signIn: SignIn,
        platform: IdentityPlatform, http: HTTPClient, cookie: String?
    ) {
        self.credentials = Mutex(credentials)
        self.store = store
        self.signIn = signIn
        self.platform = platform
        self.http = http
        self.cookie = cookie
    }

    /// The access token, unless it has ended.
    var current: String? {
        guard let credentials = credentials.withLock({ $0 }), !credentials.accessToken.isEmpty,
            credentials.accessTokenExpires > Clock.now
        else { return nil }
        return credentials.accessToken
    }

    /// What must not appear anywhere.
    var secrets: [String] {
        let credentials = credentials.withLock { $0 }
        return credentials.map { [$0.accessToken, $0.refreshToken] } ?? []
    }

    /// An access token that works, renewed if that is needed.
    func usable() async -> String? {
        if current == nil { _ = await renewed() }
        return current
    }

    /// Gets a new access token although the one at hand has not ended by the clock.
    func replace() async { _ = await renewed() }

    /// Gets a new access token.
    ///
    /// The engine asks once at a time.
    func renew(_ completion: @escaping @Sendable (TokenOutcome) -> Void) {
        Task.detached { [self] in
            completion(await renewed())
        }
    }

    /// What another sign-in has left on the disk; nil if somebody has signed out.
    func saved() throws(CredentialStoreFailure) -> Credentials? { try store.load() }

    /// Goes on with other tokens, or with none.
    func replace(by new: Credentials?) { credentials.withLock { $0 = new } }

    private func renewed() async -> TokenOutcome {
        guard let old = credentials.withLock({ $0 }) else {
            return .refused(ControlText.signedOut)
        }
        let request = platform.refreshRequest(refreshToken: old.refreshToken)
        switch await http.response(to: request, priority: .metadata) {
        case .failure(let failure): return .unavailable("\(failure)")
        case .success(let response):
            do throws(TokenFailure) {
                return keep(old.renewed(by: try TokenGrant(response, now: Clock.now)), for: old)
            } catch {
                return await signedInAgain(after: error, with: old)
            }
        }
    }

    /// Without a usable refresh token only the cookie helps, if there is one.
    private func signedInAgain(
        after failure: TokenFailure, with old: Credentials
    ) async -> TokenOutcome {
        if case .temporary(let seconds) = failure.kind {
            let wish = seconds.map {
                RetryAfter.delay(nanoseconds: Timestamp(seconds: $0).nanoseconds)
            }
            return .unavailable("\(failure)", retryAfter: wish)
        }
        guard let cookie else { return .refused(failure.askingForSignIn) }
        switch await signIn.cookie(cookie) {
        case .success(let new): return keep(new, for: old)
        case .failure(.unreachable(let failure)): return .unavailable("\(failure)")
        case .failure(let failure): return .refused("\(failure)")
        }
    }

    /// Keeps what came for the tokens that were there before, unless others took their place
    /// meanwhile.
    private func keep(_ new: Credentials, for old: Credentials) -> TokenOutcome {
        let current = credentials.withLock { $0 }
        guard current == old else {
            return current.map { .obtained(until: $0.accessTokenExpires) }
                ?? .refused(ControlText.signedOut)
        }
        // On the disk before it is used: the old refresh token may not work for long any more.
        do throws(CredentialStoreFailure) {
            try store.save(new)
        } catch {
            return .unavailable("\(error)")
        }
        credentials.withLock { $0 = new }
        return .obtained(until: new.accessTokenExpires)
    }
}
