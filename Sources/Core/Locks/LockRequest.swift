/// A wish for a lock.
package struct LockRequest: Hashable, Sendable {
    package var node: NodeID
    package var family: LockFamily
    package var owner: LockOwner
    /// The open file that the call comes through.
    package var handle: HandleID
    package var lock: FileLock

    package init(
        node: NodeID, family: LockFamily, owner: LockOwner, handle: HandleID, lock: FileLock
    ) {
        self.node = node
        self.family = family
        self.owner = owner
        self.handle = handle
        self.lock = lock
    }
}

/// What a call does when a lock is in the way.
package enum LockPatience: Hashable, Sendable {
    /// It fails.
    case none
    /// It waits, under this number.
    case waits(WaitID)
}

/// What became of a wish for a lock.
package enum LockDecision: Hashable, Sendable {
    case granted
    /// Another lock is in the way. Unless that is settled, an open file with a lock may be closed
    /// already: ask again, whether to wait or not, when all that the kernel has said before has been
    /// heard.
    case refused(isSettled: Bool)
    /// To wait would be to wait for oneself.
    case deadlock
    case waits
    /// There is no room for more locks.
    case exhausted
}

/// The end of a wait for a lock.
package struct LockWake: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case granted
        case deadlock
        case exhausted
    }

    package var wait: WaitID
    package var outcome: Outcome
}

/// A call that waits for a lock.
struct LockWaiter: Hashable, Sendable {
    let wait: WaitID
    let request: LockRequest
    let since: Timestamp
}
