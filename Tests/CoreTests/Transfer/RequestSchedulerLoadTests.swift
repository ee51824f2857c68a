import Core
import Testing

/// Many requests at once: order, bounds, throttling.
struct RequestSchedulerLoadTests {
    static let second = SchedulerDriver.second

    @Test("the urgent goes first, and equals in the order of their arrival")
    func order() {
        var driver = SchedulerDriver(connections: 1, metadataReserve: 0, readerReserve: 0)
        driver.submit(1)
        let priorities: [(UInt64, RequestPriority)] = [
            (2, .background), (3, .metadata), (4, .foreground), (5, .waitingReader),
            (6, .metadata), (7, .waitingReader), (8, .background), (9, .foreground),
        ]
        for (number, priority) in priorities { driver.submit(number, .item("i"), priority) }
        var order: [UInt64] = []
        while let next = driver.onTheWire.first {
            order.append(next)
            driver.answer(next)
        }
        #expect(order == [1, 5, 7, 3, 6, 4, 9, 2, 8])
    }

    private static let opening = GraphCall.createSession(
        .new(parent: "p", name: "n"), size: 9, modified: Timestamp(seconds: 0))

    private static func fragment(_ start: Int64) -> GraphCall {
        .fragment(
            url: "https://up.example/s", generation: GenerationID(rawValue: 1),
            range: start..<start + 9, total: 1_000)
    }

    @Test("Graph and the hosts of content are bounded apart")
    func hosts() {
        var driver = SchedulerDriver(connections: 2, metadataReserve: 0, readerReserve: 0)
        for number in 1...4 { driver.submit(UInt64(number), .bytes(0..<9)) }
        for number in 5...8 { driver.submit(UInt64(number)) }
        #expect(driver.onTheWire == [1, 2, 5, 6])
        driver.answer(1)
        #expect(driver.onTheWire == [2, 5, 6, 3])
        driver.answer(6)
        #expect(driver.onTheWire == [2, 5, 3, 7])
    }

    @Test("few upload sessions are open at a time, and their fragments go in turns")
    func sessions() {
        var driver = SchedulerDriver(connections: 1, metadataReserve: 0, readerReserve: 0)
        for number in 1...9 { driver.submit(UInt64(number), Self.opening) }
        #expect(driver.onTheWire == [1])
        driver.answer(1)
        driver.submit(11, Self.fragment(0))
        // While the first one sends, the second is opened; the third waits.
        #expect(driver.onTheWire == [2, 11])
        driver.answer(2)
        driver.submit(12, Self.fragment(0))
        #expect(driver.onTheWire == [11])
        driver.answer(11)
        driver.submit(21, Self.fragment(9))
        #expect(driver.onTheWire == [12])
        driver.answer(12)
        // Nothing follows that: another session may be opened.
        #expect(driver.onTheWire == [21] && driver.scheduler.nextTimer == driver.now)
        driver.wait(nanoseconds: 0)
        #expect(driver.onTheWire == [21, 3])
    }

    @Test("downloads hold up no upload, and begun uploads come first")
    func uploadsBesideDownloads() {
        var driver = SchedulerDriver(connections: 2, metadataReserve: 0, readerReserve: 0)
        for number in 1...20 { driver.submit(UInt64(number), .bytes(0..<9)) }
        driver.submit(31, Self.opening)
        #expect(driver.onTheWire == [1, 2, 31])
        driver.answer(31)
        driver.submit(32, Self.fragment(0))
        driver.answer(1)
        #expect(driver.onTheWire == [2, 32])
        driver.answer(2)
        #expect(driver.onTheWire == [32, 3])
    }

    @Test("what one host asks for leaves the other its bound")
    func throttledHost() {
        var driver = SchedulerDriver(connections: 4, metadataReserve: 0, readerReserve: 0)
        driver.submit(1, .bytes(0..<9))
        driver.answer(1, .throttled(seconds: 1))
        for number in 2...9 { driver.submit(UInt64(number), .bytes(0..<9)) }
        for number in 11...19 { driver.submit(UInt64(number)) }
        #expect(driver.onTheWire.isEmpty)
        driver.wait(seconds: 1)
        #expect(driver.onTheWire == [11, 12, 13, 14, 1, 2])
    }

    @Test("there is always room for a reader")
    func reserves() {
        var driver = SchedulerDriver(connections: 4, metadataReserve: 1, readerReserve: 2)
        for number in 1...20 { driver.submit(UInt64(number), .item("i"), .background) }
        #expect(driver.onTheWire == [1, 2, 3, 4])
        for number in 21...30 { driver.submit(UInt64(number), .item("i"), .metadata) }
        #expect(driver.onTheWire == [1, 2, 3, 4, 21])
        for number in 31...40 { driver.submit(UInt64(number), .item("i"), .waitingReader) }
        #expect(driver.onTheWire == [1, 2, 3, 4, 21, 31, 32])
        driver.answer(1)
        #expect(driver.onTheWire == [2, 3, 4, 21, 31, 32, 33])
    }

    @Test("a queue that is full says so, and keeps room for the urgent")
    func fullQueue() {
        var driver = SchedulerDriver(
            connections: 1, metadataReserve: 0, readerReserve: 0, queueLimit: 3)
        for number in 1...5 { driver.submit(UInt64(number)) }
        #expect(driver.outcome(5) == .busy && driver.outcomes.count == 1)
        #expect(!driver.scheduler.hasRoom(for: .foreground))
        #expect(driver.scheduler.hasRoom(for: .metadata))
        for number in 6...9 { driver.submit(UInt64(number), .item("i"), .waitingReader) }
        #expect(driver.outcome(8) == nil && driver.outcome(9) == .busy)
        driver.answer(1)
        #expect(driver.onTheWire == [6])
    }

