import Core
import Logging

/// The way to the service: connections, sign-in, and which drive is meant.
struct ClientNetwork {
    let http: HTTPClient
    private let signIn: SignIn
    private let store: CredentialStore

    init(
        _ configuration: Configuration, _ directory: SystemDirectory, _ log: Logger
    ) throws(ClientError) {
        let options = HTTPClientConfiguration(
            configuration, version: Release.version, log: { log.debug("\($0)") })
        http = try Client.attempt(.other) { () throws(HTTPClientFailure) in
            try HTTPClient(configuration: options)
        }
        signIn = SignIn(
            configuration: configuration, client: http, now: { Clock.now }, notify: { _ in })
        store = CredentialStore(directory: directory.path)
    }

    /// The credentials of an earlier sign-in, or those that the cookie brings.
    func tokens(_ configuration: Configuration) async throws(ClientError) -> TokenSource {
        let stored = try Client.attempt(.cannotWrite) { () throws(CredentialStoreFailure) in
            try store.load()
        }
        if let stored, stored.clientID == configuration.clientID {
            return source(stored, configuration)
        }
        guard let cookie = configuration.cookie else {
            throw ClientError(.signIn, "nobody is signed in; run 'onedrive login' first")
        }
        switch await signIn.cookie(cookie) {
        case .failure(let failure): throw ClientError(failure)
        case .success(let credentials):
            try Client.attempt(.cannotWrite) { () throws(CredentialStoreFailure) in
                try store.save(credentials)
            }
            return source(credentials, configuration)
        }
    }

    private func source(
        _ credentials: Credentials, _ configuration: Configuration
    ) -> TokenSource {
        TokenSource(
            credentials, store: store, signIn: signIn,
            platform: IdentityPlatform(configuration), http: http, cookie: configuration.cookie)
    }

    /// Which drive is meant.
    ///
    /// The library of a site is asked for by name once; its id is kept in the state.
    func endpoint(
        _ configuration: Configuration, _ stored: StoredState, _ tokens: TokenSource
    ) async throws(ClientError) -> GraphEndpoint {
        let graph = configuration.graphEndpoint
        if let known = stored.settings[.drive] {
            return GraphEndpoint(graph: graph, drive: .drive(DriveID(normalizing: known)))
        }
        switch configuration.drive {
        case .own: return GraphEndpoint(graph: graph, drive: .me)
        case .id(let id):
            return GraphEndpoint(graph: graph, drive: .drive(DriveID(normalizing: id)))
        case .site(let host, let path, let library):
            let site = SharePointSite(host: host, path: path)
            let endpoint = GraphEndpoint(graph: graph, drive: .site(site))
            guard let library else { return endpoint }
            let drive = try await find(library, in: site, endpoint, tokens)
            return GraphEndpoint(graph: graph, drive: .drive(drive))
        }
    }

    private func find(
        _ library: String, in site: SharePointSite, _ endpoint: GraphEndpoint,
        _ tokens: TokenSource
    ) async throws(ClientError) -> DriveID {
        let call = GraphCall.libraries(of: site)
        var request = endpoint.request(for: call).http
        guard let token = await tokens.usable() else {
            throw ClientError(.signIn, "the sign-in has expired; run 'onedrive login'")
        }
        request.headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        switch await http.response(to: request) {
        case .failure(let failure): throw ClientError(.unavailable, "\(failure)")
        case .success(let response):
            guard case .drives(let drives) = GraphAnswer(to: call, response) else {
                throw ClientError(
                    .unavailable,
                    "the libraries of \(site.host)\(site.path) "
                        + "cannot be listed (status \(response.status))")
            }
            if let match = drives.first(where: { $0.name == library }) { return match.id }
            let names = drives.compactMap(\.name).sorted().joined(separator: ", ")
            throw ClientError(
                .configuration,
                "drive: there is no library '\(library)' on \(site.host)\(site.path); "
                    + "there are: \(names)")
        }
    }
}

extension ClientError {
    init(_ failure: SignInFailure) {
        switch failure {
        case .unreachable: self.init(.unavailable, "\(failure)")
        case .system: self.init(.other, "\(failure)")
        case .refused, .cookieExpired, .foreignAnswer, .timedOut, .noRefreshToken,
            .unusableRedirect:
            self.init(.signIn, "\(failure)")
        }
    }
}

/// Which version of the program this is.
package enum Release {
    package static let version = "0.1.0"
}
