import Core

/// Finds out what a client would do whose traffic was recorded: no network, nothing written.
package struct FixturePreview {
    private let path: String
    private let stateDirectory: String?
    private let configuration: EngineConfiguration

    /// Prepares it.
    ///
    /// - Parameters:
    ///   - path: A HAR file.
    ///   - stateDirectory: A `system_directory` as it was before; nil for a drive never seen.
    ///   - configuration: What the user decided.
    package init(
        _ path: String, stateDirectory: String?, configuration: EngineConfiguration
    ) {
        self.path = path
        self.stateDirectory = stateDirectory
        self.configuration = configuration
    }

    package func report() throws(ClientError) -> PlanReport {
        let archive = try RecordingFile.read(path)
        var state: SavedState?
        if let stateDirectory {
            let directory = try Client.attempt(.other) { () throws(SystemDirectoryError) in
                try SystemDirectory(existing: stateDirectory)
            }
            state = try SavedState(in: directory)
        }
        var replayed = try attempt { () throws(ReplayedPreviewFailure) in
            try ReplayedPreview(
                archive, state?.stored ?? StoredState(), state?.inventory ?? .init(),
                configuration: configuration)
        }
        try attempt { () throws(ReplayedPreviewFailure) in try replayed.run() }
        while let state, case let requests = replayed.hashRequests(), !requests.isEmpty {
            for request in requests { replayed.hashed(request, try state.hash(request)) }
        }
        return replayed.preview.report(at: replayed.now)
    }

    private func attempt<Value>(
        _ body: () throws(ReplayedPreviewFailure) -> Value
    ) throws(ClientError) -> Value {
        do throws(ReplayedPreviewFailure) {
            return try body()
        } catch {
            throw ClientError(.other, "\(path): \(error)")
        }
    }
}
