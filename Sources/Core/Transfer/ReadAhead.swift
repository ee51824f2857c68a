/// How far ahead of one reader bytes are fetched.
///
/// The window starts small, so that a look at the head or the tail of a file, and reading here and
/// there, stay cheap. It doubles each time a reader who goes on in order has to wait for bytes, and
/// only then: it follows what he needs, not how large the file is. More is asked for once he has
/// used up half of what lies before him, so that the requests stay few and large.
package struct ReadAhead: Hashable, Sendable {
    /// In bytes: what is fetched for the first read of a place.
    package static let smallest: Int64 = 128 << 10
    /// In bytes: what the window grows to with the first wait of a reader who goes on in order.
    package static let firstStep: Int64 = 1 << 20
    /// In bytes.
    package static let largest: Int64 = 64 << 20
    /// Files up to this size are fetched as a whole, in bytes: a round trip costs more.
    package static let wholeFile: Int64 = 1 << 20
    /// Jumps up to this many bytes count as reading on: the kernel reads ahead out of order, and
    /// programs skip over what does not concern them.
    private static let tolerance: Int64 = 2 << 20
    /// Fetches begin and end on multiples of this, in bytes.
    private static let grid: Int64 = 64 << 10

    /// How far the reader has come; nil before the first read.
    private var position: Int64?
    /// In bytes.
    package private(set) var window = Self.smallest
    /// Up to where bytes were asked for on behalf of this reader.
    private var front: Int64 = 0
    /// The furthest that he has waited for: a read that is asked again does not count twice.
    private var waitedThrough: Int64 = 0

    package init() {}

    /// Takes note of a read, and says which range to have here for it.
    ///
    /// - Parameters:
    ///   - range: What the reader asks for, within the file.
    ///   - size: The size of the file, in bytes.
    ///   - isHere: Whether he gets it without waiting.
    /// - Returns: A range on the grid that covers `range`, and what to fetch ahead of it.
    package mutating func note(
        _ range: Range<Int64>, size: Int64, isHere: Bool
    ) -> Range<Int64> {
        if size <= Self.wholeFile { return 0..<size }
        guard let position, abs(range.lowerBound - position) <= Self.tolerance else {
            return begin(range, size: size)
        }
        self.position = max(position, range.upperBound)
        if !isHere, range.upperBound > waitedThrough {
            waitedThrough = range.upperBound
            window = min(max(window * 2, Self.firstStep), Self.largest)
        }
        let reached = max(position, range.upperBound)
        // Nothing lies ahead of the first reads of a place.
        guard window >= Self.firstStep, front - reached <= window / 2 else {
            return Self.onGrid(range, size: size)
        }
        let wanted = Self.onGrid(
            range.lowerBound..<max(range.upperBound, reached + window), size: size)
        front = wanted.upperBound
        return wanted
    }

    /// Less was asked for than wanted: the reader has nothing ahead of him beyond this.
    package mutating func limit(to end: Int64) { front = min(front, end) }

    /// The reader has gone elsewhere.
    private mutating func begin(_ range: Range<Int64>, size: Int64) -> Range<Int64> {
        position = range.upperBound
        window = Self.smallest
        let end = max(range.upperBound, range.lowerBound + Self.smallest)
        let wanted = Self.onGrid(range.lowerBound..<end, size: size)
        front = wanted.upperBound
        waitedThrough = range.upperBound
        return wanted
    }

    private static func onGrid(_ range: Range<Int64>, size: Int64) -> Range<Int64> {
        let lower = range.lowerBound / grid * grid
        let upper = (range.upperBound + grid - 1) / grid * grid
        return min(lower, size)..<min(upper, size)
    }

    // MARK: Requests

    /// The longest range of one request, in bytes.
    package static let longestPart: Int64 = 8 << 20
    /// The shortest into which a larger range is cut, in bytes.
    private static let shortestPart: Int64 = 1 << 20

    /// Cuts a range into the ranges of requests that run at once.
    package static func parts(of range: Range<Int64>) -> [Range<Int64>] {
        let quarter = (range.upperBound - range.lowerBound) / 4 / grid * grid
        let length = min(max(quarter, shortestPart), longestPart)
        var parts: [Range<Int64>] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min((start + length) / grid * grid, range.upperBound)
            parts.append(start..<end)
            start = end
        }
        return parts
    }
}
