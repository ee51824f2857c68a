/// The rest that the service asks for when there were too many requests.
///
/// It holds for all of them: each that is sent all the same counts against the limit too. Times are
/// on the steady clock.
struct ServiceRest: Hashable, Sendable {
    /// No wish for a longer rest is granted at once, in nanoseconds: the service is asked again.
    static let longest: Int64 = 24 * 60 * 60 * 1_000_000_000
    /// A rest is never shorter, in nanoseconds, whatever the service says.
    private static let shortest: Int64 = 500_000_000
    /// How long to rest where the service does not say.
    private static let pauses = Backoff(first: 2_000_000_000, longest: 5 * 60 * 1_000_000_000)

    private var end: Int64?
    private var count = 0

    /// When the rest ends, if there is one.
    func end(after elapsed: Int64) -> Int64? {
        guard let end, elapsed < end else { return nil }
        return end
    }

    /// The service asks for rest, maybe of so many nanoseconds.
    ///
    /// A longer rest under way goes on.
    mutating func begin(at elapsed: Int64, wish: Int64?, random: UInt64) {
        // Those that were on the wire when it began tell nothing new.
        if end(after: elapsed) == nil { count += 1 }
        let length = wish ?? Self.pauses.pause(afterFailures: count, random: random)
        let new = elapsed.advanced(saturatingBy: min(max(length, Self.shortest), Self.longest))
        end = max(new, end ?? new)
    }

    /// A request was answered without such a wish.
    mutating func noteAnswer(at elapsed: Int64) {
        if end(after: elapsed) == nil { count = 0 }
    }
}
