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
        for step in scenario.steps where step.actor == .origin { begin(step) }
        run(forSeconds: schedule.isOne(in: 5) ? 0 : 5, events: 400)
        for step in scenario.steps where step.actor != .origin {
            guard violation == nil else { return }
            begin(step)
            spread()
        }
    }

    /// Lets some things happen before the next deed.
    private mutating func spread() {
        switch schedule.next(below: 6) {
        case 0: run(forSeconds: 12, events: 400)
        case 1: break
        case 2: run(forSeconds: 60, events: 1 + schedule.next(below: 8))
        case 3: run(forSeconds: 60, events: 10 + schedule.next(below: 50))
        case 4: run(forSeconds: 3, events: 400)
        default: run(forSeconds: 45, events: 400)
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
        var events: [(age: Int, event: Event)] = []
        for number in devices.indices {
            let device = devices[number]
            for (index, flight) in device.flights.enumerated() {
                events.append((flight.age, .flight(client: number, index: index)))
            }
            for (index, program) in device.programs.enumerated() where isReady(program, number) {
                events.append((program.age, .program(client: number, index: index)))
            }
            if let time = device.timer, time <= localTime(number) {
                events.append((device.timerAge, .timer(client: number)))
            }
        }
        guard !events.isEmpty else { return nil }
        guard events.count > 1 else { return events[0].event }
        events.sort { $0.age < $1.age }
        // First come, first served, two times out of three.
        let draw = schedule.next(below: 3 * events.count)
        return events[draw < 2 * events.count ? 0 : draw - 2 * events.count].event
    }

    private func isReady(_ program: Program, _ number: Int) -> Bool {
        if let end = program.pauseEnd, end > now { return false }
        if let wait = program.wait { return devices[number].woken[wait] != nil }
        return true
    }

    /// When something happens next if nothing can happen now.
    private var nextTime: Timestamp? {
        var next: Timestamp?
        for device in devices {
            if let time = device.timer?.advanced(byNanoseconds: -device.clockError) {
                next = next.map { min($0, time) } ?? time
            }
            for program in device.programs where program.wait == nil {
                if let time = program.pauseEnd { next = next.map { min($0, time) } ?? time }
            }
        }
        return next
    }

    private mutating func happen(_ event: Event) {
        now = now.advanced(byNanoseconds: Self.eventTime)
        switch event {
        case .flight(let number, let index): move(number, index)
        case .program(let number, let index): advance(number, index)
        case .timer(let number):
            devices[number].timer = nil
            step(number) { $0.timer(at: $1) }
        }
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
