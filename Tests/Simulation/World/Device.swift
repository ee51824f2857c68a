import Core
import GraphSimulator

/// One client with everything around it: its disk, its database, its clock, its programs.
///
/// A reference: an engine is a large value, and a device in an array would be copied for every little
/// question. A device belongs to one world, which one thread plays at a time; a world that goes on
/// from another one takes copies.
final class Device: @unchecked Sendable {
    var engine: Engine
    var disk = Disk()
    var database = Database()
    /// How far its clock is ahead of the true time, in nanoseconds.
    var clockError: Int64 = 0
    /// On its own clock.
    var timer: Timestamp?
    var timerAge = 0
    var flights: [Flight] = []
    var programs: [Program] = []
    var woken: [WaitID: PosixError?] = [:]
    var token: String
    /// After so many more moments at which it can end, the client ends.
    var momentsLeft: Int?
    var endsByPowerFailure = false
    /// How often the bytes of a node were changed by a program of this device in this run.
    var writeCounts: [NodeID: Int] = [:]
    /// Faults that hit since everything was settled.
    var recentFaults: Set<FaultKind> = []
    var reports: [Report] = []
    /// Nodes that are gone from the database: in this run, and in earlier ones.
    var removed: Set<NodeID> = []
    var bygone: Set<NodeID> = []
    /// What happened to it is remembered by a mutant that reads the past.
    var mutantMemory = MutantMemory()

    init(engine: Engine, token: String) {
        self.engine = engine
        self.token = token
    }

    /// A device like this one for another world.
    init(copying other: Device) {
        engine = other.engine
        disk = other.disk
        database = other.database
        clockError = other.clockError
        timer = other.timer
        timerAge = other.timerAge
        flights = other.flights
        programs = other.programs
        woken = other.woken
        token = other.token
        momentsLeft = other.momentsLeft
        endsByPowerFailure = other.endsByPowerFailure
        writeCounts = other.writeCounts
        recentFaults = other.recentFaults
        reports = other.reports
        removed = other.removed
        bygone = other.bygone
        mutantMemory = other.mutantMemory
    }
}
