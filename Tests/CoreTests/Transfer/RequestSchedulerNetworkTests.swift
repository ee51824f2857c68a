import Core
import Testing

/// Outages, portals and tokens.
struct RequestSchedulerNetworkTests {
    static let second = SchedulerDriver.second
    static let content = GraphCall.bytes(0..<9)
    static let offline = RequestScheduler.State.offline(.transport(.cannotResolve))

    // MARK: Outages

    @Test(
        "without a network readers fail at once and all else is held",
        arguments: [TransportFailure.cannotConnect, .cannotResolve, .tls("x")])
    func outage(_ failure: TransportFailure) {
        var driver = SchedulerDriver()
        driver.submit(1, .item("i"), .metadata)
        driver.submit(2, .item("i"), .waitingReader)
        driver.submit(3, .change("i", ItemChange(name: "n")))
        driver.fail(1, failure)
        #expect(driver.states == [.offline(.transport(failure))])
        #expect(driver.scheduler.isOffline)
        driver.fail(2, failure)
        driver.fail(3, failure)
        driver.submit(4, Self.content, .waitingReader)
        driver.submit(5)
        #expect(driver.outcomes.mapValues { $0 == .offline } == [id(2): true, id(4): true])
        #expect(driver.onTheWire.isEmpty)
        driver.waitForTimer()
        #expect(driver.onTheWire == [1])
        driver.answer(1)
        #expect(driver.states == [.offline(.transport(failure)), .online])
        #expect(driver.onTheWire == [3, 5])
    }

    @Test("probes become rare, take turns, and are never more than one")
    func probes() {
        var driver = SchedulerDriver()
        for number in 1...3 { driver.submit(UInt64(number)) }
        driver.fail(1, .cannotResolve)
        driver.fail(2, .cannotResolve)
        driver.fail(3, .cannotResolve)
        var pauses: [Int64] = []
        var probes: Set<UInt64> = []
        for _ in 0..<12 {
            pauses.append(driver.waitForTimer() ?? 0)
            #expect(driver.onTheWire.count == 1)
            for probe in driver.onTheWire {
                probes.insert(probe)
                driver.fail(probe, .cannotResolve)
            }
        }
        #expect(pauses[0] >= Self.second / 2 && pauses[0] <= Self.second)
        #expect(pauses[3] >= 4 * Self.second && pauses[3] <= 8 * Self.second)
        #expect(pauses[8...].allSatisfy { $0 >= 30 * Self.second && $0 <= 60 * Self.second })
        #expect(probes == [1, 2, 3])
        #expect(driver.outcomes.isEmpty)
        #expect(driver.states == [Self.offline])
    }

    @Test(
        "any answer ends an outage",
        arguments: [
            GraphAnswer.done, .failed(.notFound, 404), .failed(.serverFault, 500),
            .throttled(seconds: 1),
        ])
    func anyAnswer(_ answer: GraphAnswer) {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.submit(2)
        driver.fail(1, .cannotResolve)
        // This one was on the wire before.
        driver.answer(2, answer)
        #expect(!driver.scheduler.isOffline)
        #expect(driver.states.first == Self.offline && driver.states.count == 2)
    }

    @Test("bytes that arrive end an outage")
    func bytes() {
        var driver = SchedulerDriver()
        driver.submit(1, Self.content)
        driver.submit(2)
        driver.fail(2, .cannotResolve)
        driver.received(1, through: 4)
        #expect(driver.states == [Self.offline, .online])
        #expect(driver.onTheWire == [1, 2])
    }

    @Test("a change of the network is worth a try at once, and often at first")
    func networkChanged() {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.fail(1, .cannotResolve)
        for _ in 0..<10 {
            driver.waitForTimer()
            driver.fail(1, .cannotResolve)
        }
        driver.networkChanged()
        #expect(driver.onTheWire == [1])
        driver.fail(1, .cannotResolve)
        let next = driver.waitForTimer() ?? .max
        #expect(next <= 2 * Self.second)
        driver.answer(1)
        driver.networkChanged()
        #expect(driver.states == [Self.offline, .online] && driver.onTheWire.isEmpty)
    }

    @Test("a reader who is turned away brings the next probe forward")
    func hastening() {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.fail(1, .cannotResolve)
        for _ in 0..<10 {
            driver.waitForTimer()
            driver.fail(1, .cannotResolve)
        }
        driver.submit(2, .item("i"), .waitingReader)
        #expect(driver.outcome(2) == .offline)
        let next = driver.waitForTimer()
        #expect(next == Self.second)
        #expect(driver.onTheWire == [1])
    }

