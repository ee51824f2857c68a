/// Hands out ids that are never used twice, not even after a crash: a block of them is recorded as
/// used together with the first that is.
struct IdentityCounter: Sendable {
    private static let block: UInt64 = 4096

    private var last: UInt64
    private var reserved: UInt64
    private var needsRecord = false

    /// - Parameters:
    ///   - recorded: The reservation read from the database.
    ///   - used: The greatest id in use.
    init(recorded: String?, used: UInt64) {
        last = max(recorded.flatMap { UInt64($0) } ?? 0, used)
        reserved = last
    }

    mutating func next() -> UInt64 {
        last += 1
        if last > reserved {
            reserved = last + Self.block
            needsRecord = true
        }
        return last
    }

    /// The reservation to be recorded, if there is a new one.
    mutating func takeReservation() -> UInt64? {
        guard needsRecord else { return nil }
        needsRecord = false
        return reserved
    }
}
