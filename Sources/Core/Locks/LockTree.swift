/// Locks ordered by their first byte, and found by the bytes that they overlap.
///
/// A treap that knows of each subtree how far its locks reach. Every operation takes a time
/// logarithmic in the number of locks, plus what it returns. Its shape depends on the order of the
/// calls alone.
struct LockTree: Sendable {
    private typealias Index = Int32
    private static let none: Index = -1

    private struct Item: Sendable {
        var held: HeldLock
        var priority: UInt64
        var left = LockTree.none
        var right = LockTree.none
        /// The last byte of any lock in the subtree, and of any exclusive one; -1 for none.
        var reach: Int64 = -1
        var exclusiveReach: Int64 = -1

        mutating func include(_ child: Item) {
            reach = max(reach, child.reach)
            exclusiveReach = max(exclusiveReach, child.exclusiveReach)
        }
    }

    private var items: [Item] = []
    private var free: [Index] = []
    private var root = LockTree.none

    private(set) var count = 0
    var isEmpty: Bool { count == 0 }
    var hasExclusive: Bool { root != Self.none && items[Int(root)].exclusiveReach >= 0 }

    // MARK: Changing

    /// Adds a lock; there must be none of the same owner with the same first byte.
    mutating func insert(_ held: HeldLock) {
        let index = allocate(held)
        let (left, right) = split(root, before: held)
        root = join(join(left, index), right)
        count += 1
    }

    /// Takes a lock out that is in.
    mutating func remove(_ held: HeldLock) {
        let (left, rest) = split(root, before: held)
        let (found, right) = splitFirst(rest)
        precondition(
            found != Self.none && items[Int(found)].held == held, "the lock is not in the tree")
        root = join(left, right)
        free.append(found)
        count -= 1
        if count == 0 { self = LockTree() }
    }

    // MARK: Looking

    /// The lock that keeps an owner from another, with the lowest first byte.
    func first(
        excluding kind: LockKind, _ range: ClosedRange<Int64>, for owner: LockOwner
    ) -> HeldLock? {
        first(in: root, excluding: kind, range, for: owner)
    }

    private func first(
        in index: Index, excluding kind: LockKind, _ range: ClosedRange<Int64>,
        for owner: LockOwner
    ) -> HeldLock? {
        guard index != Self.none else { return nil }
        let item = items[Int(index)]
        let reach = kind == .exclusive ? item.reach : item.exclusiveReach
        guard reach >= range.lowerBound else { return nil }
        if let found = first(in: item.left, excluding: kind, range, for: owner) { return found }
        guard item.held.range.lowerBound <= range.upperBound else { return nil }
        if item.held.excludes(kind, range, for: owner) { return item.held }
        return first(in: item.right, excluding: kind, range, for: owner)
    }

    /// The locks that overlap a range, in order.
    func overlapping(_ range: ClosedRange<Int64>) -> [HeldLock] {
        var result: [HeldLock] = []
        collect(root, range, into: &result)
        return result
    }

    private func collect(
        _ index: Index, _ range: ClosedRange<Int64>, into result: inout [HeldLock]
    ) {
        guard index != Self.none, items[Int(index)].reach >= range.lowerBound else { return }
        collect(items[Int(index)].left, range, into: &result)
        guard items[Int(index)].held.range.lowerBound <= range.upperBound else { return }
        if items[Int(index)].held.range.overlaps(range) { result.append(items[Int(index)].held) }
        collect(items[Int(index)].right, range, into: &result)
    }

    /// The first lock.
    var lowest: HeldLock? {
        guard root != Self.none else { return nil }
        var index = root
        while items[Int(index)].left != Self.none { index = items[Int(index)].left }
        return items[Int(index)].held
    }

    /// All locks, in order.
    var all: [HeldLock] { overlapping(FileLock.everything) }

    /// How many steps lead to the deepest lock.
    var depth: Int { depth(of: root) }

    private func depth(of index: Index) -> Int {
        guard index != Self.none else { return 0 }
        return 1 + max(depth(of: items[Int(index)].left), depth(of: items[Int(index)].right))
    }

    // MARK: The treap

    private mutating func allocate(_ held: HeldLock) -> Index {
        let index: Index
        let item = Item(held: held, priority: priority(of: held))
        if let reused = free.popLast() {
            items[Int(reused)] = item
            index = reused
        } else {
            items.append(item)
            index = Index(items.count - 1)
        }
        update(index)
        return index
    }

    /// Spread like random numbers, but always the same for the same lock.
    private func priority(of held: HeldLock) -> UInt64 {
        var bits = UInt64(bitPattern: held.range.lowerBound) &* 0x9E37_79B9_7F4A_7C15
        bits ^= held.owner.rawValue &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    private static func comesBefore(_ one: HeldLock, _ other: HeldLock) -> Bool {
        (one.range.lowerBound, one.owner) < (other.range.lowerBound, other.owner)
    }

    private mutating func update(_ index: Index) {
        var item = items[Int(index)]
        item.reach = item.held.range.upperBound
        item.exclusiveReach = item.held.lock.kind == .exclusive ? item.reach : -1
        if item.left != Self.none { item.include(items[Int(item.left)]) }
        if item.right != Self.none { item.include(items[Int(item.right)]) }
        items[Int(index)] = item
    }

    private mutating func split(_ index: Index, before held: HeldLock) -> (Index, Index) {
        guard index != Self.none else { return (Self.none, Self.none) }
        if Self.comesBefore(items[Int(index)].held, held) {
            let (left, right) = split(items[Int(index)].right, before: held)
            items[Int(index)].right = left
            update(index)
            return (index, right)
        }
        let (left, right) = split(items[Int(index)].left, before: held)
        items[Int(index)].left = right
        update(index)
        return (left, index)
    }

    /// Parts the first item from the others.
    private mutating func splitFirst(_ index: Index) -> (Index, Index) {
        guard index != Self.none else { return (Self.none, Self.none) }
        guard items[Int(index)].left != Self.none else {
            let rest = items[Int(index)].right
            items[Int(index)].right = Self.none
            update(index)
            return (index, rest)
        }
        let (first, rest) = splitFirst(items[Int(index)].left)
        items[Int(index)].left = rest
        update(index)
        return (first, index)
    }

    private mutating func join(_ left: Index, _ right: Index) -> Index {
        if left == Self.none { return right }
        if right == Self.none { return left }
        if items[Int(left)].priority > items[Int(right)].priority {
            let joined = join(items[Int(left)].right, right)
            items[Int(left)].right = joined
            update(left)
            return left
        }
        let joined = join(left, items[Int(right)].left)
        items[Int(right)].left = joined
        update(right)
        return right
    }
}