    @Test("a cancelled probe makes room for another")
    func cancelledProbe() {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.submit(2)
        driver.fail(1, .cannotResolve)
        driver.fail(2, .cannotResolve)
        driver.waitForTimer()
        let probe = driver.onTheWire
        #expect(probe.count == 1)
        for number in probe { driver.cancel(number) }
        #expect(driver.onTheWire.count == 1 && driver.onTheWire != probe)
    }

    @Test("one request without an answer is an accident, three in a row are an outage")
    func timeouts() {
        var driver = SchedulerDriver()
        for number in 1...4 { driver.submit(UInt64(number)) }
        driver.fail(1, .timedOut)
        driver.fail(2, .timedOut)
        driver.answer(3)
        driver.fail(4, .timedOut)
        #expect(driver.states.isEmpty)
        for number in 5...6 {
            driver.submit(UInt64(number))
            driver.fail(UInt64(number), .timedOut)
        }
        #expect(driver.states == [.offline(.transport(.timedOut))])
    }

    @Test("a host of content that stays silent while Graph answers is no outage")
    func silentHost() {
        var driver = SchedulerDriver()
        driver.submit(1, Self.content, .foreground)
        driver.submit(2)
        driver.answer(2)
        driver.fail(1, .cannotConnect)
        #expect(driver.states.isEmpty)
        for number in 3...10 {
            driver.waitForTimer()
            driver.submit(UInt64(number))
            driver.answer(UInt64(number))
            driver.fail(1, .cannotConnect)
        }
        #expect(driver.outcome(1) == .failed(.cannotConnect))
        #expect(driver.states.isEmpty)
    }

    @Test("without a word of Graph it is")
    func silentHostAlone() {
        var driver = SchedulerDriver()
        driver.submit(2)
        driver.answer(2)
        driver.wait(seconds: 6)
        driver.submit(1, Self.content, .waitingReader)
        driver.fail(1, .cannotConnect)
        #expect(driver.outcome(1) == .offline)
        #expect(driver.scheduler.isOffline)
    }

    @Test("a page of the network's own is an outage, and one request is not tried on it for ever")
    func portal() {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.submit(2, .delete("i", ifMatch: nil))
        driver.answer(1, .failed(.notGraph, 200))
        #expect(driver.states == [.offline(.portal)])
        driver.answer(2, .failed(.notGraph, 200))
        #expect(driver.outcome(2) == .ambiguous)
        for _ in 0..<2 {
            driver.waitForTimer()
            driver.answer(1, .failed(.notGraph, 200))
        }
        #expect(driver.outcome(1) == .answer(.failed(.notGraph, 200)))
        driver.submit(3)
        driver.waitForTimer()
        driver.answer(3)
        #expect(driver.states == [.offline(.portal), .online])
    }

    // MARK: Tokens

    @Test("one token is asked for, for all who need one; the others do not wait")
    func missingToken() {
        var driver = SchedulerDriver()
        driver.loseToken(with: 1)
        for number in 2...3 { driver.submit(UInt64(number)) }
        driver.submit(4, Self.content)
        #expect(driver.onTheWire == [4] && driver.tokenRequests == 1)
        driver.obtainToken()
        #expect(driver.onTheWire == [4, 1, 2, 3] && driver.tokenRequests == 1)
    }

    @Test("a token that is refused is replaced once, and each request repeated once")
    func renewal() {
        var driver = SchedulerDriver()
        for number in 1...6 { driver.submit(UInt64(number)) }
        for number in 1...4 { driver.answer(UInt64(number), .failed(.unauthenticated, 401)) }
        #expect(driver.tokenRequests == 1)
        driver.obtainToken()
        #expect(driver.onTheWire.sorted() == [1, 2, 3, 4])
        driver.answer(1, .failed(.unauthenticated, 401))
        #expect(driver.outcome(1) == .answer(.failed(.unauthenticated, 401)))
        #expect(driver.tokenRequests == 2)
        driver.obtainToken()
        // These were sent with the token before: a refusal of that one is no news.
        driver.answer(2, .failed(.unauthenticated, 401))
        #expect(driver.tokenRequests == 2)
        while let number = driver.onTheWire.first { driver.answer(number) }
        #expect(driver.outcomes.count == 6)
        #expect(driver.sendings.values.allSatisfy { $0 <= 2 })
    }

    @Test("tokens that are never accepted need the user")
    func uselessTokens() throws {
        var driver = SchedulerDriver()
        var number: UInt64 = 0
        while driver.scheduler.state == .online && number < 20 {
            number += 1
            driver.loseToken(with: number)
            if driver.isTokenAwaited { driver.obtainToken() }
            if driver.onTheWire == [number] {
                driver.answer(number, .failed(.unauthenticated, 401))
            }
            if driver.isTokenAwaited { driver.obtainToken() }
        }
        #expect(number == 2)
        guard case .signInNeeded = driver.scheduler.state else { throw Unexpected() }
        driver.submit(50)
        #expect(driver.onTheWire.isEmpty && !driver.isTokenAwaited)
    }

