/// Finds nodes by a hash: open addressing in eight bytes a slot.
///
/// What is found by its hash must be compared by the caller: different things can have one hash.
struct HashIndex: Sendable {
    /// The low half of the hash above the node; zero where nothing is.
    private var slots: [UInt64] = []
    private var count = 0

    /// The first node of this hash that `matches`.
    func first(_ hash: UInt64, where matches: (NodeID) -> Bool) -> NodeID? {
        position(hash, where: matches).map { Self.node(slots[$0]) }
    }

    mutating func insert(_ id: NodeID, _ hash: UInt64) {
        // At four fifths, or probing would take long.
        if (count + 1) * 5 > slots.count * 4 { grow() }
        place(Self.slot(id, hash))
        count += 1
    }

    mutating func remove(_ id: NodeID, _ hash: UInt64) {
        guard var gap = position(hash, where: { $0 == id }) else { return }
        count -= 1
        // What was pushed behind the gap by what was there moves up.
        var next = following(gap)
        while slots[next] != 0 {
            if distance(from: home(slots[next]), to: next) >= distance(from: gap, to: next) {
                slots[gap] = slots[next]
                gap = next
            }
            next = following(next)
        }
        slots[gap] = 0
    }

    /// Makes room for so many nodes in all, so that it need not grow step by step.
    mutating func reserve(_ total: Int) {
        if total * 5 > slots.count * 4 { move(to: total + total / 4 + 8) }
    }

    // MARK: Slots

    private func position(_ hash: UInt64, where matches: (NodeID) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        let wanted = Self.half(hash)
        var index = home(wanted << 32)
        while slots[index] != 0 {
            if slots[index] >> 32 == wanted, matches(Self.node(slots[index])) { return index }
            index = following(index)
        }
        return nil
    }

    private mutating func place(_ slot: UInt64) {
        var index = home(slot)
        while slots[index] != 0 { index = following(index) }
        slots[index] = slot
    }

    private mutating func grow() { move(to: slots.count + slots.count / 2 + 8) }

    private mutating func move(to count: Int) {
        let old = slots
        slots = Array(repeating: 0, count: count)
        for slot in old where slot != 0 { place(slot) }
    }

    /// Where the search for a slot begins: the hash, scaled to the number of slots.
    private func home(_ slot: UInt64) -> Int {
        // A shift binds more tightly than a product.
        Int(((slot >> 32) * UInt64(slots.count)) >> 32)
    }

    private func following(_ index: Int) -> Int { index + 1 == slots.count ? 0 : index + 1 }

    private func distance(from start: Int, to end: Int) -> Int {
        end >= start ? end - start : end + slots.count - start
    }

    private static func slot(_ id: NodeID, _ hash: UInt64) -> UInt64 {
        half(hash) << 32 | UInt64(UInt32(id.rawValue))
    }

    private static func node(_ slot: UInt64) -> NodeID {
        NodeID(rawValue: UInt64(UInt32(truncatingIfNeeded: slot)))
    }

    private static func half(_ hash: UInt64) -> UInt64 { (hash ^ hash >> 32) & 0xFFFF_FFFF }
}
