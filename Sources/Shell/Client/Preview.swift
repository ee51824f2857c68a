import Core
import Logging

/// Finds out what a client would do, and changes nothing: the state is only read, and nothing but
/// `GET` is asked of the drive.
package struct Preview {
    private let configuration: Configuration
    private let log: Logger

    package init(_ configuration: Configuration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    /// The plan as it would be made now.
    package func report() async throws(ClientError) -> PlanReport {
        try await look().report(at: Clock.now)
    }

    /// Why the plan, as it would be made now, treats a path as it does.
    package func explanation(of path: [Name]) async throws(ClientError) -> Explanation {
        try await look().explanation(of: path, at: Clock.now)
    }

    private func look() async throws(ClientError) -> PlanPreview {
        let directory = try Client.attempt(.cannotWrite) { () throws(SystemDirectoryError) in
            try SystemDirectory(preparing: configuration.systemDirectory)
        }
        let stored = try load(directory)
        let content = try Client.attempt(.cannotWrite) { () throws(ContentError) in
            try ContentStore(directory: directory)
        }
        let network = try ClientNetwork(configuration, directory, log)
        defer { network.http.stop() }
        let tokens = try await network.tokens(configuration)
        let endpoint = try await network.endpoint(configuration, stored, tokens)
        var preview = PlanPreview(
            stored, try inventory(of: stored, content),
            configuration: EngineConfiguration(configuration), at: Clock.now)
        try await complete(&preview, endpoint, network.http, tokens)
        for request in preview.hashRequests {
            let hash = try Client.attempt(.cannotWrite) { () throws(ContentError) in
                try content.hash(request.generation, size: request.size)
            }
            preview.hashed(request, hash)
        }
        return preview
    }

    private func load(_ directory: SystemDirectory) throws(ClientError) -> StoredState {
        do throws(StoreError) {
            return try StateStore(directory: directory, mode: .readOnly).load()
        } catch {
            // A drive that was never mounted: everything would be new.
            if case .missing = error { return StoredState() }
            throw ClientError(.cannotWrite, "\(error)")
        }
    }

    /// The sizes of the files written here: of those the database knows only the last flush.
    private func inventory(
        of stored: StoredState, _ content: ContentStore
    ) throws(ClientError) -> Engine.ContentInventory {
        var inventory = Engine.ContentInventory()
        for generation in stored.generations {
            inventory.sizes[generation.id] = try? content.open(generation.id).size()
        }
        return inventory
    }

    /// Asks the service until everything is known.
    private func complete(
        _ preview: inout PlanPreview, _ endpoint: GraphEndpoint, _ http: HTTPClient,
        _ tokens: TokenSource
    ) async throws(ClientError) {
        while true {
            switch preview.nextStep {
            case .done: return
            case .renewToken:
                await tokens.replace()
                preview.resume()
            case .wait(let nanoseconds):
                log.notice("the service asks to wait \(nanoseconds / 1_000_000_000) s")
                try? await Task.sleep(for: .nanoseconds(nanoseconds))
                preview.resume()
            case .ask(let call):
                let outcome = try await ask(call, endpoint, http, tokens)
                if let problem = preview.take(outcome, at: Clock.now) {
                    throw ClientError(
                        .unavailable, "the service cannot be asked for changes: \(problem)")
                }
            }
        }
    }

    private func ask(
        _ call: GraphCall, _ endpoint: GraphEndpoint, _ http: HTTPClient, _ tokens: TokenSource
    ) async throws(ClientError) -> Result<GraphAnswer, TransportFailure> {
        var request = endpoint.request(for: call)
        if request.authorization == .bearer {
            guard let token = await tokens.usable() else {
                throw ClientError(.signIn, "the sign-in has expired; run 'onedrive login'")
            }
            request.http.headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        }
        return await http.response(to: request.http, priority: .metadata)
            .map { GraphAnswer(to: call, $0) }
    }
}
