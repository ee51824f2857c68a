/// A preview of a plan that asks a recording instead of the service: no network, no clock.
package struct ReplayedPreview: Sendable {
    package private(set) var preview: PlanPreview
    private let endpoint: GraphEndpoint
    private var replay: Replay
    /// The time of the recording.
    package private(set) var now: Timestamp

    /// Prepares it.
    ///
    /// - Parameters:
    ///   - archive: The recording.
    ///   - stored: What was known before.
    ///   - inventory: The content files that belong to it.
    ///   - configuration: What the user decided.
    /// - Throws: Where the recording is of no drive.
    package init(
        _ archive: HTTPArchive, _ stored: StoredState, _ inventory: Engine.ContentInventory,
        configuration: EngineConfiguration
    ) throws(ReplayedPreviewFailure) {
        guard let endpoint = GraphEndpoint(recordedIn: archive) else { throw .noDrive }
        self.endpoint = endpoint
        replay = Replay(archive)
        now = archive.entries.lazy.compactMap(\.started).max() ?? .epoch
        preview = PlanPreview(
            Self.named(stored, endpoint, replay), inventory, configuration: configuration, at: now)
    }

    /// The state with the names of the recording, unless the recording calls things by their own.
    private static func named(
        _ stored: StoredState, _ endpoint: GraphEndpoint, _ replay: Replay
    ) -> StoredState {
        guard let cursor = stored.settings[.cursor] else { return stored }
        let question = endpoint.request(for: .delta(.link(cursor))).http
        guard !replay.canAnswer(RecordedRequest(question)) else { return stored }
        var pseudonyms = Pseudonyms(secrets: [], origin: RecordingOrigin(of: stored))
        return stored.named(by: &pseudonyms)
    }

    /// Asks everything there is to ask, and goes on as long as the recording tells of changes.
    package mutating func run() throws(ReplayedPreviewFailure) {
        while true {
            switch preview.nextStep {
            case .ask(let call): try ask(call)
            case .renewToken: preview.resume()
            case .wait(let nanoseconds):
                now = now.advanced(byNanoseconds: nanoseconds)
                preview.resume()
            case .done:
                guard let next = preview.followingRound,
                    replay.canAnswer(RecordedRequest(endpoint.request(for: next).http))
                else {
                    try finish()
                    return
                }
                preview.beginFollowingRound()
            }
        }
    }

    package mutating func hashRequests() -> [HashRequest] { preview.hashRequests() }

    package mutating func hashed(_ request: HashRequest, _ hash: QuickXorHash) {
        preview.hashed(request, hash)
    }

    private mutating func ask(_ call: GraphCall) throws(ReplayedPreviewFailure) {
        let exchange: RecordedExchange
        do throws(ReplayFailure) {
            exchange = try replay.exchange(for: RecordedRequest(endpoint.request(for: call).http))
        } catch {
            throw .replay(error)
        }
        let outcome: Result<GraphAnswer, TransportFailure> =
            exchange.response.map { .success(GraphAnswer(to: call, $0.http)) }
            ?? .failure(.connectionLost(sentEverything: true))
        if let problem = preview.take(outcome, at: now) {
            throw .stopped(at: exchange.request.name, problem)
        }
    }

    private func finish() throws(ReplayedPreviewFailure) {
        do throws(ReplayFailure) {
            try replay.finish { $0.isQuestionForChanges }
        } catch {
            throw .replay(error)
        }
    }
}

/// Why a recording gives no plan.
package enum ReplayedPreviewFailure: Error, Sendable {
    /// It holds no request that names a drive.
    case noDrive
    case replay(ReplayFailure)
    /// A recorded answer after which the client would have given up.
    case stopped(at: String, String)
}

extension ReplayedPreviewFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDrive:
            "the recording holds no request to a drive of Graph (such as GET "
                + "https://graph.microsoft.com/v1.0/me/drive/root/delta)"
        case .replay(let failure): "\(failure)"
        case .stopped(let request, let problem):
            "the answer to \(request) ends the plan: \(problem)"
        }
    }
}
