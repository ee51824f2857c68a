import GraphSimulator
import Testing

@testable import Core

struct LockTreeTests {
    private func lock(
        _ owner: UInt64, _ kind: LockKind, _ range: ClosedRange<Int64>
    ) -> HeldLock {
        HeldLock(
            owner: LockOwner(rawValue: owner),
            lock: FileLock(kind: kind, range: range, process: Int32(owner)), since: .epoch)
    }

    @Test("finds the same as a look at every lock")
    func finds() {
        var random = SplitMix64(seed: 3)
        var tree = LockTree()
        var list: [HeldLock] = []
        for _ in 0..<500 {
            let lower = Int64.random(in: 0..<40, using: &random)
            let range = lower...(lower + .random(in: 0..<9, using: &random))
            let owner = UInt64.random(in: 1..<6, using: &random)
            let kind: LockKind = Bool.random(using: &random) ? .shared : .exclusive
            if Int.random(in: 0..<3, using: &random) == 0,
                let gone = list.randomElement(using: &random)
            {
                tree.remove(gone)
                list.removeAll { $0 == gone }
            } else if !list.contains(where: {
                $0.owner.rawValue == owner && $0.range.lowerBound == lower
            }) {
                tree.insert(lock(owner, kind, range))
                list.append(lock(owner, kind, range))
            }
            list.sort {
                ($0.range.lowerBound, $0.owner) < ($1.range.lowerBound, $1.owner)
            }
            #expect(tree.all == list)
            #expect(tree.count == list.count)
            #expect(tree.lowest == list.first)
            #expect(tree.overlapping(range) == list.filter { $0.range.overlaps(range) })
            #expect(
                tree.first(excluding: kind, range, for: LockOwner(rawValue: owner))
                    == list.first {
                        $0.excludes(kind, range, for: LockOwner(rawValue: owner))
                    })
        }
    }

    @Test("a tree of many locks stays flat")
    func isFlat() {
        var tree = LockTree()
        for index in 0..<20_000 {
            tree.insert(lock(1, .shared, Int64(index) * 2...Int64(index) * 2))
        }
        #expect(tree.depth < 64)
        for index in 0..<19_999 {
            tree.remove(lock(1, .shared, Int64(index) * 2...Int64(index) * 2))
        }
        #expect(tree.all.map(\.range) == [39_998...39_998])
    }
}
