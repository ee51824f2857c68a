/// All locks that programs hold on the mount or wait for.
///
/// Every question of who may have a lock is decided here, as Linux decides it for a local disk.
/// Locks belong to nodes: they follow a file through renames, and end with the client. Calls that
/// need not wait never do; those that wait get their lock in the order in which they came. A waiting
/// writer also holds back those that come after him and wait, but only for ``courtesy``: so readers
/// do not starve him, and no two programs wait for each other that would not on a local disk.
package struct LockTable: Sendable {
    /// How long a call that could have its lock waits for an earlier one that cannot, in nanoseconds.
    package static let courtesy: Int64 = 1_000_000_000
    /// How many ranges may be held in all.
    package static let countMax = 1 << 20

    /// Grows whenever anything here changes.
    package private(set) var epoch: UInt64 = 0
    private(set) var nodes: [NodeID: NodeLocks] = [:]
    private(set) var waiting: [WaitID: LockRequest] = [:]
    /// The waits of an owner for ranges of bytes: a process may have several threads.
    private(set) var waits: [LockOwner: Set<WaitID>] = [:]
    /// On how many files an owner holds ranges of bytes.
    private var holdings: [LockOwner: Int] = [:]
    /// Who waits only out of courtesy, and until when.
    private var courteous: [WaitID: Timestamp] = [:]
    private var count = 0
    private var wakes: [LockWake] = []

    package init() {}

    /// Nobody holds or waits for anything, and no open file was ever locked through.
    package var isEmpty: Bool { nodes.isEmpty }

    /// Whether somebody holds a lock on a file.
    package func isLocked(_ node: NodeID) -> Bool { nodes[node]?.isLocked ?? false }

    /// Whether somebody holds an exclusive lock on a file, or waits for one.
    package func wantsExclusion(_ node: NodeID) -> Bool { nodes[node]?.wantsExclusion ?? false }

    /// Whether locks of a file may end when somebody closes it.
    package func concerns(_ node: NodeID) -> Bool { nodes[node] != nil }

    /// The waits that ended since the last call, in order.
    package mutating func takeWakes() -> [LockWake] {
        defer { wakes = [] }
        return wakes
    }

    // MARK: Locking

    /// Takes a lock, or begins to wait for it.
    ///
    /// - Parameters:
    ///   - request: Who wants what.
    ///   - patience: Whether, and how, the request waits.
    ///   - isSettled: Whether everything has been heard that the kernel said before.
    ///   - now: The time, for the list of locks.
    /// - Returns: Whether the lock is held now, waited for, or refused.
    package mutating func acquire(
        _ request: LockRequest, _ patience: LockPatience, isSettled: Bool = false,
        at now: Timestamp
    ) -> LockDecision {
        guard count < Self.countMax else { return .exhausted }
        let (node, family) = (request.node, request.family)
        if !isSettled, nodes[node]?.mayBeAnother(request) == true {
            return .refused(isSettled: false)
        }
        let before = nodes[node]?.held(by: request.owner, family)
        if family == .wholeFile, let before {
            if before.lock.kind == request.lock.kind { return .granted }
            // The old lock is given up before the new one is tried, as flock(2) says.
            _ = change(node, family, request.owner) {
                $0.release(before.range, of: request.owner)
            }
        }
        let blocker = nodes[node]?[family].blocker(of: request.lock, for: request.owner)
        let decision: LockDecision
        switch (blocker, patience) {
        case (let blocker?, .none):
            let mayEnd = nodes[node]?.mayBeClosing(blocker.owner, family) ?? false
            decision = .refused(isSettled: isSettled || !mayEnd)
        case (.some, .waits(let id)):
            if closesCycle(request) {
                decision = .deadlock
            } else {
                enqueue(request, id, at: now)
                decision = .waits
            }
        case (nil, .waits(let id)) where before == nil && hasEarlierWaiter(than: request):
            enqueue(request, id, at: now)
            decision = .waits
        case (nil, _):
            grant(request, at: now)
            decision = .granted
        }
        settle(node, family, at: now)
        return decision
    }

    /// Gives up a range.
    package mutating func release(
        _ range: ClosedRange<Int64>, on node: NodeID, _ family: LockFamily, of owner: LockOwner,
        at now: Timestamp
    ) -> LockDecision {
        // A hole makes two locks of one.
        guard count < Self.countMax || range == FileLock.everything else { return .exhausted }
        if nodes[node] != nil, change(node, family, owner, { $0.release(range, of: owner) }) {
            settle(node, family, at: now)
        }
        return .granted
    }

    /// What keeps an owner from a lock; and whether that is settled, as in ``LockDecision``.
    package func blocker(
        of request: LockRequest, isSettled: Bool = false
    ) -> (held: HeldLock, isSettled: Bool)? {
        guard let locks = nodes[request.node],
            let held = locks[request.family].blocker(of: request.lock, for: request.owner)
        else { return nil }
        return (held, isSettled || !locks.mayBeClosing(held.owner, request.family))
    }

    /// Ends a wait.
    ///
    /// Returns the file whose lock was wanted, or nil if the wait had ended before.
    package mutating func cancel(_ wait: WaitID, at now: Timestamp) -> NodeID? {
        guard let request = waiting[wait] else { return nil }
        dequeue(wait)
        settle(request.node, request.family, at: now)
        return request.node
    }

    // MARK: Closing

    /// A process closes a descriptor: all its ranges on the file end, however many others it has.
    package mutating func closedDescriptor(
        of handle: HandleID, on node: NodeID, owner: LockOwner, at now: Timestamp
    ) {
        guard nodes[node] != nil else { return }
        nodes[node]?.forget(owner, closing: handle)
        _ = release(FileLock.everything, on: node, .byteRange, of: owner, at: now)
        prune(node)
    }

    /// An open file is no longer in use by anybody: all that was locked through it ends.
    package mutating func closedFile(_ handle: HandleID, on node: NodeID, at now: Timestamp) {
        for (family, owner) in nodes[node]?.forget(handle) ?? [] {
            _ = release(FileLock.everything, on: node, family, of: owner, at: now)
        }
        prune(node)
    }

    // MARK: Time

    /// When ``timer(at:)`` is to be called next.
    package var nextTimer: Timestamp? { courteous.values.min() }

    package mutating func timer(at now: Timestamp) {
        let due = courteous.filter { $0.value <= now }.keys.sorted()
        for wait in due {
            guard let request = waiting[wait] else { continue }
            settle(request.node, request.family, at: now)
        }
    }

    // MARK: Deciding

    /// Grants whatever can be granted now to those who wait, in order.
    private mutating func settle(_ node: NodeID, _ family: LockFamily, at now: Timestamp) {
        // What is granted to one may be less than he had, and free another in front of him.
        while grantNext(node, family, at: now) {}
        prune(node)
    }

    private mutating func grantNext(
        _ node: NodeID, _ family: LockFamily, at now: Timestamp
    ) -> Bool {
        guard let waiters = nodes[node]?[family].waiters, !waiters.isEmpty else { return false }
        for (index, waiter) in waiters.enumerated() {
            let request = waiter.request
            courteous[waiter.wait] = nil
            if nodes[node]?[family].blocker(of: request.lock, for: request.owner) != nil {
                continue
            }
            let end = waiter.since.advanced(byNanoseconds: Self.courtesy)
            if now < end, nodes[node]?.held(by: request.owner, family) == nil,
                waiters[..<index].contains(where: { $0.request.excludes(request) })
            {
                courteous[waiter.wait] = end
                continue
            }
            dequeue(waiter.wait)
            guard count < Self.countMax else {
                wakes.append(LockWake(wait: waiter.wait, outcome: .exhausted))
                return true
            }
            wakes.append(LockWake(wait: waiter.wait, outcome: .granted))
            grant(request, at: now)
            return true
        }
        return false
    }

    private mutating func grant(_ request: LockRequest, at now: Timestamp) {
        _ = change(request.node, request.family, request.owner) {
            $0.acquire(request.lock, for: request.owner, at: now)
        }
        nodes[request.node]?.note(request.owner, request.family, through: request.handle)
        // Another thread of the owner may wait for one of those who wait for him from now on.
        guard request.family == .byteRange, waits[request.owner] != nil else { return }
        for waiter in nodes[request.node]?[.byteRange].waiters ?? []
        where holds(request.owner, against: waiter.request) && closesCycle(waiter.request) {
            dequeue(waiter.wait)
            wakes.append(LockWake(wait: waiter.wait, outcome: .deadlock))
        }
    }

    private func hasEarlierWaiter(than request: LockRequest) -> Bool {
        nodes[request.node]?[request.family].waiters.contains { $0.request.excludes(request) }
            ?? false
    }

    // MARK: Deadlocks

    /// Whether one who holds a lock of this owner's wish waits, in the end, for this owner.
    ///
    /// As on a local disk this is about locks of `fcntl(2)`, and a process is one however many
    /// threads it has.
    private func closesCycle(_ request: LockRequest) -> Bool {
        guard request.family == .byteRange, holdings[request.owner] != nil else { return false }
        var seen: Set<LockOwner> = [request.owner]
        var wishes = [request]
        while let wish = wishes.popLast() {
            for (owner, ids) in waits where !seen.contains(owner) && holds(owner, against: wish) {
                seen.insert(owner)
                for other in ids.compactMap({ waiting[$0] }) {
                    if holds(request.owner, against: other) { return true }
                    wishes.append(other)
                }
            }
        }
        return false
    }

    private func holds(_ holder: LockOwner, against request: LockRequest) -> Bool {
        nodes[request.node]?[request.family].holds(
            holder, against: request.lock, of: request.owner) ?? false
    }

    // MARK: Keeping the tables together

    private mutating func enqueue(_ request: LockRequest, _ id: WaitID, at now: Timestamp) {
        nodes[request.node, default: NodeLocks()][request.family].waiters.append(
            LockWaiter(wait: id, request: request, since: now))
        waiting[id] = request
        if request.family == .byteRange { waits[request.owner, default: []].insert(id) }
        epoch += 1
    }

    private mutating func dequeue(_ id: WaitID) {
        guard let request = waiting.removeValue(forKey: id) else { return }
        nodes[request.node]?[request.family].waiters.removeAll { $0.wait == id }
        waits[request.owner]?.remove(id)
        if waits[request.owner]?.isEmpty == true { waits[request.owner] = nil }
        courteous[id] = nil
        epoch += 1
    }

    /// Changes what an owner holds on a file.
    private mutating func change(
        _ node: NodeID, _ family: LockFamily, _ owner: LockOwner,
        _ body: (inout LockSpace) -> Bool
    ) -> Bool {
        let before = nodes[node]?[family].summary(of: owner)
        guard body(&nodes[node, default: NodeLocks()][family]) else { return false }
        let after = nodes[node]?[family].summary(of: owner)
        count += (after?.count ?? 0) - (before?.count ?? 0)
        if family == .byteRange {
            let step = (after?.holds == true ? 1 : 0) - (before?.holds == true ? 1 : 0)
            let files = holdings[owner, default: 0] + step
            holdings[owner] = files == 0 ? nil : files
        }
        epoch += 1
        return true
    }

    private mutating func prune(_ node: NodeID) {
        if nodes[node]?.isEmpty == true { nodes[node] = nil }
    }
}

extension LockRequest {
    /// Whether this one and another cannot both be granted.
    fileprivate func excludes(_ other: LockRequest) -> Bool {
        HeldLock(owner: owner, lock: lock, since: Timestamp(seconds: 0))
            .excludes(other.lock.kind, other.lock.range, for: other.owner)
    }
}

extension LockSpace {
    /// How many locks there are, and whether any is this owner's.
    fileprivate func summary(of owner: LockOwner) -> (count: Int, holds: Bool) {
        (all.count, owners[owner] != nil)
    }
}
