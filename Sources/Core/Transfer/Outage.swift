/// A time without a way to the service.
///
/// Times are on the steady clock.
struct Outage: Hashable, Sendable {
    /// The one thing that is tried while all else waits.
    enum Probe: Hashable, Sendable {
        case request(RequestID)
        case token
    }

    private static let pauses = Backoff(first: 1_000_000_000, longest: 60_000_000_000)
    /// However much somebody wants to know, there is a pause between two probes, in nanoseconds.
    private static let shortestPause: Int64 = 1_000_000_000

    private(set) var cause: OfflineCause
    private(set) var probe: Probe?
    private(set) var nextProbe: Int64
    private var lastFailure: Int64
    private var failures = 1

    init(cause: OfflineCause, at elapsed: Int64, random: UInt64) {
        self.cause = cause
        lastFailure = elapsed
        nextProbe = elapsed + Self.pauses.pause(afterFailures: 1, random: random)
    }

    mutating func begin(_ probe: Probe) { self.probe = probe }

    /// Takes note that something has ended; returns whether it was the probe.
    mutating func endProbe(_ ended: Probe) -> Bool {
        guard probe == ended else { return false }
        probe = nil
        return true
    }

    /// A probe has failed.
    mutating func prolong(_ cause: OfflineCause, at elapsed: Int64, random: UInt64) {
        self.cause = cause
        failures += 1
        lastFailure = elapsed
        nextProbe = elapsed + Self.pauses.pause(afterFailures: failures, random: random)
    }

    /// The network may have come back: tries at once, and often at first.
    mutating func tryNow(_ elapsed: Int64) {
        failures = 1
        nextProbe = elapsed
    }

    /// Somebody would like to know soon.
    mutating func hasten() {
        nextProbe = min(nextProbe, lastFailure + Self.shortestPause)
    }
}