    @Test("a token is renewed before its end, and used until then")
    func earlyRenewal() {
        var driver = SchedulerDriver()
        driver.loseToken(with: 1)
        driver.obtainToken(validFor: 3_600)
        driver.answer(1)
        driver.wait(seconds: 3_299)
        driver.submit(2)
        #expect(driver.tokenRequests == 1)
        driver.answer(2)
        driver.wait(seconds: 1)
        driver.submit(3)
        #expect(driver.tokenRequests == 2 && driver.onTheWire == [3])
        driver.answerToken(.unavailable("busy", retryAfter: .delay(nanoseconds: 60 * Self.second)))
        #expect(driver.states.isEmpty)
        driver.wait(seconds: 59)
        driver.submit(4)
        #expect(driver.onTheWire == [3, 4] && driver.tokenRequests == 2)
        driver.wait(seconds: 1)
        driver.submit(5)
        #expect(driver.onTheWire == [3, 4, 5] && driver.tokenRequests == 3)
        driver.wait(seconds: 240)
        driver.submit(6)
        #expect(driver.onTheWire == [3, 4, 5] && driver.tokenRequests == 3)
        driver.obtainToken(validFor: 3_600)
        #expect(driver.onTheWire == [3, 4, 5, 6])
    }

    @Test("short-lived tokens are not renewed all the time")
    func shortLife() {
        var driver = SchedulerDriver()
        driver.loseToken(with: 1)
        driver.obtainToken(validFor: 100)
        driver.wait(seconds: 74)
        driver.submit(2)
        #expect(driver.tokenRequests == 1)
        driver.wait(seconds: 1)
        driver.submit(3)
        #expect(driver.tokenRequests == 2)
    }

    @Test("when the user has to sign in, readers fail and all else waits for him")
    func signIn() {
        var driver = SchedulerDriver()
        driver.loseToken(with: 1)
        driver.submit(2, .item("i"), .waitingReader)
        driver.answerToken(.refused("why"))
        #expect(driver.states == [.signInNeeded("why")])
        #expect(driver.outcome(2) == .signInNeeded)
        driver.submit(3, .item("i"), .waitingReader)
        #expect(driver.outcome(3) == .signInNeeded)
        driver.submit(4, Self.content, .waitingReader)
        #expect(driver.onTheWire == [4])
        driver.wait(seconds: 100_000)
        #expect(driver.tokenRequests == 1)
        driver.obtainToken()
        #expect(driver.states == [.signInNeeded("why"), .online])
        #expect(driver.onTheWire == [4, 1])
    }

    @Test("an identity platform out of reach is an outage, and tokens are its probes")
    func tokenOutage() {
        var driver = SchedulerDriver()
        driver.loseToken(with: 1)
        driver.submit(2, .item("i"), .waitingReader)
        driver.answerToken(.unavailable("down"))
        #expect(driver.states == [.offline(.noToken("down"))])
        #expect(driver.outcome(2) == .offline)
        for count in 2...6 {
            while !driver.isTokenAwaited, driver.waitForTimer() != nil {}
            #expect(driver.tokenRequests == count && driver.onTheWire.isEmpty)
            driver.answerToken(.unavailable("down"))
        }
        #expect(driver.states == [.offline(.noToken("down"))])
        while !driver.isTokenAwaited, driver.waitForTimer() != nil {}
        driver.obtainToken()
        #expect(driver.states == [.offline(.noToken("down")), .online])
        #expect(driver.onTheWire == [1])
    }

    @Test("the identity platform is left alone for as long as it wishes")
    func tokenWish() {
        var driver = SchedulerDriver()
        driver.loseToken(with: 1)
        driver.answerToken(.unavailable("busy", retryAfter: .delay(nanoseconds: 90 * Self.second)))
        let start = driver.now
        driver.networkChanged()
        while !driver.isTokenAwaited, driver.waitForTimer() != nil {}
        #expect(driver.now == start.advanced(byNanoseconds: 90 * Self.second))
    }

    @Test("a token at its end is no sign of a network")
    func expiredDuringOutage() {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.fail(1, .cannotResolve)
        driver.waitForTimer()
        driver.answer(1, .failed(.unauthenticated, 401))
        #expect(driver.isTokenAwaited && driver.onTheWire.isEmpty)
        driver.answerToken(.unavailable("down"))
        #expect(driver.states.allSatisfy { $0 != .online })
        while !driver.isTokenAwaited, driver.waitForTimer() != nil {}
        driver.obtainToken()
        #expect(driver.states.last == .online && driver.onTheWire == [1])
    }

    private func id(_ number: UInt64) -> RequestID { RequestID(rawValue: number) }
}
