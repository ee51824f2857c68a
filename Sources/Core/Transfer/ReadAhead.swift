/// How far ahead of a reader to fetch.
///
/// The window starts small, so that a look at the head or the tail of a file stays cheap, and
/// doubles as long as the reader goes on in order.
package struct ReadAhead: Hashable, Sendable {
    /// In bytes: what is fetched for the first read of a place.
    package static let smallest: Int64 = 1 << 20
    /// In bytes.
    package static let largest: Int64 = 32 << 20
    /// Jumps up to this many bytes count as reading on: the kernel reads ahead out of order.
    private static let tolerance: Int64 = 2 << 20
    /// Fetches begin and end on multiples of this.
    private static let grid: Int64 = 1 << 16

    private var last: Range<Int64>?
    private var window: Int64

    package init() {
        last = nil
        window = Self.smallest
    }

    /// Takes note of a read, which may change the window.
    ///
    /// A read that is asked again, since it had to wait, counts once.
    package mutating func noteRead(_ range: Range<Int64>) {
        guard range != last else { return }
        defer { last = range }
        guard let last else { return }
        let isInOrder = abs(range.lowerBound - last.upperBound) <= Self.tolerance
        window = isInOrder ? min(window * 2, Self.largest) : Self.smallest
    }

    /// The range to have here for a read of `range` in a file of `size` bytes.
    package func wanted(for range: Range<Int64>, size: Int64) -> Range<Int64> {
        let lower = range.lowerBound / Self.grid * Self.grid
        let upper = max(range.upperBound, range.lowerBound + window)
        let rounded = (upper + Self.grid - 1) / Self.grid * Self.grid
        return min(lower, size)..<min(rounded, size)
    }
}
