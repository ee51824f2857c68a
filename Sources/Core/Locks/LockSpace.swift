/// The locks of one family on one file: who holds what, and who waits.
struct LockSpace: Sendable {
    private(set) var all = LockTree()
    private(set) var owners: [LockOwner: LockTree] = [:]
    /// In the order in which they came.
    var waiters: [LockWaiter] = []

    var isEmpty: Bool { all.isEmpty && waiters.isEmpty }

    /// What keeps an owner from a lock.
    func blocker(of lock: FileLock, for owner: LockOwner) -> HeldLock? {
        all.first(excluding: lock.kind, lock.range, for: owner)
    }

    /// Whether somebody holds an exclusive lock, or waits for one.
    var wantsExclusion: Bool {
        all.hasExclusive || waiters.contains { $0.request.lock.kind == .exclusive }
    }

    /// Whether one owner keeps another from a lock.
    func holds(_ holder: LockOwner, against lock: FileLock, of owner: LockOwner) -> Bool {
        owners[holder]?.first(excluding: lock.kind, lock.range, for: owner) != nil
    }

    // MARK: Changing

    /// Gives a range to an owner, whatever he had of it before; nothing may be in the way.
    ///
    /// What he holds in the same way beside it becomes one lock with it.
    ///
    /// - Returns: Whether that changed anything.
    mutating func acquire(_ lock: FileLock, for owner: LockOwner, at now: Timestamp) -> Bool {
        var merged = HeldLock(owner: owner, lock: lock, since: now)
        for held in owners[owner]?.overlapping(lock.range.withNeighbours) ?? [] {
            if held.lock.kind == lock.kind {
                if held.range.contains(lock.range) { return false }
                merged.lock.range =
                    min(
                        held.range.lowerBound, merged.range.lowerBound)...max(
                        held.range.upperBound, merged.range.upperBound)
                merged.lock.process = held.lock.process
                merged.since = min(held.since, merged.since)
                remove(held)
            } else if held.range.overlaps(lock.range) {
                cut(held, lock.range)
            }
        }
        insert(merged)
        return true
    }

    /// Takes a range from an owner.
    ///
    /// - Returns: Whether he had any of it.
    mutating func release(_ range: ClosedRange<Int64>, of owner: LockOwner) -> Bool {
        let held = owners[owner]?.overlapping(range) ?? []
        for lock in held { cut(lock, range) }
        return !held.isEmpty
    }

    private mutating func cut(_ held: HeldLock, _ range: ClosedRange<Int64>) {
        remove(held)
        if held.range.lowerBound < range.lowerBound {
            insert(held.on(held.range.lowerBound...range.lowerBound - 1))
        }
        if held.range.upperBound > range.upperBound {
            insert(held.on(range.upperBound + 1...held.range.upperBound))
        }
    }

    private mutating func insert(_ held: HeldLock) {
        all.insert(held)
        owners[held.owner, default: LockTree()].insert(held)
    }

    private mutating func remove(_ held: HeldLock) {
        all.remove(held)
        owners[held.owner]?.remove(held)
        if owners[held.owner]?.isEmpty == true { owners[held.owner] = nil }
    }
}

extension ClosedRange<Int64> {
    /// With the byte in front and the byte behind.
    fileprivate var withNeighbours: ClosedRange<Int64> {
        Swift.max(lowerBound - 1, 0)...(upperBound == .max ? .max : upperBound + 1)
    }

    fileprivate func contains(_ other: ClosedRange<Int64>) -> Bool {
        lowerBound <= other.lowerBound && upperBound >= other.upperBound
    }
}
