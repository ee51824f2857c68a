/// What a node is.
///
/// It never changes: another kind under the same name is another node.
package enum Kind: UInt8, Hashable, Sendable {
    case directory = 1
    case file = 2
    /// Kept on this device only: OneDrive has no symbolic links.
    case symlink = 3
    /// A OneNote notebook or another bundle that only its own programs may change: shown as a
    /// directory that cannot be written.
    case package = 4

    /// Whether other nodes may lie inside.
    package var isContainer: Bool {
        switch self {
        case .directory, .package: true
        case .file, .symlink: false
        }
    }
}

/// Where a node lies: the directory and the name in it.
package struct Place: Hashable, Sendable {
    package var parent: NodeID
    package var name: Name

    package init(parent: NodeID, name: Name) {
        self.parent = parent
        self.name = name
    }
}

/// Which bytes a file holds.
///
/// Two equal values mean equal bytes. Tags never identify content: the service changes them for
/// reasons of its own.
package enum Content: Hashable, Sendable {
    /// Bytes known by their hash. The only form that both sides can share.
    case hashed(QuickXorHash, size: Int64)
    /// Bytes in the cloud for which the service gives no hash: the size and the time stand for them.
    case unhashed(size: Int64, modified: Timestamp)
    /// Bytes written here that have the hash and the size of the version which they replaced.
    ///
    /// They need not be that version: quickXorHash adds up the bytes of a file at every 160th place,
    /// so that blocks which change places leave it as it is.
    case rewritten(QuickXorHash, size: Int64)
    /// Bytes written here and not hashed since; `revision` differs for every such state.
    case edited(revision: UInt64, size: Int64)

    /// The content of a file without bytes.
    package static let empty = Content.hashed(.empty, size: 0)

    /// In bytes.
    package var size: Int64 {
        switch self {
        case .hashed(_, let size), .unhashed(let size, _), .rewritten(_, let size),
            .edited(_, let size):
            size
        }
    }

    /// The hash, where it is known.
    package var hash: QuickXorHash? {
        switch self {
        case .hashed(let hash, _), .rewritten(let hash, _): hash
        case .unhashed, .edited: nil
        }
    }

    /// Whether these bytes were written here and wait to be hashed.
    package var isEdited: Bool {
        switch self {
        case .edited: true
        case .hashed, .unhashed, .rewritten: false
        }
    }

    /// The same bytes once both sides have them.
    package var settled: Content {
        switch self {
        case .hashed, .unhashed, .edited: self
        case .rewritten(let hash, let size): .hashed(hash, size: size)
        }
    }
}

/// What one side knows of a node.
///
/// Each member is a facet that merges by itself.
package struct Facts: Hashable, Sendable {
    package var place: Place
    /// Nil for everything but files.
    package var content: Content?
    /// The modification time.
    ///
    /// Sides compare those of files, and in whole seconds: the service keeps no more, and gives
    /// directories times of its own.
    package var modified: Timestamp

    package init(place: Place, content: Content?, modified: Timestamp) {
        self.place = place
        self.content = content
        self.modified = modified
    }

    /// Whether both sides would call these equal.
    package func agrees(with other: Facts) -> Bool {
        place == other.place && content == other.content && agreesInTime(with: other)
    }

    /// Whether both sides would call the modification times equal.
    package func agreesInTime(with other: Facts) -> Bool {
        content == nil || modified.wholeSeconds == other.modified.wholeSeconds
    }

    /// Takes the bytes for those that both sides have.
    package mutating func settleContent() { content = content?.settled }
}

/// What is known of a node on the side of the cloud.
package enum Observation: Hashable, Sendable {
    /// Seen not to be there, and nothing less than seen.
    case absent
    /// Not observed, or unreadable. Never a reason to delete or overwrite.
    case unknown
    case present(Facts)

    package var facts: Facts? {
        switch self {
        case .absent, .unknown: nil
        case .present(let facts): facts
        }
    }
}
