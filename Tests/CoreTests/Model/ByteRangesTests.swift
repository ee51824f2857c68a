import Core
import Testing

/// Every change and every question on small sets, compared with an array of bits.
struct ByteRangesTests {
    private static let width: Int64 = 6
    private static let allRanges: [Range<Int64>] = (0...width).flatMap { lower in
        (lower...width).map { lower..<$0 }
    }

    private static func bits(_ ranges: ByteRanges) -> [Bool] {
        (0..<width).map { offset in ranges.ranges.contains { $0.contains(offset) } }
    }

    private static func ranges(_ bits: [Bool]) -> ByteRanges {
        var result = ByteRanges()
        for (offset, isSet) in bits.enumerated() where isSet {
            result.insert(Int64(offset)..<Int64(offset) + 1)
        }
        return result
    }

    private static let allSets: [[Bool]] = (0..<(1 << width)).map { number in
        (0..<width).map { number >> $0 & 1 == 1 }
    }

    /// Sorted, neither empty nor touching.
    private static func isNormal(_ set: ByteRanges) -> Bool {
        set.ranges.allSatisfy { !$0.isEmpty }
            && zip(set.ranges, set.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
    }

    @Test("inserting and removing equal setting and clearing bits")
    func changes() {
        for before in Self.allSets {
            for range in Self.allRanges {
                let set = Self.ranges(before)
                var grown = set
                grown.insert(range)
                var shrunk = set
                shrunk.remove(range)
                var more = before
                var fewer = before
                for offset in range {
                    more[Int(offset)] = true
                    fewer[Int(offset)] = false
                }
                guard Self.bits(grown) == more, Self.bits(shrunk) == fewer,
                    Self.isNormal(grown), Self.isNormal(shrunk),
                    grown == Self.ranges(more), shrunk == Self.ranges(fewer)
                else {
                    Issue.record("\(set.ranges) with \(range): \(grown.ranges), \(shrunk.ranges)")
                    return
                }
            }
        }
    }

    @Test("questions are answered as a bit array answers them")
    func questions() {
        for bits in Self.allSets {
            let set = Self.ranges(bits)
            #expect(set.count == bits.count { $0 })
            #expect(set.isEmpty == !bits.contains(true))
            for range in Self.allRanges {
                let inside = range.map { bits[Int($0)] }
                var missing = ByteRanges()
                for gap in set.missing(in: range) { missing.insert(gap) }
                var expected = ByteRanges(range)
                for present in set.ranges { expected.remove(present) }
                guard set.covers(range) == !inside.contains(false), missing == expected,
                    set.missing(in: range) == missing.ranges
                else {
                    Issue.record("\(set.ranges) asked about \(range): \(missing.ranges)")
                    return
                }
            }
        }
    }

    @Test("a range of its own, or none")
    func single() {
        #expect(ByteRanges(3..<3) == ByteRanges())
        #expect(ByteRanges(3..<9).ranges == [3..<9])
        #expect(ByteRanges(0..<Int64.max).count == Int64.max)
    }
}
