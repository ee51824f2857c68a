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
        let directory = try directory()
        let state = try SavedState(in: directory)
        let network = try ClientNetwork(configuration, directory, log)
        defer { network.http.stop() }
        let tokens = try await network.tokens(configuration)
        let endpoint = try await network.endpoint(configuration, state.stored, tokens)
        var preview = PlanPreview(
            state.stored, state.inventory, configuration: EngineConfiguration(configuration),
            at: Clock.now)
        try await PreviewQuestions(
            http: network.http, tokens: tokens, endpoint: endpoint, log: log
        ).answer(&preview)
        while case let requests = preview.hashRequests(), !requests.isEmpty {
            for request in requests { preview.hashed(request, try state.hash(request)) }
        }
        return preview
    }

    /// The directory as it is; only where there is none it is made, for the sign-in.
    private func directory() throws(ClientError) -> SystemDirectory {
        if let directory = try? SystemDirectory(existing: configuration.systemDirectory) {
            return directory
        }
        return try Client.attempt(.cannotWrite) { () throws(SystemDirectoryError) in
            try SystemDirectory(preparing: configuration.systemDirectory)
        }
    }
}
