/// An engine that only looks: it takes in what the service tells and makes a plan, and keeps the
/// plan from happening.
package struct PlanPreview: Sendable {
    /// What the preview needs next.
    package enum Step: Hashable, Sendable {
        case ask(GraphCall)
        /// Another access token: the service does not take this one.
        case renewToken
        /// This time to pass, in nanoseconds, since the service asked for it or broke down.
        case wait(nanoseconds: Int64)
        /// Nothing: everything is known.
        case done
    }

    private var engine: Engine
    private var patience = PreviewPatience()

    package init(
        _ stored: StoredState, _ inventory: Engine.ContentInventory,
        configuration: EngineConfiguration, at now: Timestamp
    ) {
        engine = Engine(stored, inventory, configuration: configuration, at: now)
        // Whatever comes of it, nothing is planned before the preview asks.
        engine.planning.pause = .preview
        engine.beginPreview(at: now)
        _ = engine.takeOutput()
    }

    /// Looks at what a running engine would do, beside it: what programs and the service are at
    /// just now is known then, too.
    package init(of engine: Engine, at now: Timestamp) {
        self.engine = engine
        self.engine.planning.pause = .preview
        self.engine.beginPreview(at: now)
        _ = self.engine.takeOutput()
    }

    package var nextStep: Step {
        if let step = patience.step { return step }
        return engine.previewCall.map(Step.ask) ?? .done
    }

    /// Takes what came of the question.
    ///
    /// - Returns: Why the preview cannot go on; nil if it can.
    package mutating func take(
        _ outcome: Result<GraphAnswer, TransportFailure>, at now: Timestamp
    ) -> String? {
        defer { _ = engine.takeOutput() }
        switch outcome {
        case .failure(let failure):
            return patience.allows(failure) ? nil : "\(failure)"
        case .success(let answer):
            if engine.takePreview(answer, at: now) {
                patience = PreviewPatience()
                return nil
            }
            guard case .failure(let failure) = answer else { return "an unexpected answer" }
            return patience.allows(failure, at: now) ? nil : "\(failure)"
        }
    }

    /// Goes on after the time has passed, or with the new token.
    package mutating func resume() { patience.step = nil }

    /// The next question for changes, when one round of them is complete: a recording may hold
    /// several.
    package var followingRound: GraphCall? { engine.cloud.cursor.map { .delta(.link($0)) } }

    /// Asks for changes once more.
    package mutating func beginFollowingRound() { engine.beginPreviewRound() }

    /// The edited files that must be read to know what is to be done with them.
    ///
    /// What turns out to be one on both sides is taken for that first, and what lies inside after
    /// it: so this is asked until nothing is left to be read.
    package mutating func hashRequests() -> [HashRequest] { engine.previewHashes() }

    package mutating func hashed(_ request: HashRequest, _ hash: QuickXorHash) {
        engine.takePreviewHash(request, hash)
    }

    /// The plan as it would be made now; changes do not rest first.
    package func report(at now: Timestamp) -> PlanReport {
        engine.previewReport(at: now)
    }

    /// Why the plan, as it would be made now, treats a path as it does.
    package func explanation(of path: [Name], at now: Timestamp) -> Explanation {
        engine.explanation(of: path, at: now)
    }
}

/// How often a question of a preview is asked again.
private struct PreviewPatience: Hashable, Sendable {
    /// So many questions in a row may go wrong.
    private static let attempts = 6
    private static let second: Int64 = 1_000_000_000
    /// Whoever waits for a plan does not wait longer than this for one answer, in nanoseconds.
    private static let waitMax = 300 * second

    var step: PlanPreview.Step?
    private var count = 0
    private var hasRenewed = false

    mutating func allows(_ failure: TransportFailure) -> Bool {
        switch failure {
        case .timedOut, .connectionLost: return waits(for: backoff)
        case .cannotResolve, .cannotConnect, .tls, .bodyTooLarge, .aborted, .notStored, .other:
            return false
        }
    }

    mutating func allows(_ failure: GraphFailure, at now: Timestamp) -> Bool {
        switch failure.kind {
        case .unauthenticated:
            guard !hasRenewed else { return false }
            hasRenewed = true
            step = .renewToken
            return true
        case .throttled, .serverFault, .unreadable:
            return waits(for: failure.retryAfter?.nanoseconds(from: now) ?? backoff)
        case .forbidden, .notFound, .addressExpired, .nameTaken, .preconditionFailed, .gone,
            .tooLarge, .rangeNotSatisfiable, .locked, .notSupported, .quota, .malware,
            .badRequest, .notGraph:
            return false
        }
    }

    private var backoff: Int64 { Self.second << Int64(min(count, 5)) }

    private mutating func waits(for nanoseconds: Int64) -> Bool {
        guard count < Self.attempts, nanoseconds <= Self.waitMax else { return false }
        count += 1
        step = .wait(nanoseconds: nanoseconds)
        return true
    }
}
