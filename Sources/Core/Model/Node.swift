/// One node with its three observations: what the cloud holds, what the mount shows, what both
/// last agreed on.
package struct Node: Hashable, Sendable {
    package let id: NodeID
    package let kind: Kind
    /// What the mount shows; nil when the mount does not show the node.
    package var local: Facts?
    /// What was last seen in the cloud.
    package var remote: Observation
    /// What both sides last agreed on.
    package var synced: Facts?
    /// The item of the drive that this node is bound to.
    package var item: Item?
    /// What was sent to the cloud while the outcome is not known.
    ///
    /// If the cloud turns out to hold it, the change is our own.
    package var sent: Facts?
    /// What POSIX keeps and the cloud cannot.
    package var overlay: Overlay
    /// The content file that holds the local bytes, all or some of them; nil for a placeholder.
    package var generation: GenerationID?
    package var scope: Scope

    package init(
        id: NodeID, kind: Kind, local: Facts? = nil, remote: Observation = .absent,
        synced: Facts? = nil, item: Item? = nil, sent: Facts? = nil,
        overlay: Overlay, generation: GenerationID? = nil, scope: Scope = .synced
    ) {
        self.id = id
        self.kind = kind
        self.local = local
        self.remote = remote
        self.synced = synced
        self.item = item
        self.sent = sent
        self.overlay = overlay
        self.generation = generation
        self.scope = scope
    }

    /// Whether all three observations say the same, and nothing waits for an answer.
    package var isSettled: Bool {
        guard let local, let synced, case .present(let remote) = remote else { return false }
        return sent == nil && local.agrees(with: synced) && local.agrees(with: remote)
    }

    /// Whether no side knows this node any more.
    package var isGone: Bool { local == nil && synced == nil && remote == .absent && sent == nil }
}

/// The item that a node is bound to, with its tokens for compare-and-swap.
package struct Item: Hashable, Sendable {
    package var id: ItemID
    package var eTag: Tag?
    package var cTag: Tag?

    package init(id: ItemID, eTag: Tag? = nil, cTag: Tag? = nil) {
        self.id = id
        self.eTag = eTag
        self.cTag = cTag
    }
}

/// What POSIX programs expect to find again and the cloud cannot hold: kept in local state.
package struct Overlay: Hashable, Sendable {
    /// Permission bits, `07777` at most.
    package var permissions: UInt16
    /// The time of the last change of the inode.
    package var changed: Timestamp
    package var created: Timestamp

    package init(permissions: UInt16, changed: Timestamp, created: Timestamp) {
        self.permissions = permissions
        self.changed = changed
        self.created = created
    }
}

/// Whether a node takes part in synchronisation.
package enum Scope: Hashable, Sendable {
    case synced
    case localOnly(LocalOnlyReason)
}

/// Why a node stays on this device.
package enum LocalOnlyReason: UInt8, Hashable, Sendable {
    /// The lock or temporary file of an application.
    case ephemeral = 1
    /// OneDrive has no symbolic links.
    case symlink = 2
    /// A name that OneDrive cannot hold.
    case name = 3
    /// Inside a directory that is itself local only.
    case parent = 4
    /// Matched by `exclude` of the configuration.
    case excluded = 5
}
