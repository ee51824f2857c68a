/// Growing pauses between attempts: each up to twice as long as the one before, and of random
/// length, so that clients which failed together do not come back together.
struct Backoff: Hashable, Sendable {
    /// The bound of the first pause, in nanoseconds.
    var first: Int64
    /// The bound of all pauses, in nanoseconds.
    var longest: Int64

    /// The pause after so many failures, at least one: from half its bound up to the bound, in
    /// nanoseconds.
    func pause(afterFailures count: Int, random: UInt64) -> Int64 {
        let doublings = Int64(min(max(count - 1, 0), 30))
        let (product, overflow) = first.multipliedReportingOverflow(by: 1 << doublings)
        let bound = overflow ? longest : min(product, longest)
        let half = bound / 2
        return half + Int64(truncatingIfNeeded: random % UInt64(bound - half + 1))
    }
}

/// A sequence of numbers that look random and follow from what was stirred in alone (SplitMix64).
struct JitterSource: Hashable, Sendable {
    private var state: UInt64 = 0

    /// Makes what comes next depend on these bits, too.
    mutating func stir(_ random: UInt64) { state ^= random }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Time that never runs backwards, made from a clock that may.
///
/// A clock that is set back stands still here for that moment; one that jumps ahead, as after a
/// suspension, makes everything due that falls into the gap, which is harmless.
struct SteadyClock: Hashable, Sendable {
    /// Nanoseconds since the first moment seen.
    private(set) var elapsed: Int64 = 0
    private var last: Timestamp?

    mutating func advance(to now: Timestamp) {
        if let last, now > last {
            elapsed = elapsed.advanced(saturatingBy: now.nanoseconds(since: last))
        }
        last = now
    }

    /// The moment, by the clock outside, at which so much will have elapsed.
    func moment(at elapsed: Int64) -> Timestamp {
        (last ?? .epoch).advanced(byNanoseconds: elapsed - self.elapsed)
    }
}

extension Timestamp {
    /// The time between two moments in nanoseconds, or the nearest number that there is.
    func nanoseconds(since other: Timestamp) -> Int64 {
        let (distance, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        return overflow ? (nanoseconds < 0 ? .min : .max) : distance
    }
}

extension Int64 {
    /// The sum, or the nearest number that there is.
    func advanced(saturatingBy distance: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(distance)
        return overflow ? (distance < 0 ? .min : .max) : sum
    }
}
