/// One item checked out in the cloud, from the first wish for a lock until it is given back.
struct Checkout: Hashable, Sendable {
    /// Where it is; every stage but `due`, `held`, `refused` and `returning` awaits one answer.
    enum Stage: Hashable, Sendable {
        /// The service may not be asked yet.
        case due
        /// Whether it is free is being asked: the service might give a user once more what he has
        /// checked out himself elsewhere, and giving it back would then undo his work.
        case looking
        /// The service is asked for it. From here on the database knows of it.
        case asking
        /// It is ours; which version it holds is being asked.
        case confirming
        case held
        /// Somebody else has it; it is asked for again then.
        case refused(until: Timestamp)
        /// Whether anybody changed it meanwhile is being asked.
        case comparing
        case releasing(Release)
        /// The service says that it is not checked out: whether that is so is being asked.
        case verifying
        /// It is to be given back as soon as that can be, and used by nobody before.
        case returning(after: Timestamp)
    }

    enum Release: Hashable, Sendable {
        /// What went up becomes visible to all.
        case checkIn
        /// Nothing went up.
        case discard
    }

    var stage = Stage.due
    /// When the first program wanted it.
    let since: Timestamp
    /// The files that programs locked for it: a save moves the item to another one.
    var nodes: Set<NodeID> = []
    /// Whether a program holds a lock that needs it, or waits for one.
    var isWanted = false
    /// Since when nobody wants it.
    var idleSince: Timestamp?
    /// What the database knows of it.
    var saved: SavedCheckout?
    /// How often it was refused, or could not be given back.
    var failures = 0

    init(since: Timestamp) { self.since = since }

    /// Goes on with one of an earlier run: nobody knows what has become of it since.
    init(restoring saved: SavedCheckout, at now: Timestamp) {
        since = now
        idleSince = now
        self.saved = saved
        // Whether it was ever granted may be unknown, and then whose work would be discarded, too.
        if !saved.isGranted { self.saved?.hasChanges = true }
        stage = .returning(after: now)
    }

    /// Whether programs may rely on it.
    var isHeld: Bool { stage == .held }

    /// Whether an answer of the service is awaited.
    var isUnderWay: Bool {
        switch stage {
        case .looking, .asking, .confirming, .comparing, .releasing, .verifying: true
        case .due, .held, .refused, .returning: false
        }
    }
}

/// A checkout as it is found again after a crash: it is recorded before it is asked for.
package struct SavedCheckout: Hashable, Sendable {
    /// Whether the service has said that it is ours.
    package var isGranted: Bool
    /// Whether something of it went up, or may have: discarding it would lose that.
    package var hasChanges: Bool
    /// The version that it had when it was granted.
    package var tag: Tag?

    package init(isGranted: Bool, hasChanges: Bool, tag: Tag? = nil) {
        self.isGranted = isGranted
        self.hasChanges = hasChanges
        self.tag = tag
    }
}
