/// A moment, in nanoseconds since the start of 1970 in UTC, between the years 1677 and 2262.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    private static let perSecond: Int64 = 1_000_000_000

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A moment given in two parts, as POSIX does.
    ///
    /// What lies beyond the range becomes its nearest end.
    package init(seconds: Int64, nanoseconds: Int64 = 0) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: Self.perSecond)
        let whole = overflow ? (seconds < 0 ? .min : .max) : product
        self.nanoseconds = whole.addingSaturated(nanoseconds)
    }

    /// The start of 1970.
    package static let epoch = Timestamp(nanoseconds: 0)

    /// Seconds since the start of 1970, rounded down: all that OneDrive for Business keeps.
    package var wholeSeconds: Int64 {
        let quotient = nanoseconds / Self.perSecond
        return nanoseconds % Self.perSecond < 0 ? quotient - 1 : quotient
    }

    /// What ``wholeSeconds`` leaves: 0 to 999,999,999.
    package var nanosecondsOfSecond: Int64 {
        let remainder = nanoseconds % Self.perSecond
        return remainder < 0 ? remainder + Self.perSecond : remainder
    }

    /// The start of the second that this moment lies in.
    package var truncatedToSecond: Timestamp { Timestamp(seconds: wholeSeconds) }

    /// A later moment, or an earlier one for a negative number; at most the end of the range.
    package func advanced(byNanoseconds distance: Int64) -> Timestamp {
        Timestamp(nanoseconds: nanoseconds.addingSaturated(distance))
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
