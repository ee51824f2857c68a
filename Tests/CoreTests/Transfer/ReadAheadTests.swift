import Core
import Testing

/// What is fetched ahead of a reader.
struct ReadAheadTests {
    private static let size: Int64 = 10 << 30

    @Test("a look here and there stays small", arguments: [0, 4096, 5 << 30, (10 << 30) - 4096])
    func probes(offset: Int64) {
        var readAhead = ReadAhead()
        let wanted = readAhead.note(offset..<offset + 4096, size: Self.size, isHere: false)
        #expect(wanted.lowerBound <= offset && wanted.upperBound >= offset + 4096)
        #expect(wanted.upperBound - wanted.lowerBound <= 256 << 10)
        #expect(wanted.lowerBound % (64 << 10) == 0)
    }

    @Test func readingHereAndThereNeverGrows() {
        var readAhead = ReadAhead()
        var total: Int64 = 0
        for step in 0..<200 as Range<Int64> {
            let offset = step * 7_919_000_003 % (Self.size - 4096)
            let wanted = readAhead.note(offset..<offset + 4096, size: Self.size, isHere: false)
            total += wanted.upperBound - wanted.lowerBound
        }
        #expect(total <= 200 * 192 << 10)
    }

    @Test func smallFilesComeWhole() {
        var readAhead = ReadAhead()
        #expect(readAhead.note(5000..<5010, size: 1 << 20, isHere: false) == 0..<1 << 20)
    }

    @Test("the window doubles while a reader in order has to wait, up to its bound")
    func growth() {
        var readAhead = ReadAhead()
        var windows: [Int64] = []
        var front: Int64 = 0
        for step in 0..<12 as Range<Int64> {
            let range = step * 131_072..<(step + 1) * 131_072
            let wanted = readAhead.note(range, size: Self.size, isHere: false)
            #expect(wanted.lowerBound <= range.lowerBound)
            #expect(wanted.upperBound >= range.upperBound)
            front = max(front, wanted.upperBound)
            windows.append(readAhead.window >> 10)
        }
        #expect(
            windows == [
                128, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 65536, 65536, 65536, 65536,
            ])
        #expect(front >= 64 << 20 && front <= 66 << 20)
    }

    @Test func whoNeverWaitsGetsNoLargerWindow() {
        var readAhead = ReadAhead()
        _ = readAhead.note(0..<4096, size: Self.size, isHere: false)
        for step in 1..<1000 as Range<Int64> {
            let wanted = readAhead.note(
                step * 4096..<(step + 1) * 4096, size: Self.size, isHere: true)
            #expect(wanted.upperBound - wanted.lowerBound <= 128 << 10)
        }
    }

    @Test("more is asked for only when half of what lies ahead is used up")
    func fewLargeRequests() {
        var readAhead = ReadAhead()
        _ = readAhead.note(0..<131_072, size: Self.size, isHere: false)
        _ = readAhead.note(131_072..<262_144, size: Self.size, isHere: false)
        var requests = 0
        var front: Int64 = 131_072 + (1 << 20)
        for step in 2..<66 as Range<Int64> {
            let wanted = readAhead.note(
                step * 131_072..<(step + 1) * 131_072, size: Self.size, isHere: true)
            if wanted.upperBound > front + 131_072 { requests += 1 }
            front = max(front, wanted.upperBound)
        }
        // 8 MiB in steps of half a mebibyte and more.
        #expect((1...16).contains(requests))
    }

    @Test("a read that is asked again after its wait, or out of order, counts once")
    func repetitions() {
        var once = ReadAhead()
        var often = ReadAhead()
        for step in 0..<4 as Range<Int64> {
            let range = step * 131_072..<(step + 1) * 131_072
            _ = once.note(range, size: Self.size, isHere: false)
            for _ in 0..<5 { _ = often.note(range, size: Self.size, isHere: false) }
        }
        let range: Range<Int64> = 4 * 131_072..<5 * 131_072
        let first = once.note(range, size: Self.size, isHere: false)
        let second = often.note(range, size: Self.size, isHere: false)
        #expect(first.upperBound >= second.upperBound)
    }

    @Test(
        "small jumps forward and back are reading on, large ones are not",
        arguments: [(1 << 20, true), (-(1 << 20), true), (8 << 20, false), (-(8 << 20), false)]
            as [(Int64, Bool)])
    func jumps(distance: Int64, isReadingOn: Bool) {
        var readAhead = ReadAhead()
        var offset: Int64 = 1 << 30
        for _ in 0..<4 {
            _ = readAhead.note(offset..<offset + 131_072, size: Self.size, isHere: false)
            offset += 131_072
        }
        _ = readAhead.note(
            offset + distance..<offset + distance + 4096, size: Self.size, isHere: false)
        #expect((readAhead.window >= 4 << 20) == isReadingOn)
    }

    @Test(
        "ranges are cut into parts that cover them without gap",
        arguments: [
            0..<1, 0..<65_536, 100..<5_000_000, 0..<64 << 20, 8 << 30..<(8 << 30) + (64 << 20),
        ] as [Range<Int64>])
    func parts(range: Range<Int64>) {
        let parts = ReadAhead.parts(of: range)
        #expect(parts.first?.lowerBound == range.lowerBound)
        #expect(parts.last?.upperBound == range.upperBound)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.0.upperBound == $0.1.lowerBound })
        #expect(parts.allSatisfy { !$0.isEmpty && $0.count <= ReadAhead.longestPart })
        #expect(parts.dropLast().allSatisfy { $0.upperBound % (64 << 10) == 0 })
    }
}
