import Core
import Testing

/// What becomes of a single request.
struct RequestSchedulerTests {
    /// What a scheduler does about an answer.
    enum Reaction: Hashable {
        case delivered
        case ambiguous
        /// Sent again, not before so many seconds have passed.
        case repeated(after: Int64)
        /// Sent again once a new token is there.
        case renewed
        case failed
    }

    static let read = GraphCall.item("i")
    static let change = GraphCall.change("i", ItemChange(name: "n"))
    static let upload = GraphCall.uploadSmall(
        .new(parent: "p", name: "n"), generation: GenerationID(rawValue: 1), size: 9)
    static let open = GraphCall.createSession(
        .new(parent: "p", name: "n"), size: 9, modified: .epoch)
    static let fragment = GraphCall.fragment(
        url: "https://up.example/s", generation: GenerationID(rawValue: 1), range: 0..<5, total: 9)
    static let later = GraphCall.fragment(
        url: "https://up.example/s", generation: GenerationID(rawValue: 1), range: 5..<9, total: 9)
    static let content = GraphCall.bytes(10..<200_000)
    static let status = GraphCall.sessionStatus(url: "https://up.example/s")
    static let delete = GraphCall.delete("i", ifMatch: nil)

    static func reaction(
        to result: Result<GraphAnswer, TransportFailure>, of call: GraphCall,
        as priority: RequestPriority = .background
    ) -> Reaction? {
        var driver = SchedulerDriver()
        driver.submit(1, call, priority)
        driver.respond(1, result)
        switch driver.outcome(1) {
        case .answer(let answer): return .success(answer) == result ? .delivered : nil
        case .ambiguous: return .ambiguous
        case .failed(let failure): return .failure(failure) == result ? .failed : nil
        case .offline, .busy, .signInNeeded: return nil
        case nil: break
        }
        if driver.isTokenAwaited {
            driver.obtainToken()
            return driver.onTheWire == [1] ? .renewed : nil
        }
        guard driver.onTheWire.isEmpty else { return nil }
        var wait: Int64 = 0
        while driver.onTheWire.isEmpty, let length = driver.waitForTimer() { wait += length }
        return driver.onTheWire == [1] ? .repeated(after: wait / SchedulerDriver.second) : nil
    }

    @Test(
        "what is final is delivered at once",
        arguments: [
            (.forbidden, 403), (.notFound, 404), (.nameTaken, 409), (.preconditionFailed, 412),
            (.gone(.unknown, location: nil), 410), (.tooLarge, 413), (.rangeNotSatisfiable, 416),
            (.locked, 423), (.notSupported, 501), (.quota, 507), (.malware, 403),
            (.badRequest, 400), (.addressExpired, 403),
        ] as [(GraphFailure.Kind, Int)], [read, change, fragment, content, delete])
    func finalAnswers(_ failure: (GraphFailure.Kind, Int), _ call: GraphCall) {
        let result = Result<GraphAnswer, TransportFailure>.success(.failed(failure.0, failure.1))
        #expect(Self.reaction(to: result, of: call) == .delivered)
    }

    struct Row: CustomTestStringConvertible {
        var answer: GraphAnswer
        var call: GraphCall
        var reaction: Reaction
        var testDescription: String { "\(answer) to \(call)" }

        init(_ answer: GraphAnswer, _ call: GraphCall, _ reaction: Reaction) {
            self.answer = answer
            self.call = call
            self.reaction = reaction
        }
    }

    static let wish = RetryAfter.delay(nanoseconds: 7 * SchedulerDriver.second)

