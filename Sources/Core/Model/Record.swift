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
    /// The address of an upload session under way; nil when it has ended.
    case session(NodeID, String?)
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
    package var nodes: [Node]
    package var generations: [Generation]
    package var linkTargets: [NodeID: [UInt8]]
    package var attributes: [NodeID: [[UInt8]: [UInt8]]]
    package var sessions: [NodeID: String]
    package var settings: [Setting: String]

    package init(
        nodes: [Node] = [], generations: [Generation] = [],
        linkTargets: [NodeID: [UInt8]] = [:], attributes: [NodeID: [[UInt8]: [UInt8]]] = [:],
        sessions: [NodeID: String] = [:], settings: [Setting: String] = [:]
    ) {
        self.nodes = nodes
        self.generations = generations
        self.linkTargets = linkTargets
        self.attributes = attributes
        self.sessions = sessions
        self.settings = settings
    }
}
