import Core
import GraphSimulator
import Testing

/// A story whose traffic is a fixture: told against the simulated service to record it, and against
/// the recording to check it.
struct TrafficScenario: CustomTestStringConvertible, Sendable {
    let name: String
    let title: String
    let profile: AccountProfile
    let quirks: Quirks
    let story: @Sendable (inout EngineWorld) throws -> Void

    var testDescription: String { name }

    init(
        _ name: String, _ title: String, profile: AccountProfile = .business,
        quirks: Quirks = Quirks(), _ story: @escaping @Sendable (inout EngineWorld) throws -> Void
    ) {
        self.name = name
        self.title = title
        self.profile = profile
        self.quirks = quirks
        self.story = story
    }

    /// Tells the story, asks for a plan at its end, and gives that with the wire as it is then.
    func tell(over wire: Wire) throws -> (report: PlanReport?, wire: Wire) {
        let service = GraphService(profile: profile, seed: 11, quirks: quirks, now: Self.start)
        var world = EngineWorld(service)
        world.wire = wire
        do {
            try story(&world)
        } catch {
            // Where the recording did not hold what was asked, that is the reason.
            guard world.wire.failure != nil else { throw error }
        }
        let report = world.wire.failure == nil ? world.plan() : nil
        return (report, world.wire)
    }

    private static let start = Timestamp(seconds: 1_767_225_600)
}

extension EngineWorld {
    /// What other devices do; a recording holds what came of it already.
    mutating func elsewhere(
        _ change: (inout GraphService, Timestamp) throws(RemoteChangeRefused) -> Void
    ) throws(RemoteChangeRefused) {
        if case .replay = wire { return }
        try change(&service, now)
    }

    /// What `plan --dry-run` would say now; nil where the service could not be asked.
    mutating func plan() -> PlanReport? {
        var preview = PlanPreview(of: engine, at: now)
        while true {
            switch preview.nextStep {
            case .ask(let call):
                let outcome = ask(call)
                if preview.take(outcome, at: now) != nil || wire.failure != nil { return nil }
            case .wait(let nanoseconds):
                now = now.advanced(byNanoseconds: nanoseconds)
                preview.resume()
            case .renewToken: preview.resume()
            case .done:
                while case let requests = preview.hashRequests(), !requests.isEmpty {
                    for request in requests {
                        let bytes = disk[request.generation] ?? []
                        preview.hashed(request, .hash(of: Array(bytes.prefix(Int(request.size)))))
                    }
                }
                return preview.report(at: now)
            }
        }
    }

    private mutating func ask(_ call: GraphCall) -> Result<GraphAnswer, TransportFailure> {
        let request = endpoint.request(for: call).http
        let token = service.issueTokens(now: now).access
        let path = request.url.dropFirst(endpoint.graph.count)
        let answer = answer(
            SimulatedRequest(
                method: request.method.rawValue, target: String(path),
                headers: request.headers + [HTTPHeader("Authorization", "Bearer \(token)")]),
            to: request)
        now = now.advanced(byNanoseconds: 1_000_000)
        return answer.map { .success(GraphAnswer(to: call, $0)) }
            ?? .failure(.connectionLost(sentEverything: true))
    }
}