    @Test(
        "what may pass is tried again, unless that could do it twice",
        arguments: [
            Row(.failed(.unauthenticated, 401), read, .renewed),
            Row(.failed(.unauthenticated, 401), change, .renewed),
            Row(.failed(.addressExpired, 401), content, .delivered),
            Row(.failed(.serverFault, 500), read, .repeated(after: 0)),
            Row(.failed(.serverFault, 502), content, .repeated(after: 0)),
            Row(.failed(.serverFault, 504), status, .repeated(after: 0)),
            Row(.failed(.serverFault, 408), read, .repeated(after: 0)),
            Row(.failed(.serverFault, 500, after: wish), read, .repeated(after: 7)),
            Row(.failed(.serverFault, 500), change, .ambiguous),
            Row(.failed(.serverFault, 502), upload, .ambiguous),
            Row(.failed(.serverFault, 504), open, .ambiguous),
            Row(.failed(.serverFault, 500), fragment, .ambiguous),
            Row(.failed(.serverFault, 500), delete, .ambiguous),
            Row(.failed(.serverFault, 503), change, .ambiguous),
            Row(.failed(.serverFault, 503), read, .repeated(after: 1)),
            Row(.throttled(seconds: 7), read, .repeated(after: 7)),
            Row(.throttled(seconds: 7), change, .repeated(after: 7)),
            Row(.throttled(seconds: 7), fragment, .repeated(after: 7)),
            Row(.throttled(seconds: 7), content, .repeated(after: 7)),
            Row(.failed(.throttled, 503, after: wish), change, .repeated(after: 7)),
            Row(.failed(.throttled, 509), read, .repeated(after: 1)),
            Row(.failed(.unreadable, 200), read, .repeated(after: 0)),
            Row(.failed(.unreadable, 200), change, .ambiguous),
            Row(.failed(.notGraph, 200), change, .ambiguous),
            Row(.failed(.notGraph, 302), read, .repeated(after: 0)),
            Row(.failed(.addressExpired, 404), fragment, .repeated(after: 5)),
            Row(.failed(.addressExpired, 404), later, .delivered),
            Row(.failed(.addressExpired, 403), fragment, .delivered),
        ])
    func answers(_ row: Row) {
        #expect(Self.reaction(to: .success(row.answer), of: row.call) == row.reaction)
    }

    @Test(
        "without an answer, what was not carried out is tried again",
        arguments: [
            (.timedOut, read, .repeated(after: 0)), (.timedOut, change, .ambiguous),
            (.timedOut, fragment, .ambiguous), (.timedOut, content, .repeated(after: 0)),
            (.connectionLost(sentEverything: true), read, .repeated(after: 0)),
            (.connectionLost(sentEverything: true), upload, .ambiguous),
            (.connectionLost(sentEverything: true), delete, .ambiguous),
            (.connectionLost(sentEverything: false), upload, .repeated(after: 0)),
            (.connectionLost(sentEverything: false), change, .repeated(after: 0)),
            (.connectionLost(sentEverything: false), fragment, .ambiguous),
            (.connectionLost(sentEverything: false), status, .repeated(after: 0)),
            (.cannotConnect, change, .repeated(after: 0)),
            (.cannotResolve, upload, .repeated(after: 0)), (.tls("x"), read, .repeated(after: 0)),
            (.bodyTooLarge, read, .failed), (.bodyTooLarge, change, .ambiguous),
            (.aborted, content, .failed), (.aborted, upload, .ambiguous),
            (.other(code: 1, message: "m"), read, .repeated(after: 0)),
            (.other(code: 1, message: "m"), change, .ambiguous),
        ] as [(TransportFailure, GraphCall, Reaction)])
    func failures(_ failure: TransportFailure, _ call: GraphCall, _ reaction: Reaction) {
        #expect(Self.reaction(to: .failure(failure), of: call) == reaction)
    }

