import GraphSimulator
import Core
import Testing

/// A wire that does whatever it likes, and then behaves again.
struct RequestSchedulerPropertyTests {
    static let calls: [GraphCall] = [
        .item("i"), .delta(.initial), .change("i", ItemChange(name: "n")),
        .delete("i", ifMatch: nil),
        .fragment(
            url: "https://up.example/s", generation: GenerationID(rawValue: 1), range: 0..<5,
            total: 9),
        .sessionStatus(url: "https://up.example/s"),
        .bytes(0..<1_000_000),
    ]

    static let answers: [GraphAnswer] = [
        .done, .done, .done, .failed(.notFound, 404), .failed(.unauthenticated, 401),
        .throttled(seconds: 3), .throttled(seconds: nil), .failed(.serverFault, 500),
        .failed(.serverFault, 503), .failed(.unreadable, 200), .failed(.notGraph, 200),
        .failed(.addressExpired, 404),
    ]

    static let failures: [TransportFailure] = [
        .cannotConnect, .cannotResolve, .timedOut, .connectionLost(sentEverything: true),
        .connectionLost(sentEverything: false), .aborted, .bodyTooLarge,
        .other(code: 56, message: "m"),
    ]

    /// Whether the service may have acted on a request that ended so.
    static func mayHaveActed(_ result: Result<GraphAnswer, TransportFailure>) -> Bool {
        switch result {
        case .success(.failure(let failure)):
            switch failure.kind {
            case .serverFault, .unreadable, .notGraph: true
            default: false
            }
        case .success: true
        case .failure(.cannotConnect), .failure(.cannotResolve), .failure(.tls): false
        case .failure(.connectionLost(let sentEverything)): sentEverything
        case .failure: true
        }
    }

    @Test(
        "every request ends once, no change is made twice, and no bound is broken",
        arguments: 0..<60 as Range<UInt64>)
    func chaos(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var driver = SchedulerDriver(
            connections: 3, metadataReserve: 1, readerReserve: 2, seed: seed)
        var calls: [RequestID: GraphCall] = [:]
        var acted: Set<RequestID> = []
        var next: UInt64 = 0
        for step in 0..<600 {
            let isCalm = step >= 400
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3 where !isCalm:
                next += 1
                let call = Self.calls.randomElement(using: &random) ?? .drive
                calls[RequestID(rawValue: next)] = call
                driver.submit(
                    next, call, RequestPriority.allCases.randomElement(using: &random) ?? .metadata)
            case 3 where driver.isTokenAwaited:
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !isCalm: driver.answerToken(.unavailable("x"))
                case 1 where !isCalm:
                    driver.answerToken(
                        .unavailable("x", retryAfter: .delay(nanoseconds: 9_000_000_000)))
                default: driver.obtainToken(validFor: Int64.random(in: 1...5_000, using: &random))
                }
            case 4: driver.waitForTimer()
            case 5 where !isCalm:
                // The clock may be set, in either direction.
                driver.wait(nanoseconds: Int64.random(in: -(1 << 42)...(1 << 42), using: &random))
            case 6 where !isCalm && Bool.random(using: &random): driver.networkChanged()
            default:
                guard let sent = driver.wire.randomElement(using: &random) else {
                    driver.waitForTimer()
                    continue
                }
                let isRepeatable = sent.call.isRepeatable
                #expect(isRepeatable || !acted.contains(sent.id), "\(sent) was sent twice")
                let result: Result<GraphAnswer, TransportFailure> =
                    isCalm
                    ? .success(.done)
                    : Bool.random(using: &random)
                        ? .success(Self.answers.randomElement(using: &random) ?? .done)
                        : .failure(Self.failures.randomElement(using: &random) ?? .timedOut)
                if Self.mayHaveActed(result) { acted.insert(sent.id) }
                driver.respond(sent.id.rawValue, result)
            }
            // Graph and the hosts of content are bounded apart.
            for need in [Authorization.bearer, .none] {
                #expect(driver.wire.count { $0.call.authorization == need } <= 6)
            }
            #expect(driver.scheduler.onTheWire == driver.wire.count)
            #expect(
                driver.scheduler.waiting == calls.count - driver.outcomes.count - driver.wire.count)
        }
        drain(&driver)
        #expect(driver.outcomes.count == calls.count)
        #expect(driver.scheduler.state == .online)
        for (id, outcome) in driver.outcomes {
            // What failed or was turned away must not have been done.
            switch outcome {
            case .ambiguous: #expect(calls[id]?.isRepeatable == false)
            case .failed, .offline, .busy, .signInNeeded:
                #expect(calls[id]?.isRepeatable == true || !acted.contains(id))
            case .answer: break
            }
        }
    }

    /// A network without faults: everything comes to its end.
    private func drain(_ driver: inout SchedulerDriver) {
        for _ in 0..<5_000 {
            if let sent = driver.wire.first {
                driver.respond(sent.id.rawValue, .success(.done))
            } else if driver.isTokenAwaited {
                driver.obtainToken()
            } else if driver.scheduler.nextTimer != nil {
                driver.waitForTimer()
            } else if case .signInNeeded = driver.scheduler.state {
                driver.obtainToken()
            } else {
                return
            }
        }
        Issue.record("requests wait for ever")
    }
}
