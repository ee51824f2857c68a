import Core
import GraphSimulator

/// Three clients, the service they share, and time: everything that a scenario is played in.
///
/// The world decides nothing by itself. Who comes next follows from the schedule, what goes wrong
/// from the faults, and time passes only when nobody has anything to do.
package struct World: Sendable {
    package private(set) var scenario: Scenario
    private(set) var mutant: Mutant?
    var service: GraphService
    private(set) var devices: [Device] = []
    /// The true time, which the service has.
    var now = Timestamp(seconds: 1_767_300_000)
    var schedule: ChoiceStream
    var faults: ChoiceStream
    /// Whether anything may go wrong; not any more in the end.
    var isHostile = true
    var ledger = Ledger()
    var coverage = Coverage()
    var trace: Trace
    /// The first thing that was wrong.
    package internal(set) var violation: Violation?
    private var lastAge = 0
    /// How often bytes were damaged on their way.
    var damageCount = 0
    /// How many steps all engines made.
    package internal(set) var stepCount = 0
    static let endpoint = GraphEndpoint(graph: "http://graph.microsoft.com", drive: .me)

    /// Three clients that know nothing yet.
    init(fresh scenario: Scenario, mutant: Mutant? = nil, isVerbose: Bool = false) {
        self.scenario = scenario
        self.mutant = mutant
        schedule = scenario.schedule
        faults = scenario.faults
        trace = Trace(isVerbose: isVerbose)
        service = GraphService(
            profile: scenario.settings.profile, seed: 7, quirks: scenario.settings.quirks)
        for number in 0..<Scenario.clientCount {
            devices.append(
                Device(
                    engine: Engine(
                        StoredState(), .init(), configuration: configuration(number), at: now),
                    token: service.issueTokens(now: now).access))
            step(number) { $0.begin(at: $1) }
        }
    }

    /// Goes on from where another scenario has led, which had the same origin.
    init(_ scenario: Scenario, from start: World, mutant: Mutant?, isVerbose: Bool) {
        self = start
        devices = start.devices.map(Device.init(copying:))
        self.scenario = scenario
        self.mutant = mutant
        schedule = scenario.schedule
        faults = scenario.faults
        trace = Trace(isVerbose: isVerbose)
        coverage = Coverage()
        stepCount = 0
        isHostile = true
        service.quirks = scenario.settings.quirks
        reconfigure()
    }

    mutating func reconfigure() {
        for number in devices.indices {
            let configuration = configuration(number)
            step(number) { $0.reconfigure(configuration, at: $1) }
        }
    }

    func configuration(_ number: Int) -> EngineConfiguration {
        let settings = scenario.settings
        // In the end everything is asked for, and waiting would only take long.
        let pause = isHostile ? settings.pollInterval : 3_600
        var configuration = EngineConfiguration(
            pollInterval: pause * 1_000_000_000, deleteGuard: settings.deleteGuard,
            host: "host\(number)", owner: 1000, group: 1000,
            cache: CachePolicy(limit: settings.cacheLimit))
        mutant?.change(&configuration)
        return configuration
    }

    mutating func newAge() -> Int {
        lastAge += 1
        return lastAge
    }

    mutating func fail(_ rule: Violation.Rule, _ message: String) {
        guard violation == nil else { return }
        violation = Violation(rule: rule, message: message)
        trace.note("VIOLATION \(violation?.description ?? "")")
    }

    func localTime(_ number: Int) -> Timestamp {
        now.advanced(byNanoseconds: devices[number].clockError)
    }

    // MARK: Steps of an engine

    /// What became of a step.
    enum Outcome<Value> {
        case value(Value)
        case error(PosixError)
        /// The client ended in the midst of it.
        case ended
    }

    /// Runs one step of an engine as the shell does.
    ///
    /// Its records are committed, then its effects are carried out. The client may end in between.
    @discardableResult
    mutating func step<Value>(
        _ number: Int, _ body: (inout Engine, Timestamp) throws(PosixError) -> Value
    ) -> Outcome<Value> {
        let time = localTime(number)
        stepCount += 1
        let result = Result { () throws(PosixError) in try body(&devices[number].engine, time) }
        var (records, effects) = devices[number].engine.takeOutput()
        for problem in devices[number].engine.check() {
            fail(.state, "client \(number): \(problem)")
        }
        mutant?.change(&records, &devices[number].mutantMemory)
        if isLastMoment(number) { return .ended }
        check(takenAway: takenAway(effects, number), number)
        devices[number].database.commit(records)
        for record in records {
            trace.fold(record)
            checkIdentity(record, number)
        }
        mutant?.change(&effects, &devices[number].mutantMemory)
        checkDeletions(number, effects)
        for effect in effects {
            trace.fold(effect)
            carryOut(effect, number)
            if isLastMoment(number) { return .ended }
        }
        if isHostile, devices[number].engine.tree.differingCount > 0 {
            coverage.note(devices[number].engine.tree, devices[number].recentFaults)
        }
        switch result {
        case .success(let value): return .value(value)
        case .failure(let error): return .error(error)
        }
    }

    private mutating func carryOut(_ effect: Effect, _ number: Int) {
        switch effect {
        case .send(let transmission): depart(.request(transmission), number)
        case .cancel(let request):
            devices[number].flights.removeAll { flight in
                if case .request(let transmission) = flight.errand {
                    return transmission.id == request
                }
                return false
            }
        case .obtainToken: depart(.token, number)
        case .hash(let request): depart(.hash(request), number)
        case .measureSpace: depart(.measureSpace, number)
        case .synchronizeContent: depart(.synchronizeContent, number)
        case .synchronizeState: devices[number].database.synchronize()
        case .announce(let node): depart(.announcement(node), number)
        case .createContent(let id, let size): devices[number].disk.create(id, size: size)
        case .discardContent(let id): devices[number].disk.remove(id)
        case .discardWhenDurable(let ids):
            devices[number].database.synchronize()
            for id in ids { devices[number].disk.remove(id) }
        case .setContentAside(let id): devices[number].disk.setAside(id)
        case .wake(let id, let error): devices[number].woken[id] = .some(error)
        case .setTimer(let time):
            if let old = devices[number].timer, old <= time { return }
            devices[number].timer = time
            devices[number].timerAge = newAge()
        case .report(let report):
            trace.note("client \(number) reports \(report)")
            devices[number].reports.append(report)
        case .invalidateInode, .invalidateEntry, .deleteEntry: break
        }
    }

    private mutating func depart(_ errand: Flight.Errand, _ number: Int) {
        devices[number].flights.append(Flight(errand: errand, age: newAge()))
    }

    /// No step takes more out of the mount, or out of the cloud, than the guard allows.
    private mutating func checkDeletions(_ number: Int, _ effects: [Effect]) {
        guard isHostile else { return }
        var count = 0
        for effect in effects {
            switch effect {
            case .deleteEntry: count += 1
            case .send(let transmission): if case .delete = transmission.call { count += 1 }
            case .cancel, .obtainToken, .createContent, .discardContent, .discardWhenDurable,
                .setContentAside, .hash, .measureSpace, .synchronizeContent, .synchronizeState,
                .announce, .wake, .invalidateInode, .invalidateEntry, .setTimer, .report:
                break
            }
        }
        if count > scenario.settings.deleteGuard {
            fail(.deleteGuard, "client \(number) deletes \(count) at once")
        }
    }

    // MARK: The end of a client

    /// Counts a moment at which the client can end, and ends it if it is the one.
    mutating func isLastMoment(_ number: Int) -> Bool {
        guard let left = devices[number].momentsLeft else { return false }
        guard left == 0 else {
            devices[number].momentsLeft = left - 1
            return false
        }
        end(number)
        return true
    }

    /// Ends a client, and starts it again from what it left behind.
    private mutating func end(_ number: Int) {
        let device = devices[number]
        device.momentsLeft = nil
        trace.note("client \(number) ends\(device.endsByPowerFailure ? " without power" : "")")
        // A request may be on its way all the same.
        for flight in device.flights where flight.arrival == nil && faults.isOne(in: 3) {
            if case .request(let transmission) = flight.errand { handle(transmission, number) }
        }
        for program in device.programs { noteEnd(of: program, device) }
        if device.endsByPowerFailure {
            device.database.losePower(
                keeping: device.database.recentCount
                    - faults.next(below: device.database.recentCount + 1))
            device.disk.losePower(&faults)
        }
        var inventory = Engine.ContentInventory(sizes: device.disk.sizes)
        mutant?.change(&inventory)
        device.engine = Engine(
            device.database.load(), inventory, configuration: configuration(number),
            at: localTime(number))
        // What a power failure has taken back may come once more.
        device.bygone = device.endsByPowerFailure ? [] : device.bygone.union(device.removed)
        device.removed = []
        device.timer = nil
        device.flights = []
        device.programs = []
        device.woken = [:]
        device.writeCounts = [:]
        if device.endsByPowerFailure { adoptWhatIsLeft(number) }
        device.endsByPowerFailure = false
        step(number) { $0.begin(at: $1) }
    }

    /// What a program had written when it was ended is what it left.
    private mutating func noteEnd(of program: Program, _ device: Device) {
        guard let handle = program.handle, handle.canWrite,
            let generation = device.engine.tree[handle.file.node]?.generation,
            let bytes = device.disk[generation]
        else { return }
        ledger.close(bytes, isRequired: false)
    }

    /// After a power failure, edits that were not synchronised are whatever the disk says: no
    /// program was promised more.
    private mutating func adoptWhatIsLeft(_ number: Int) {
        for id in devices[number].engine.tree.allNodes {
            guard let node = devices[number].engine.tree[id], let generation = node.generation,
                node.local?.content != node.synced?.content,
                let bytes = devices[number].disk[generation]
            else { continue }
            ledger.close(bytes, isRequired: false)
        }
        ledger.losePower()
    }
}