    @Test(
        "patience ends",
        arguments: [
            (.success(.failed(.serverFault, 500)), .background, 7),
            (.success(.failed(.serverFault, 500)), .waitingReader, 5),
            (.success(.failed(.unreadable, 200)), .metadata, 7),
            (.success(.throttled(seconds: 1)), .background, 11),
            (.success(.throttled(seconds: nil)), .waitingReader, 11),
            (.failure(.connectionLost(sentEverything: true)), .foreground, 7),
            (.failure(.other(code: 1, message: "m")), .waitingReader, 5),
        ] as [(Result<GraphAnswer, TransportFailure>, RequestPriority, Int)])
    func patience(
        _ result: Result<GraphAnswer, TransportFailure>, _ priority: RequestPriority, _ count: Int
    ) {
        var driver = SchedulerDriver()
        driver.submit(1, Self.read, priority)
        var total: Int64 = 0
        for _ in 0..<50 where driver.outcome(1) == nil {
            if driver.onTheWire.isEmpty { total += driver.waitForTimer() ?? 0 }
            driver.respond(1, result)
        }
        switch result {
        case .success(let answer): #expect(driver.outcome(1) == .answer(answer))
        case .failure(let failure): #expect(driver.outcome(1) == .failed(failure))
        }
        #expect(driver.sendingCount(1) == count)
        #expect(driver.scheduler.waiting == 0 && driver.scheduler.onTheWire == 0)
        #expect(total > 0)
    }

    @Test("pauses grow, and differ between clients")
    func pauses() {
        func pauses(seed: UInt64) -> [Int64] {
            var driver = SchedulerDriver(seed: seed)
            driver.submit(1)
            return (0..<6).compactMap { _ in
                driver.answer(1, .failed(.serverFault, 500))
                return driver.waitForTimer()
            }
        }
        let bounds: [Int64] = [1, 2, 4, 8, 16, 32].map { $0 * SchedulerDriver.second }
        let mine = pauses(seed: 1)
        #expect(mine.count == 6)
        for (pause, bound) in zip(mine, bounds) { #expect(pause >= bound / 2 && pause <= bound) }
        #expect(mine == pauses(seed: 1))
        #expect(mine != pauses(seed: 2))
    }

    @Test("a transfer that was cut off goes on where it ended")
    func narrowing() {
        var driver = SchedulerDriver()
        driver.submit(1, Self.content, .waitingReader)
        for end in [Int64(100_000), 50_000, 5] { driver.received(1, through: end) }
        driver.fail(1, .connectionLost(sentEverything: true))
        driver.waitForTimer()
        #expect(
            driver.wire.first?.call
                == .bytes(100_000..<200_000))
        // However far it came, one byte is asked for: no range at all would mean everything.
        driver.received(1, through: 200_000)
        driver.fail(1, .timedOut)
        driver.waitForTimer()
        #expect(
            driver.wire.first?.call
                == .bytes(199_999..<200_000))
        driver.answer(1)
        #expect(driver.outcome(1) == .answer(.done))
    }

    @Test("a transfer that gets further does not run out of patience")
    func progress() {
        var driver = SchedulerDriver()
        driver.submit(1, .bytes(0..<100_000_000))
        for part in 1...100 {
            driver.received(1, through: Int64(part) * 900_000)
            driver.fail(1, .connectionLost(sentEverything: true))
            driver.waitForTimer()
        }
        #expect(driver.onTheWire == [1])
        // Bytes that merely trickle are no progress.
        for part in 1...10 where driver.outcome(1) == nil {
            driver.received(1, through: 90_000_000 + Int64(part))
            driver.fail(1, .connectionLost(sentEverything: true))
            driver.waitForTimer()
        }
        #expect(driver.outcome(1) == .failed(.connectionLost(sentEverything: true)))
    }

    @Test("a cancelled request gets no outcome, wherever it is")
    func cancelling() {
        var driver = SchedulerDriver(connections: 1, metadataReserve: 0, readerReserve: 0)
        driver.submit(1)
        driver.submit(2)
        driver.cancel(2)
        driver.cancel(1)
        #expect(driver.aborted == [RequestID(rawValue: 1)])
        driver.answer(1)
        driver.submit(3)
        driver.answer(3, .failed(.serverFault, 500))
        driver.cancel(3)
        driver.cancel(99)
        let next = driver.waitForTimer()
        #expect(next == nil)
        #expect(driver.outcomes.isEmpty && driver.onTheWire.isEmpty)
        #expect(driver.scheduler.waiting == 0 && driver.scheduler.onTheWire == 0)
    }
}
