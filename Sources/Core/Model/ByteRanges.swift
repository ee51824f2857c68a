/// A set of byte offsets, kept as sorted ranges that neither overlap nor touch.
package struct ByteRanges: Hashable, Sendable {
    package private(set) var ranges: [Range<Int64>]

    package init() { ranges = [] }

    /// The offsets of one range; an empty range gives the empty set.
    package init(_ range: Range<Int64>) { ranges = range.isEmpty ? [] : [range] }

    package var isEmpty: Bool { ranges.isEmpty }

    /// How many offsets are in the set.
    package var count: Int64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// Adds a range.
    ///
    /// O(log n), and O(n) to move what lies behind it.
    package mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        // Everything from `first` up to `last` overlaps or touches the new range.
        let first = firstIndex { $0.upperBound >= range.lowerBound }
        let last = firstIndex { $0.lowerBound > range.upperBound }
        guard first < last else {
            ranges.insert(range, at: first)
            return
        }
        let lower = min(range.lowerBound, ranges[first].lowerBound)
        let upper = max(range.upperBound, ranges[last - 1].upperBound)
        ranges.replaceSubrange(first..<last, with: CollectionOfOne(lower..<upper))
    }

    /// Takes a range out.
    package mutating func remove(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        let first = firstIndex { $0.upperBound > range.lowerBound }
        let last = firstIndex { $0.lowerBound >= range.upperBound }
        guard first < last else { return }
        var remaining: [Range<Int64>] = []
        if ranges[first].lowerBound < range.lowerBound {
            remaining.append(ranges[first].lowerBound..<range.lowerBound)
        }
        if ranges[last - 1].upperBound > range.upperBound {
            remaining.append(range.upperBound..<ranges[last - 1].upperBound)
        }
        ranges.replaceSubrange(first..<last, with: remaining)
    }

    /// Whether every offset of the range is in the set.
    ///
    /// O(log n).
    package func covers(_ range: Range<Int64>) -> Bool {
        guard !range.isEmpty else { return true }
        let index = firstIndex { $0.upperBound > range.lowerBound }
        return index < ranges.count && ranges[index].lowerBound <= range.lowerBound
            && ranges[index].upperBound >= range.upperBound
    }

    /// The parts of the range that are not in the set, in order.
    package func missing(in range: Range<Int64>) -> [Range<Int64>] {
        var result: [Range<Int64>] = []
        var offset = range.lowerBound
        var index = firstIndex { $0.upperBound > range.lowerBound }
        while offset < range.upperBound {
            guard index < ranges.count, ranges[index].lowerBound < range.upperBound else {
                result.append(offset..<range.upperBound)
                break
            }
            if ranges[index].lowerBound > offset {
                result.append(offset..<ranges[index].lowerBound)
            }
            offset = max(offset, ranges[index].upperBound)
            index += 1
        }
        return result
    }

    /// The first index whose range satisfies a condition that stays true from there on.
    private func firstIndex(where condition: (Range<Int64>) -> Bool) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if condition(ranges[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
