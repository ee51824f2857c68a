/// One stored node in 88 bytes, but for its name and its item, which lie in the text of its page:
/// its local facts, or the facts that all sides share, with the links of the directory it lies in.
struct PackedRow: Sendable {
    let kind: Kind
    private(set) var scope: Scope
    private(set) var isLocal: Bool
    private var form: Form
    private(set) var permissions: UInt16
    private var parentID: UInt32
    private var next: UInt32 = 0
    private var previous: UInt32 = 0
    /// Where the text begins; `noText` where there is none.
    var text: UInt32
    // What the form says: a hash, a time, a revision; the entries of a directory.
    private var low: UInt64 = 0
    private var middle: UInt64 = 0
    private var high: UInt32 = 0
    private(set) var size: Int64 = 0
    private(set) var modified: Timestamp
    private(set) var changed: Timestamp
    private(set) var created: Timestamp
    private var generationID: UInt64

    static let noText = UInt32.max

    private enum Form: UInt8 {
        /// No side names the node.
        case unplaced
        /// A place, and no content.
        case placed
        case hashed
        case unhashed
        case rewritten
        case edited
    }

    init(_ node: Node) {
        let facts = node.local ?? node.remote.facts ?? node.synced
        kind = node.kind
        scope = node.scope
        permissions = node.overlay.permissions
        isLocal = node.local != nil
        parentID = facts.map { UInt32($0.place.parent.rawValue) } ?? 0
        form = facts == nil ? .unplaced : .placed
        text = Self.noText
        modified = facts?.modified ?? node.overlay.created
        changed = node.overlay.changed
        created = node.overlay.created
        generationID = node.generation?.rawValue ?? .max
        if let content = facts?.content, !kind.isContainer { store(content) }
    }

    init(_ node: SettledNode) {
        kind = node.kind
        scope = .synced
        permissions = node.overlay.permissions
        isLocal = true
        parentID = UInt32(node.facts.place.parent.rawValue)
        form = .placed
        text = Self.noText
        modified = node.facts.modified
        changed = node.overlay.changed
        created = node.overlay.created
        generationID = node.generation?.rawValue ?? .max
        if let content = node.facts.content, !kind.isContainer { store(content) }
    }

    // MARK: Reading

    /// Nil where no side names the node.
    var parent: NodeID? { form == .unplaced ? nil : NodeID(rawValue: UInt64(parentID)) }

    var generation: GenerationID? {
        generationID == .max ? nil : GenerationID(rawValue: generationID)
    }

    var content: Content? {
        switch form {
        case .unplaced, .placed: nil
        case .hashed: .hashed(QuickXorHash(low: low, middle: middle, high: high), size: size)
        case .rewritten:
            .rewritten(QuickXorHash(low: low, middle: middle, high: high), size: size)
        case .unhashed:
            .unhashed(
                size: size, modified: Timestamp(nanoseconds: Int64(bitPattern: low)))
        case .edited: .edited(revision: low, size: size)
        }
    }

    func facts(_ name: Name?) -> Facts? {
        guard let parent, let name else { return nil }
        return Facts(
            place: Place(parent: parent, name: name), content: content, modified: modified)
    }

    func node(id: NodeID, name: Name?, item: Item?, apart: Apart?) -> Node {
        let facts = facts(name)
        // What nothing sets apart either stays on this device or is the same on all sides.
        let settled = scope == .synced ? facts : nil
        return Node(
            id: id, kind: kind, local: isLocal ? facts : nil,
            remote: apart?.remote ?? settled.map(Observation.present) ?? .absent,
            synced: apart == nil ? settled : apart?.synced,
            item: item, sent: apart?.sent,
            overlay: Overlay(permissions: permissions, changed: changed, created: created),
            generation: generation, scope: scope)
    }

    // MARK: Changing

    mutating func apply(_ change: (inout PackedRow) -> Void) { change(&self) }

    mutating func changeContent(to content: Content, modified: Timestamp) {
        store(content)
        self.modified = modified
        changed = modified
    }

    private mutating func store(_ content: Content) {
        size = content.size
        switch content {
        case .hashed(let hash, _):
            form = .hashed
            (low, middle, high) = (hash.low, hash.middle, hash.high)
        case .rewritten(let hash, _):
            form = .rewritten
            (low, middle, high) = (hash.low, hash.middle, hash.high)
        case .unhashed(_, let modified):
            form = .unhashed
            low = UInt64(bitPattern: modified.nanoseconds)
        case .edited(let revision, _):
            form = .edited
            low = revision
        }
    }

    // MARK: Links

    var nextSibling: NodeID? {
        get { next == 0 ? nil : NodeID(rawValue: UInt64(next)) }
        set { next = newValue.map { UInt32($0.rawValue) } ?? 0 }
    }

    var previousSibling: NodeID? {
        get { previous == 0 ? nil : NodeID(rawValue: UInt64(previous)) }
        set { previous = newValue.map { UInt32($0.rawValue) } ?? 0 }
    }

    /// The entries of a directory, which has no content.
    var children: ChildList {
        get {
            guard kind.isContainer else { return ChildList() }
            let first = low == 0 ? nil : NodeID(rawValue: low)
            return ChildList(first: first, directoryCount: UInt32(middle))
        }
        set {
            low = newValue.first?.rawValue ?? 0
            middle = UInt64(newValue.directoryCount)
        }
    }

    mutating func takeLinks(of old: PackedRow) {
        next = old.next
        previous = old.previous
        text = old.text
        if kind.isContainer { children = old.children }
    }
}

/// The entries of a directory: the first of a linked list, and how many are directories.
struct ChildList: Sendable {
    var first: NodeID?
    var directoryCount: UInt32 = 0
}
