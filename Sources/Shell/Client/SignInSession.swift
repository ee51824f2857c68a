import Core

/// How to sign in.
package enum SignInWay: Hashable, Sendable {
    case browser
    case deviceCode
    case cookie
}

/// Signing in and out on behalf of the command line.
package struct SignInSession: Sendable {
    private let configuration: Configuration
    private let store: CredentialStore

    package init(_ configuration: Configuration) throws(ClientError) {
        self.configuration = configuration
        let directory = try Client.attempt(.cannotWrite) { () throws(SystemDirectoryError) in
            try SystemDirectory(preparing: configuration.systemDirectory)
        }
        store = CredentialStore(directory: directory.path)
    }

    /// Signs in and keeps the tokens.
    ///
    /// - Parameters:
    ///   - way: How.
    ///   - show: Shows the user what to do meanwhile.
    /// - Throws: Why nobody is signed in, or the tokens cannot be kept.
    package func signIn(
        _ way: SignInWay, show: @escaping @Sendable (SignIn.Notice) -> Void
    ) async throws(ClientError) {
        let http = try Client.attempt(.other) { () throws(HTTPClientFailure) in
            try HTTPClient(
                configuration: HTTPClientConfiguration(configuration, version: Release.version))
        }
        defer { http.stop() }
        let signIn = SignIn(
            configuration: configuration, client: http, now: { Clock.now }, notify: show)
        let result: Result<Credentials, SignInFailure>
        switch way {
        case .browser: result = await signIn.browser()
        case .deviceCode: result = await signIn.deviceCode()
        case .cookie: result = await signIn.cookie(configuration.cookie ?? "")
        }
        switch result {
        case .failure(let failure): throw ClientError(failure)
        case .success(let credentials):
            try Client.attempt(.cannotWrite) { () throws(CredentialStoreFailure) in
                try store.save(credentials)
            }
        }
    }

    /// Forgets the tokens.
    ///
    /// Returns whether there were any.
    package func signOut() throws(ClientError) -> Bool {
        try Client.attempt(.cannotWrite) { () throws(CredentialStoreFailure) in
            guard try store.load() != nil else { return false }
            try store.remove()
            return true
        }
    }
}