    @Test(
        "the wish of the service holds for all requests",
        arguments: [1, 30, 86_400] as [Int64])
    func throttling(_ seconds: Int64) {
        var driver = SchedulerDriver()
        for number in 1...10 { driver.submit(UInt64(number), .item("i"), .metadata) }
        let until = driver.now.advanced(byNanoseconds: seconds * Self.second)
        driver.answer(2, .throttled(seconds: seconds))
        #expect(driver.states == [.throttled(until: until)])
        driver.submit(11, .bytes(0..<9), .waitingReader)
        for number in [1, 3, 4, 5] as [UInt64] { driver.answer(number) }
        #expect(driver.onTheWire.isEmpty)
        driver.wait(nanoseconds: seconds * Self.second - 1)
        #expect(driver.onTheWire.isEmpty)
        #expect(driver.scheduler.nextTimer == until)
        driver.wait(nanoseconds: 1)
        // Half as many as before at once of Graph, and what somebody waits for of the other host.
        #expect(driver.onTheWire == [11, 2, 6, 7])
        #expect(driver.states.last == .online)
        #expect(driver.outcome(2) == nil)
    }

    @Test("a longer wish prolongs the rest, a shorter one does not shorten it")
    func overlappingWishes() {
        var driver = SchedulerDriver(connections: 6)
        for number in 1...3 { driver.submit(UInt64(number)) }
        driver.answer(1, .throttled(seconds: 10))
        driver.answer(2, .throttled(seconds: 60))
        driver.answer(3, .throttled(seconds: 5))
        driver.wait(seconds: 59)
        #expect(driver.onTheWire.isEmpty)
        driver.wait(seconds: 1)
        #expect(driver.onTheWire.sorted() == [1, 2, 3])
    }

    @Test("a date is a wish, too")
    func dates() {
        var driver = SchedulerDriver()
        driver.submit(1)
        let until = driver.now.advanced(byNanoseconds: 40 * Self.second)
        driver.answer(1, .failed(.throttled, 429, after: .moment(until)))
        #expect(driver.scheduler.nextTimer == until)
    }

    @Test("without a wish the rest grows with every repetition, and starts small again")
    func growingRest() {
        var driver = SchedulerDriver()
        driver.submit(1)
        var rests: [Int64] = []
        for _ in 0..<6 {
            driver.answer(1, .throttled(seconds: nil))
            rests.append(driver.waitForTimer() ?? 0)
        }
        #expect(rests == rests.sorted() && rests[0] <= 2 * Self.second)
        #expect(rests[5] >= 32 * Self.second && rests[5] <= 64 * Self.second)
        driver.answer(1)
        driver.submit(2)
        driver.answer(2, .throttled(seconds: nil))
        let next = driver.waitForTimer() ?? 0
        #expect(next <= 2 * Self.second)
    }

    @Test("nonsensical wishes are bounded", arguments: [0, Int64.max])
    func absurdWishes(_ nanoseconds: Int64) {
        var driver = SchedulerDriver()
        driver.submit(1)
        driver.answer(1, .failed(.throttled, 429, after: .delay(nanoseconds: nanoseconds)))
        let rest = driver.waitForTimer() ?? 0
        #expect(rest >= Self.second / 2 && rest <= 86_400 * Self.second)
        #expect(driver.onTheWire == [1])
    }

    @Test(
        "a clock that jumps does no harm",
        arguments: [-86_400 * 365, -3_600, -1, 3_600, 86_400 * 365] as [Int64])
    func clockJumps(_ seconds: Int64) {
        var driver = SchedulerDriver()
        for number in 1...3 { driver.submit(UInt64(number)) }
        driver.answer(1, .throttled(seconds: 30))
        driver.answer(2)
        driver.now = driver.now.advanced(byNanoseconds: seconds * Self.second)
        driver.answer(3, .failed(.serverFault, 500))
        // The timer follows the clock, so that no rest gets longer than it was.
        for _ in 0..<5 where driver.outcomes.count < 3 {
            if let next = driver.scheduler.nextTimer {
                #expect(next.nanoseconds - driver.now.nanoseconds <= 30 * Self.second)
            }
            driver.waitForTimer()
            for number in driver.onTheWire { driver.answer(number) }
        }
        #expect(driver.outcomes.count == 3)
    }

    @Test("a thousand requests held for a network come back a few at a time")
    func storm() {
        var driver = SchedulerDriver(connections: 8, metadataReserve: 2, readerReserve: 4)
        driver.submit(0)
        driver.fail(0, .cannotConnect)
        for number in 1..<1_000 {
            driver.submit(UInt64(number), .item("i"), number % 2 == 0 ? .foreground : .background)
        }
        #expect(driver.onTheWire.isEmpty)
        driver.waitForTimer()
        #expect(driver.onTheWire.count == 1)
        var most = 0
        var rounds = 0
        while let first = driver.onTheWire.first {
            driver.answer(first)
            most = max(most, driver.onTheWire.count)
            rounds += 1
        }
        #expect(most == 8 && rounds == 1_000)
        #expect(driver.outcomes.count == 1_000)
        #expect(driver.sendings.values.allSatisfy { $0 <= 2 })
    }

    @Test("waiting requests that are cancelled leave nothing behind")
    func cancelledQueue() {
        var driver = SchedulerDriver(connections: 1, metadataReserve: 0, readerReserve: 0)
        for number in 0..<5_000 { driver.submit(UInt64(number)) }
        for number in 1..<5_000 where number % 100 != 0 { driver.cancel(UInt64(number)) }
        var order: [UInt64] = []
        while let next = driver.onTheWire.first {
            order.append(next)
            driver.answer(next)
        }
        #expect(order == (0..<50).map { UInt64($0) * 100 })
    }
}
