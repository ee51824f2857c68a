/// What planning must know besides the three trees.
package struct PlanContext: Sendable {
    /// Whether the service has reported all its changes.
    ///
    /// Before that nothing is removed here and no clash of names is judged: what looks gone or
    /// doubled may be a move still to be told.
    package var isRemoteComplete: Bool
    /// What may not be acted upon now, and why.
    ///
    /// A blocked node keeps its place, its name and its bytes on both sides.
    package var blocked: [NodeID: DeferralCause]
    /// Of the blocked nodes, those on which the mount may follow the cloud all the same: renames,
    /// for instance, may pass while a file is open for writing.
    package var mayMoveLocally: Set<NodeID>
    /// Names this device in conflict copies.
    package var host: String
    /// A plan with more deletions than this is suspended; nil for no limit.
    package var deleteGuard: Int?
    /// Nodes whose deletion the user has approved: they do not count.
    package var approvedDeletions: Set<NodeID>
    /// No change of the cloud is planned.
    package var isReadOnly: Bool

    package init(
        isRemoteComplete: Bool = true, blocked: [NodeID: DeferralCause] = [:],
        mayMoveLocally: Set<NodeID> = [], host: String, deleteGuard: Int? = nil,
        approvedDeletions: Set<NodeID> = [], isReadOnly: Bool = false
    ) {
        self.isRemoteComplete = isRemoteComplete
        self.blocked = blocked
        self.mayMoveLocally = mayMoveLocally
        self.host = host
        self.deleteGuard = deleteGuard
        self.approvedDeletions = approvedDeletions
        self.isReadOnly = isReadOnly
    }
}
