/// When to plan next, and what the last plan left waiting.
struct PlanningState: Sendable {
    /// In nanoseconds: no two plans follow each other faster, and the more nodes differ, the more
    /// outcomes are gathered before the next plan.
    private static let pause: Int64 = 5_000_000
    private static let pausePerNode: Int64 = 20_000

    /// When a plan is due; nil while nothing asks for one.
    private(set) var due: Timestamp?
    private var notBefore = Timestamp(seconds: 0)
    /// What the last plan could not do, and why.
    var deferred: [Deferral] = []
    var suspension: Suspension?
    /// Nodes whose deletion the user has allowed, after the guard held it back.
    ///
    /// They are remembered until they are gone: one deletion may take several plans.
    var approved: Set<NodeID> = []
    /// Set while somebody waits for both sides to agree: changes do not rest then.
    var isHurried = false
    /// Why nothing is synced at present; nil while everything is.
    var pause: Pause?

    mutating func request(at time: Timestamp) {
        let time = max(time, notBefore)
        due = due.map { min($0, time) } ?? time
    }

    mutating func begin(at now: Timestamp, differing: Int) {
        due = nil
        notBefore = now.advanced(
            byNanoseconds: Self.pause + Int64(differing) * Self.pausePerNode)
    }
}

/// Why nothing goes up or comes down, but for bytes that a program reads.
package enum Pause: String, Hashable, Sendable {
    /// The user asked for it; it lasts until he ends it, also across restarts.
    case user
    /// The sign-in leads to another drive than the one that the state belongs to.
    case otherDrive = "other-drive"
    /// A preview only looks.
    case preview
}

/// A deletion that was refused because the item has another tag, which it has not.
///
/// Some drives refuse every deletion that has a condition.
struct RefusedDeletion: Hashable, Sendable {
    var tag: Tag
    var count = 1

    /// Whether the condition is left out: the item has just been looked at, and what a deletion
    /// takes lies in the recycle bin.
    var isBelieved: Bool { count >= 3 }
}

/// Why a change of the cloud failed, and when it is tried again.
struct Setback: Hashable, Sendable {
    var cause: DeferralCause
    var attempts: Int
    var until: Timestamp
    /// How often in a row the service said that the item is not there.
    var absences = 0
}
