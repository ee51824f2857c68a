/// What must be done so that the three trees agree.
///
/// A plan is derived from the observations alone and never stored: after every outcome it is made
/// anew from what is true then.
package struct Plan: Hashable, Sendable {
    /// Nodes on which both sides turn out to agree, wholly or in some facet: nothing is transferred,
    /// only noted, by ``Node/noteAgreement()``.
    package var adoptions: [NodeID] = []
    /// New nodes here and new items in the cloud that turn out to be the same: directories of one
    /// name, files of one name and equal bytes, and what was made from here without the reply
    /// having arrived.
    ///
    /// What lies inside is planned when they are bound.
    package var bindings: [Binding] = []
    /// Edited files whose bytes must be hashed before anything can be decided, in order.
    package var hashes: [NodeID] = []
    /// Changes of the mount, made together and before those of the cloud: parents before their
    /// children where something appears, children before their parents where something goes.
    ///
    /// Names are unique before and after; for them not to clash in between, everything that leaves
    /// its place is taken out first, and then everything is put in.
    package var local: [Action<LocalChange>] = []
    /// Changes of the cloud.
    ///
    /// All actions of one layer may run at once, in any order; a layer begins when the one before
    /// it is done. Where a node occurs in two layers, the tag of its second action is outdated by
    /// the first: it is to be replaced by the one that the first brought.
    package var remote: [[Action<RemoteChange>]] = []
    /// What waits, and why.
    package var deferred: [Deferral] = []
    /// Set when the plan holds more deletions than the guard allows.
    ///
    /// Such a plan holds none.
    package var suspension: Suspension?

    package init() {}

    /// Whether there is nothing to do and nothing waits.
    package var isEmpty: Bool { self == Plan() }
}

/// A new node here and a new item in the cloud that are one from now on.
package struct Binding: Hashable, Sendable {
    /// The node that the mount shows; it takes over the item.
    package var local: NodeID
    /// The node that stood for the item; it goes.
    package var remote: NodeID

    package init(local: NodeID, remote: NodeID) {
        self.local = local
        self.remote = remote
    }
}

/// One step of a plan with the reason for it, in words that a user understands.
package struct Action<Change: Hashable & Sendable>: Hashable, Sendable {
    package var node: NodeID
    package var change: Change
    package var reason: Reason

    package init(node: NodeID, change: Change, reason: Reason) {
        self.node = node
        self.change = change
        self.reason = reason
    }
}

/// A change of the mount: a change of the database in which no bytes move.
package enum LocalChange: Hashable, Sendable {
    /// Show an item that is new in the cloud, as a placeholder where it is a file.
    case show(Place)
    /// Take the place that the item has in the cloud, or that a repair gives it.
    case move(Place)
    /// Take the version that the cloud has, with its modification time; the bytes come when they
    /// are read.
    case takeContent(Content)
    /// Take the modification time from the cloud.
    case takeTime(Timestamp)
    /// Forget a node that is gone in the cloud and unchanged here.
    case remove
    /// Move what was edited here into a new file beside, named thus, and give this node the
    /// version of the cloud.
    case keepBoth(Name)
    /// Cut the binding to an item that is gone in the cloud: what is here goes up as a new item.
    case detach
}

/// A change of the cloud: one or more requests, each with its precondition.
package enum RemoteChange: Hashable, Sendable {
    case createDirectory(Place)
    /// Upload a file that the cloud does not have.
    case createFile(Place, Content)
    /// Upload a new version of an item, provided that it still has this tag.
    case replaceContent(Content, unlessChangedFrom: Tag?)
    /// Rename or move an item.
    case move(Place, unlessChangedFrom: Tag?)
    /// Give an item a name that nobody uses, so that others can take each other's names.
    case park(Name, unlessChangedFrom: Tag?)
    case setTime(Timestamp, unlessChangedFrom: Tag?)
    /// Put an item into the recycle bin of the cloud, with all that lies inside. A plan lists the
    /// topmost directory alone: when that is done, every node of the cloud's tree below it is gone,
    /// too. All of them were known, unchanged, and deleted here.
    case delete(unlessChangedFrom: Tag?)
}

/// Why an action is in the plan.
package enum Reason: String, Hashable, Sendable, CaseIterable {
    case newHere = "new on this device"
    case newThere = "new in the cloud"
    case editedHere = "edited on this device"
    case editedThere = "edited in the cloud"
    case editedOnBoth = "edited on both sides"
    case movedHere = "renamed or moved on this device"
    case movedThere = "renamed or moved in the cloud"
    case movedOnBoth = "moved on both sides; the cloud's place is kept"
    case deletedHere = "deleted on this device"
    case deletedThere = "deleted in the cloud"
    case editedHereDeletedThere = "edited on this device, deleted in the cloud; the edit is kept"
    case editedThereDeletedHere = "edited in the cloud, deleted on this device; the edit is kept"
    case movedThereDeletedHere = "moved in the cloud, deleted on this device; the item is kept"
    case neededInside = "needed by something kept inside it"
    case nameTaken = "another item has this name"
    case cycle = "the two sides moved directories into each other; the cloud's places are kept"
    case touchedHere = "time changed on this device"
    case touchedThere = "time changed in the cloud"
    case makesRoom = "frees a name that another item takes"
}

/// Something that waits.
package struct Deferral: Hashable, Sendable {
    package var node: NodeID
    package var cause: DeferralCause

    package init(node: NodeID, cause: DeferralCause) {
        self.node = node
        self.cause = cause
    }
}

/// Why something waits.
package enum DeferralCause: Hashable, Sendable {
    /// A program has it open for writing.
    case openForWriting
    /// It was changed a moment ago and may change again.
    case settling
    case locked
    /// The file lock of an application lies beside it.
    case inUse
    /// Its parent waits.
    case parent
    /// A change of it is under way.
    case inProgress
    /// The plan holds more deletions than the guard allows.
    case deleteGuard
    /// Not judged before the service has reported all its changes.
    case awaitingChanges
    /// An earlier attempt failed; it is tried again later.
    case retry
    /// Somebody else holds it in the cloud (423).
    case lockedRemotely
    case quota
    /// The service refuses it for good until something changes: the text says what it said.
    case refused(String)
    /// The name cannot be had in the cloud.
    case name
    /// Something that stays on this device has the name.
    case nameTaken
    /// Something that stays on this device lies inside.
    case holdsLocalOnly
    /// Its bytes, or those of a file it depends on, are being hashed.
    case hashing
    /// What the cloud has of it was not observed.
    case unobserved
    /// `read_only` is set.
    case readOnly
}

/// Why a plan holds no deletions.
package struct Suspension: Hashable, Sendable {
    /// How many deletions the plan would have held, here and in the cloud.
    package var localDeletions: Int
    package var remoteDeletions: Int
    package var limit: Int

    package init(localDeletions: Int, remoteDeletions: Int, limit: Int) {
        self.localDeletions = localDeletions
        self.remoteDeletions = remoteDeletions
        self.limit = limit
    }

    /// What is held back, and by what, in words.
    package var text: String {
        let deletions =
            switch (localDeletions, remoteDeletions) {
            case (let here, 0): "\(Self.count(here)) here"
            case (0, let there): "\(Self.count(there)) in the cloud"
            case (let here, let there): "\(Self.count(here)) here and \(there) in the cloud"
            }
        return "\(deletions), more than delete_guard (\(limit)) allows"
    }

    private static func count(_ count: Int) -> String {
        count == 1 ? "1 deletion" : "\(count) deletions"
    }
}
