package struct RequestScheduler: Sendable {
    package struct Configuration: Hashable, Sendable {
        package var concurrency: Int
        package init(concurrency: Int = 10) { self.concurrency = concurrency }
    }
    package enum Action: Hashable, Sendable {
        case send(RequestID, GraphCall, RequestPriority)
        case abort(RequestID)
        case obtainToken
        case deliver(RequestID, RequestOutcome)
        case changed(State)
    }
    package enum State: Hashable, Sendable {
        case online, offline, throttled
        case signInNeeded(String)
    }
    package var state: State = .online
    package var isOffline: Bool { state == .offline }
    package var nextTimer: Timestamp? { nil }
    var calls: [RequestID: (GraphCall, RequestPriority)] = [:]
    var waiting: [RequestID] = []
    package init(configuration: Configuration) {}
    package mutating func submit(
        _ id: RequestID, _ call: GraphCall, _ priority: RequestPriority, at now: Timestamp
    ) -> [Action] {
        calls[id] = (call, priority)
        return [.send(id, call, priority)]
    }
    package mutating func cancel(_ id: RequestID, at now: Timestamp) -> [Action] {
        calls[id] = nil
        return [.abort(id)]
    }
    package mutating func responded(
        _ id: RequestID, _ result: Result<GraphAnswer, TransportFailure>, random: UInt64,
        at now: Timestamp
    ) -> [Action] {
        guard calls[id] != nil else { return [] }
        switch result {
        case .success(.failure(let failure)) where failure.kind == .unauthenticated:
            waiting.append(id)
            return waiting.count == 1 ? [.obtainToken] : []
        case .success(let answer):
            calls[id] = nil
            return [.deliver(id, .answer(answer))]
        case .failure:
            calls[id] = nil
            return [.deliver(id, .ambiguous)]
        }
    }
    package mutating func tokenAnswered(_ outcome: TokenOutcome, at now: Timestamp) -> [Action] {
        defer { waiting = [] }
        return waiting.compactMap { id in calls[id].map { .send(id, $0.0, $0.1) } }
    }
    package mutating func timer(at now: Timestamp) -> [Action] { [] }
}
package enum RequestOutcome: Hashable, Sendable {
    case answer(GraphAnswer), ambiguous, offline, cancelled, signInNeeded
}
package enum TokenOutcome: Hashable, Sendable {
    case obtained
    case refused(String)
    case unavailable(String)
}
