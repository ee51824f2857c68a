import GraphSimulator
import Core

/// Runs a scheduler by hand and keeps what comes out of it.
struct SchedulerDriver {
    var scheduler: RequestScheduler
    private var random: SplitMix64
    /// The wall clock.
    var now = Timestamp(seconds: 1_800_000_000)
    /// What is on the wire, in the order in which it was sent.
    var wire: [(id: RequestID, call: GraphCall)] = []
    var outcomes: [RequestID: RequestOutcome] = [:]
    /// How often each request was sent.
    var sendings: [RequestID: Int] = [:]
    var tokenRequests = 0
    var isTokenAwaited = false
    var states: [RequestScheduler.State] = []
    var aborted: [RequestID] = []

    init(
        connections: Int = 4, metadataReserve: Int = 1, readerReserve: Int = 2,
        queueLimit: Int = 10_000, seed: UInt64 = 1
    ) {
        random = SplitMix64(seed: seed)
        scheduler = RequestScheduler(
            configuration: RequestScheduler.Configuration(
                concurrency: connections, metadataReserve: metadataReserve,
                readerReserve: readerReserve, queueLimit: queueLimit))
    }

    static let second: Int64 = 1_000_000_000

    // MARK: What happens

    mutating func submit(
        _ number: UInt64, _ call: GraphCall = .item("i"), _ priority: RequestPriority = .background
    ) {
        let before = outcomes.count
        take(scheduler.submit(RequestID(rawValue: number), call, priority, at: now))
        precondition(outcomes.count == before, "no outcome before the submission has returned")
        if scheduler.nextTimer == now { take(scheduler.timer(at: now)) }
    }

    mutating func answer(_ number: UInt64, _ answer: GraphAnswer = .done) {
        respond(number, .success(answer))
    }

    mutating func fail(_ number: UInt64, _ failure: TransportFailure) {
        respond(number, .failure(failure))
    }

    mutating func respond(_ number: UInt64, _ result: Result<GraphAnswer, TransportFailure>) {
        let id = RequestID(rawValue: number)
        wire.removeAll { $0.id == id }
        take(scheduler.responded(id, result, random: random.next(), at: now))
    }

    mutating func cancel(_ number: UInt64) {
        take(scheduler.cancel(RequestID(rawValue: number), at: now))
    }

    mutating func obtainToken(validFor seconds: Int64? = nil) {
        let expiry = seconds.map { now.advanced(byNanoseconds: $0 * Self.second) }
        answerToken(.obtained(until: expiry))
    }

    mutating func answerToken(_ outcome: TokenOutcome) {
        isTokenAwaited = false
        take(scheduler.tokenAnswered(outcome, at: now))
    }

    /// Submits a request whose token is refused, so that another one is asked for.
    mutating func loseToken(with number: UInt64) {
        submit(number)
        answer(number, .failed(.unauthenticated, 401))
    }

    mutating func networkChanged() { take(scheduler.networkChanged(at: now)) }

    mutating func received(_ number: UInt64, through end: Int64) {
        take(scheduler.received(RequestID(rawValue: number), through: end, at: now))
    }

    /// Lets time pass and rings the timer, whether it is due or not.
    mutating func wait(nanoseconds: Int64) {
        now = now.advanced(byNanoseconds: nanoseconds)
        take(scheduler.timer(at: now))
    }

    mutating func wait(seconds: Int64) { wait(nanoseconds: seconds * Self.second) }

    /// Lets time pass until the timer is due; returns how long that took, in nanoseconds.
    @discardableResult
    mutating func waitForTimer() -> Int64? {
        guard let next = scheduler.nextTimer else { return nil }
        let length = next.nanoseconds - now.nanoseconds
        wait(nanoseconds: length)
        return length
    }

    mutating func take(_ actions: [RequestScheduler.Action]) {
        for action in actions {
            switch action {
            case .send(let id, let call, _):
                wire.append((id, call))
                sendings[id, default: 0] += 1
            case .abort(let id):
                aborted.append(id)
                wire.removeAll { $0.id == id }
            case .obtainToken:
                precondition(!isTokenAwaited, "one token at a time")
                isTokenAwaited = true
                tokenRequests += 1
            case .deliver(let id, let outcome):
                precondition(outcomes[id] == nil, "one outcome for each request")
                outcomes[id] = outcome
            case .changed(let state): states.append(state)
            }
        }
    }

    // MARK: What is known

    var onTheWire: [UInt64] { wire.map(\.id.rawValue) }

    func outcome(_ number: UInt64) -> RequestOutcome? { outcomes[RequestID(rawValue: number)] }

    func sendingCount(_ number: UInt64) -> Int { sendings[RequestID(rawValue: number), default: 0] }
}

extension GraphAnswer {
    /// A failure of that kind.
    static func failed(
        _ kind: GraphFailure.Kind, _ status: Int = 400, after retryAfter: RetryAfter? = nil
    ) -> GraphAnswer {
        .failure(GraphFailure(kind: kind, status: status, retryAfter: retryAfter))
    }

    static func throttled(seconds: Int64?) -> GraphAnswer {
        .failed(
            .throttled, 429,
            after: seconds.map { .delay(nanoseconds: $0 * SchedulerDriver.second) })
    }
}

extension GraphCall {
    /// Asks for bytes of some file.
    static func bytes(_ range: Range<Int64>) -> GraphCall {
        .content(
            url: "https://down.example/c", range: range, of: PromisedContent(size: 1_000_000_000))
    }
}
