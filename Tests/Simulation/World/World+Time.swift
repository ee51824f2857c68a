import Core
import GraphSimulator

/// Who comes next, and when time passes.
extension World {
    /// Something that can happen now.
    private enum Event {
        case flight(client: Int, index: Int)
        case program(client: Int, index: Int)
        case timer(client: Int)
    }

    /// How long one event takes, in nanoseconds.
    private static let eventTime: Int64 = 1_000_000

    /// Plays the deeds of the scenario, each at a moment that the schedule chooses.
    mutating func playSteps() {
        if scenario.settings.isFresh {
            for step in scenario.steps where step.actor == .origin { begin(step) }
            run(forSeconds: schedule.isOne(in: 5) ? 0 : 5, events: 400)
        }
        for step in scenario.steps where step.actor != .origin {
            guard violation == nil else { return }
            begin(step)
            spread()
        }
    }

    /// Lets some things happen before the next deed.
    private mutating func spread() {
        switch schedule.next(below: 6) {
        case 0: run(forSeconds: 9, events: 400)
        case 1: break
        case 2: run(forSeconds: 60, events: 1 + schedule.next(below: 8))
        case 3: run(forSeconds: 60, events: 10 + schedule.next(below: 50))
        case 4: run(forSeconds: 3, events: 400)
        default: run(forSeconds: 33, events: 400)
        }
        disturb()
    }

    /// Lets events happen until nothing happens any more, or the time is over.
    mutating func run(forSeconds seconds: Int64, events limit: Int) {
        let end = now.advanced(byNanoseconds: seconds * 1_000_000_000)
        for _ in 0..<limit {
            guard violation == nil, now <= end else { return }
            if let event = nextEvent() {
                happen(event)
            } else if let time = nextTime, time <= end {
                now = max(now, time)
            } else {
                return
            }
        }
    }

    private mutating func nextEvent() -> Event? {
        var oldest: (age: Int, event: Event)?
        var count = 0
        forEachEvent { age, event in
            count += 1
            if oldest.map({ age < $0.age }) ?? true { oldest = (age, event) }
        }
        guard count > 1 else { return oldest?.event }
        // First come, first served, two times out of three.
        let draw = schedule.next(below: 3 * count)
        guard draw >= 2 * count else { return oldest?.event }
        var events: [(age: Int, event: Event)] = []
        forEachEvent { events.append(($0, $1)) }
        events.sort { $0.age < $1.age }
        return events[draw - 2 * count].event
    }

    private func forEachEvent(_ body: (Int, Event) -> Void) {
        for number in devices.indices {
            for index in devices[number].flights.indices {
                body(devices[number].flights[index].age, .flight(client: number, index: index))
            }
            for index in devices[number].programs.indices where isReady(number, index) {
                body(devices[number].programs[index].age, .program(client: number, index: index))
            }
            if let time = devices[number].timer, time <= localTime(number) {
                body(devices[number].timerAge, .timer(client: number))
            }
        }
    }

    private func isReady(_ number: Int, _ index: Int) -> Bool {
        if let end = devices[number].programs[index].pauseEnd, end > now { return false }
        guard let wait = devices[number].programs[index].wait else { return true }
        return devices[number].woken[wait] != nil
    }

    /// When something happens next if nothing can happen now.
    private var nextTime: Timestamp? {
        var next: Timestamp?
        for number in devices.indices {
            let clockError = devices[number].clockError
            if let time = devices[number].timer?.advanced(byNanoseconds: -clockError) {
                next = next.map { min($0, time) } ?? time
            }
            for index in devices[number].programs.indices
            where devices[number].programs[index].wait == nil {
                if let time = devices[number].programs[index].pauseEnd {
                    next = next.map { min($0, time) } ?? time
                }
            }
        }
        return next
    }

    private mutating func happen(_ event: Event) {
        now = now.advanced(byNanoseconds: Self.eventTime)
        switch event {
        case .flight(let number, let index): respectingLocks(number) { $0.move(number, index) }
        case .program(let number, let index): advance(number, index)
        case .timer(let number):
            devices[number].timer = nil
            respectingLocks(number) { world in world.step(number) { $0.timer(at: $1) } }
        }
    }

    private mutating func respectingLocks(_ number: Int, _ body: (inout World) -> Void) {
        let locked = devices[number].programs.isEmpty ? [] : lockedFiles(number)
        body(&self)
        // A client that has ended has no programs any more.
        if !locked.isEmpty, !devices[number].programs.isEmpty { check(locked, number) }
    }

    // MARK: Trouble of its own

    /// What goes wrong without anybody asking for something.
    private mutating func disturb() {
        guard isHostile else { return }
        for kind in scenario.settings.faults.sorted(by: { $0.rawValue < $1.rawValue })
        where faults.isOne(in: 8) {
            let number = faults.next(below: devices.count)
            switch kind {
            case .resync: service.expireDeltaTokens()
            case .expiredToken: service.expireAccessTokens()
            case .expiredSessions: service.expireUploadSessions()
            case .lostTombstone: service.quirks.deltaTombstonesToLose = 1
            case .kill, .powerFailure:
                devices[number].momentsLeft = faults.next(below: 40)
                devices[number].endsByPowerFailure = kind == .powerFailure
            case .clockJump:
                let jump = [3_600, -3_600, 7, -7, 400_000][faults.next(below: 5)]
                devices[number].clockError += Int64(jump) * 1_000_000_000
            case .lostReply, .dropped, .unreachable, .timeout, .doneThenFault, .unavailable,
                .throttled, .portal, .cutBody, .duplicateEntries, .shuffledEntries, .notFound,
                .preconditionFailed, .lockedItem, .quota, .corruptBytes, .noToken:
                continue
            }
            trace.note("trouble: \(kind.rawValue) \(number)")
            for other in devices.indices { devices[other].recentFaults.insert(kind) }
        }
    }
}
