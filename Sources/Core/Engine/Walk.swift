/// A walk through folders that looks at what lies inside, where no page of changes tells.
///
/// What a walk does not meet is not gone for that: a listing is no snapshot, and what was moved
/// meanwhile may have been missed twice. It is a suspect, which is asked for by its id.
struct Walk: Sendable {
    /// How far a walk goes.
    enum Scope: Hashable, Sendable {
        /// Through everything below a node: the root, or the shortcut to a shared folder.
        case area(NodeID)
        /// One folder, to see whether the changes have left something out.
        case folder(NodeID)

        var top: NodeID {
            switch self {
            case .area(let top), .folder(let top): top
            }
        }
    }

    /// How many folders are listed, and suspects asked for, at once.
    static let breadth = 4

    let scope: Scope
    /// Folders still to be listed, the next one last.
    var pending: [NodeID]
    var listing: Set<NodeID> = []
    /// Every node observed since the walk began.
    var seen: Set<NodeID> = []
    var folderCount = 0
    /// Items observed.
    var itemCount = 0
    /// Items listed, those too that the mount does not show.
    var listedCount = 0
    /// What was not met, to be asked for; nil until all folders are listed.
    var suspects: [NodeID]?
    var asking: Set<NodeID> = []
    /// Whether a folder could not be listed: then nothing is judged.
    var isIncomplete = false

    init(_ scope: Scope) {
        self.scope = scope
        pending = [scope.top]
    }
}

/// What is known of a part of the mount that no page of changes tells of.
struct Area: Hashable, Sendable {
    /// Nil while it is walked through.
    var nextWalk: Timestamp?
    /// Whether somebody waits for a walk that has yet to begin.
    var isHurried = false
    /// Whether the service refuses to list it: it is kept as it is, and nothing in it is changed.
    var isBroken = false
    /// When something in it was deleted here.
    var lastRemoval: Timestamp?
}

/// Folders in which the changes may have left something out.
///
/// The service tells with every folder how many children it has. Deletions get lost at times
/// (onedrive-api-docs#1927), and then the number differs from what is known here.
struct Verification: Sendable {
    /// How often one folder is listed for no reason at all, in nanoseconds.
    static let interval: Int64 = 10 * 60 * 1_000_000_000

    /// What the service said of folders in which something else was known, at the end of a round.
    var doubtful: [NodeID: Int64] = [:]
    /// Doubts that have outlived another round.
    var due: [NodeID] = []
    /// How many children of a folder are never told of, found out by listing it.
    var hidden: [NodeID: Int64] = [:]
    /// The folder that was listed for no reason last.
    var last = NodeID.root
    var next: Timestamp?
}
