/// One change of what is kept in the database.
///
/// The changes of one step are written in one transaction.
package enum RecordChange: Hashable, Sendable {
    case node(Node)
    case removeNode(NodeID)
    case generation(Generation)
    case removeGeneration(GenerationID)
    /// The target of a symbolic link.
    case linkTarget(NodeID, [UInt8])
    /// An extended attribute; nil removes it.
    case attribute(NodeID, name: [UInt8], value: [UInt8]?)
    /// An upload session under way; nil when it has ended.
    case session(NodeID, SavedSession?)
    /// A file that is checked out in the cloud, or may be; nil when it is given back.
    case checkout(ItemID, SavedCheckout?)
    /// What was said of a node: whether its bytes are kept; nil if nothing is said any more.
    case pin(NodeID, Pin?)
    /// What the shortcut of a node leads to; nil when it is none any more.
    case share(NodeID, Share?)
    /// A single value such as the cursor; nil removes it.
    case setting(Setting, String?)
}

/// A single value kept in the database.
///
/// The raw values are the names in the database: never change one.
package enum Setting: String, Hashable, Sendable, CaseIterable {
    /// The drive that this state belongs to. A state never meets another drive.
    case drive
    /// Where the next question for changes goes on: a deltaLink, kept byte for byte.
    case cursor
    /// Where an unfinished first enumeration goes on: a nextLink.
    case enumeration
    /// Whether a drive without a feed of changes has been walked through once.
    case walked
    /// Whether every item has been seen by a version that knows shortcuts.
    case shortcuts
    /// Node ids up to this one may have been given out.
    case nodeIdentity = "node_identity"
    /// Generation ids and revisions up to this one may have been given out.
    case generationIdentity = "generation_identity"
    /// The last quota seen, as JSON.
    case quota
    /// Set while the user has paused syncing.
    case pause
}

/// Everything that the database holds, as read at start.
package struct StoredState: Sendable {
    package var nodes: StoredNodes
    package var generations: [Generation]
    package var linkTargets: [NodeID: [UInt8]]
    package var attributes: [NodeID: [[UInt8]: [UInt8]]]
    package var sessions: [NodeID: SavedSession]
    package var checkouts: [ItemID: SavedCheckout]
    package var pins: [NodeID: Pin]
    package var shares: [NodeID: Share]
    package var settings: [Setting: String]

    package init(
        nodes: StoredNodes = [], generations: [Generation] = [],
        linkTargets: [NodeID: [UInt8]] = [:], attributes: [NodeID: [[UInt8]: [UInt8]]] = [:],
        sessions: [NodeID: SavedSession] = [:], checkouts: [ItemID: SavedCheckout] = [:],
        pins: [NodeID: Pin] = [:],
        shares: [NodeID: Share] = [:],
        settings: [Setting: String] = [:]
    ) {
        self.nodes = nodes
        self.generations = generations
        self.linkTargets = linkTargets
        self.attributes = attributes
        self.sessions = sessions
        self.checkouts = checkouts
        self.pins = pins
        self.shares = shares
        self.settings = settings
    }
}

/// An upload session as it is found again after a restart.
package struct SavedSession: Hashable, Sendable {
    /// Pre-authenticated: a secret.
    package var url: String
    /// What is uploaded, and where: only the same upload may go on with the session.
    package var upload: String

    package init(url: String, upload: String) {
        self.url = url
        self.upload = upload
    }
}
