/// Locks of programs: who gets one, and what waits because of it.
extension Engine {
    /// What became of a call for a lock.
    package enum LockAnswer: Hashable, Sendable {
        case granted
        /// The wait ends with the lock, or with the error that the call gets.
        case waits(WaitID)
        /// Something has to happen first: the cloud is asked for the file, or the kernel is told what
        /// became of its name. Ask once more when the wait ends.
        case asks(WaitID)
        /// Ask once more when everything has been heard that the kernel said before: the lock in the
        /// way may be gone by then.
        case unsettled
    }

    /// A lock in the way of another.
    package enum LockTest: Hashable, Sendable {
        case free
        case held(FileLock)
        /// As in ``LockAnswer``.
        case unsettled
    }

    /// Takes a lock for a program.
    package mutating func lock(
        _ request: LockRequest, waits: Bool, isSettled: Bool, at now: Timestamp
    ) throws(PosixError) -> LockAnswer {
        try checkOpen(request.handle, request.node)
        // Who has a lock may look whether the name still stands for what is locked, and rely on it.
        guard unannounced[request.node] == nil else {
            return .asks(wait(for: .announced(request.node)))
        }
        if let asks = try askCloud(for: request, waits: waits, isSettled: isSettled, at: now) {
            return .asks(asks)
        }
        let wait = WaitID(rawValue: waits ? newNumber() : 0)
        let decision = locks.acquire(
            request, waits ? .waits(wait) : .none, isSettled: isSettled, at: now)
        locksChanged(on: request.node, at: now)
        switch decision {
        case .granted: return .granted
        case .waits: return .waits(wait)
        case .refused(isSettled: false): return .unsettled
        case .refused(isSettled: true): throw .tryAgain
        case .deadlock: throw .wouldDeadlock
        case .exhausted: throw .noLocks
        }
    }

    /// A change from elsewhere takes a name from a node: until the kernel has heard of it, programs
    /// see the node under that name.
    mutating func announce(_ node: NodeID) {
        unannounced[node, default: 0] += 1
        effects.append(.announce(node))
    }

    /// The kernel has heard of a change.
    package mutating func announced(_ node: NodeID) {
        guard let count = unannounced[node] else { return }
        unannounced[node] = count > 1 ? count - 1 : nil
        if count == 1 { wake(.announced(node)) }
    }

    /// Gives up a lock, or a part of it.
    package mutating func unlock(
        _ range: ClosedRange<Int64>, on node: NodeID, _ family: LockFamily, of owner: LockOwner,
        at now: Timestamp
    ) throws(PosixError) {
        let decision = locks.release(range, on: node, family, of: owner, at: now)
        locksChanged(on: node, at: now)
        if decision == .exhausted { throw .noLocks }
    }

    /// Which lock keeps a program from one that it asks about.
    package func testLock(_ request: LockRequest, isSettled: Bool) -> LockTest {
        guard let found = locks.blocker(of: request, isSettled: isSettled) else { return .free }
        return found.isSettled ? .held(found.held.lock) : .unsettled
    }

    /// Whether a descriptor of a file that is closed may end a lock.
    package func hasLocks(_ node: NodeID) -> Bool { locks.concerns(node) }

    /// A process closes a descriptor: its locks of `fcntl(2)` on the file end.
    package mutating func closeDescriptor(
        of handle: HandleID, on node: NodeID, owner: LockOwner, at now: Timestamp
    ) {
        // Most files are never locked, and closing one of these is no reason for a plan.
        guard locks.concerns(node) else { return }
        locks.closedDescriptor(of: handle, on: node, owner: owner, at: now)
        locksChanged(on: node, at: now)
    }

    /// An open file is gone, with all locks that were taken through it.
    mutating func endLocks(of handle: HandleID, on node: NodeID, at now: Timestamp) {
        guard locks.concerns(node) else { return }
        locks.closedFile(handle, on: node, at: now)
        locksChanged(on: node, at: now)
    }

    mutating func lockTimer(at now: Timestamp) {
        locks.timer(at: now)
        wakeLockers()
        setTimer(locks.nextTimer)
    }

    private func checkOpen(_ handle: HandleID, _ node: NodeID) throws(PosixError) {
        guard handles[handle]?.node == node else { throw .badDescriptor }
    }

    /// Tells those whose wait has ended, and goes on with what waited for the file to be free.
    mutating func locksChanged(on node: NodeID, at now: Timestamp) {
        wakeLockers()
        if !locks.isLocked(node), tree.differs(node) { requestPlan(at: now) }
        advanceCheckouts(at: now)
        setTimer(locks.nextTimer)
    }

    private mutating func wakeLockers() {
        for wake in locks.takeWakes() { effects.append(.wake(wake.wait, wake.outcome.error)) }
    }
}

extension LockWake.Outcome {
    fileprivate var error: PosixError? {
        switch self {
        case .granted: nil
        case .deadlock: .wouldDeadlock
        case .exhausted: .noLocks
        }
    }
}
