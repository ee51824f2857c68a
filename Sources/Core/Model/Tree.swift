/// All nodes with their three observations, indexed for the calls of a file system and for planning.
///
/// Almost all nodes of a drive are settled: the three observations say the same. A settled node is
/// stored once. Only the others (``differing``) carry what sets the sides apart, which is why
/// planning costs as much as there is to do, not as much as there is.
///
/// The local tree is indexed by directory and folded name, so siblings that OneDrive could not
/// hold side by side are found in one step.
package struct Tree: Sendable {
    private var table = NodeTable()
    private var apart: [NodeID: Apart] = [:]
    private var touched: Set<NodeID> = []
    /// Nodes whose size and time changed without being due for the database.
    private var quiet: Set<NodeID> = []
    /// Nodes that programs have open.
    private var held: Set<NodeID> = []

    package init() {}

    /// Makes room for so many nodes in all.
    mutating func reserve(_ count: Int) { table.reserve(count) }

    /// Adds a node that comes from the database, in whatever order they come.
    mutating func restore(_ node: Node) {
        table.store(node)
        if let sides = Apart(node) { apart[node.id] = sides }
        if let item = node.item?.id { table.bind(node.id, to: item) }
        if node.id != .root, let place = node.local?.place {
            table.link(node.id, at: place, isDirectory: node.kind.isContainer)
        }
    }

    /// Adds a node that comes from the database and on which all sides agree.
    mutating func restore(_ node: SettledNode) {
        table.store(node)
        if node.id != .root {
            table.link(node.id, at: node.facts.place, isDirectory: node.kind.isContainer)
        }
    }

    // MARK: Reading

    /// How many nodes there are, on whichever side.
    package var count: Int { table.count }

    /// The node, put together from its parts.
    package subscript(id: NodeID) -> Node? { table.node(id, apart: apart[id]) }

    package func contains(_ id: NodeID) -> Bool { table.contains(id) }

    package func kind(_ id: NodeID) -> Kind? { table.kind(id) }

    package func scope(_ id: NodeID) -> Scope? { table.scope(id) }

    /// The local facts of a node; nil where the mount does not show it.
    package func local(_ id: NodeID) -> Facts? { table.local(id) }

    /// The directory in which the mount shows a node; nil where it does not show it.
    func localParent(_ id: NodeID) -> NodeID? { table.localParent(id) }

    /// How many bytes a file of the mount has; nil for other nodes.
    func fileSize(_ id: NodeID) -> Int64? { table.fileSize(id) }

    /// What the cloud has of a node; nil for a node that is not there.
    package func remote(_ id: NodeID) -> Observation? {
        if let apart = apart[id] { return apart.remote }
        switch table.scope(id) {
        case .synced: return table.facts(id).map(Observation.present) ?? .absent
        case .localOnly: return .absent
        case nil: return nil
        }
    }

    /// The node bound to an item.
    package func node(for item: ItemID) -> NodeID? { table.node(for: item) }

    /// The child that a directory of the mount shows under exactly this name.
    package func child(of parent: NodeID, named name: Name) -> NodeID? {
        table.child(of: parent, named: name)
    }

    /// The child of a directory of the mount whose name OneDrive could not tell from this one.
    package func child(of parent: NodeID, foldingLike name: Name) -> NodeID? {
        table.child(of: parent, folding: name)
    }

    /// The children that a directory of the mount shows, in a stable order.
    package func children(of parent: NodeID) -> [NodeID] { table.children(of: parent) }

    /// What a directory of the mount lists behind a node, the nearest first.
    func siblings(behind id: NodeID, atMost limit: Int) -> [NodeID] {
        table.siblings(of: id, \.nextSibling, atMost: limit)
    }

    /// What a directory of the mount lists before a node, the nearest first.
    func siblings(before id: NodeID, atMost limit: Int) -> [NodeID] {
        table.siblings(of: id, \.previousSibling, atMost: limit)
    }

    package func hasChildren(_ parent: NodeID) -> Bool { table.childList(of: parent).first != nil }

    /// How many directories a directory of the mount holds: its link count is two more.
    package func directoryCount(in parent: NodeID) -> Int {
        Int(table.childList(of: parent).directoryCount)
    }

    /// The nodes on which the sides differ, in the order of their ids.
    package var differing: [NodeID] { apart.keys.sorted() }

    package var differingCount: Int { apart.count }

    package func differs(_ id: NodeID) -> Bool { apart[id] != nil }

    /// Every node id, in order.
    ///
    /// O(n log n).
    package var allNodes: [NodeID] { table.allNodes }

    /// The next directory after a node, in the order of ids.
    package func container(after id: NodeID) -> NodeID? { table.container(after: id) }

    /// Whether `id` is `ancestor` or lies below it in the local tree.
    package func isInside(_ id: NodeID, _ ancestor: NodeID) -> Bool {
        var current = id
        while current != ancestor {
            guard current != .root, let parent = table.localParent(current) else {
                return false
            }
            current = parent
        }
        return true
    }

    /// The names from the root to a node of the mount; nil where the mount does not show it.
    package func path(of id: NodeID) -> [Name]? {
        var names: [Name] = []
        var current = id
        while current != .root {
            guard let place = table.local(current)?.place else { return nil }
            names.append(place.name)
            current = place.parent
        }
        return names.reversed()
    }

    // MARK: Writing

    /// Adds a node that was not there.
    package mutating func insert(_ node: Node) {
        precondition(!table.contains(node.id), "a node id is never used twice")
        write(node, replacing: nil)
    }

    /// Keeps a node that programs have open, also when no side knows it any more.
    package mutating func hold(_ id: NodeID) { held.insert(id) }

    /// No program has a node open any more: it is dropped if no side knows it.
    package mutating func letGo(_ id: NodeID) {
        held.remove(id)
        update(id) { _ in }
    }

    /// Changes one node.
    ///
    /// A node that no side knows any more is dropped, unless it is held, or `keep` says that it is
    /// about to be used.
    package mutating func update(_ id: NodeID, keep: Bool = false, _ change: (inout Node) -> Void) {
        guard let old = self[id] else { return }
        var new = old
        change(&new)
        let isDropped = new.isGone && !keep && !held.contains(id)
        guard new != old || isDropped else { return }
        if isDropped {
            erase(old)
        } else {
            write(new, replacing: old)
        }
    }

    /// Changes size and time of a file that is being written, between two edited contents.
    ///
    /// It is not due for the database thereby: ``recordQuietChange(_:)`` makes it so.
    package mutating func changeQuietly(_ id: NodeID, content: Content, modified: Timestamp) {
        table.changeContent(of: id, to: content, modified: modified)
        quiet.insert(id)
    }

    /// Makes earlier quiet changes of a node due for the database.
    package mutating func recordQuietChange(_ id: NodeID) {
        if quiet.remove(id) != nil, table.contains(id) { touched.insert(id) }
    }

    /// Drops a node from all sides.
    package mutating func remove(_ id: NodeID) {
        guard let old = self[id] else { return }
        erase(old)
    }

    /// The nodes changed since the last call, in the order of their ids.
    package mutating func takeTouched() -> [NodeID] {
        let result = touched.sorted()
        touched.removeAll(keepingCapacity: true)
        return result
    }

    package var hasTouched: Bool { !touched.isEmpty }

    private mutating func write(_ node: Node, replacing old: Node?) {
        if node.id != .root, let place = old?.local?.place, place != node.local?.place {
            table.unlink(node.id, from: place)
        }
        let isRebound = old?.item?.id != node.item?.id
        if isRebound, let item = old?.item?.id { table.unbind(node.id, from: item) }
        table.store(node)
        if isRebound, let item = node.item?.id { table.bind(node.id, to: item) }
        if node.id != .root, let place = node.local?.place, place != old?.local?.place {
            table.link(node.id, at: place, isDirectory: node.kind.isContainer)
        }
        apart[node.id] = Apart(node)
        touched.insert(node.id)
        quiet.remove(node.id)
    }

    private mutating func erase(_ node: Node) {
        if node.id != .root, let place = node.local?.place { table.unlink(node.id, from: place) }
        if let item = node.item?.id { table.unbind(node.id, from: item) }
        table.remove(node.id)
        apart[node.id] = nil
        touched.insert(node.id)
        quiet.remove(node.id)
    }
}

extension Node {
    /// Whether only the mount knows this node.
    fileprivate var isUnknownElsewhere: Bool {
        remote == .absent && synced == nil && sent == nil
    }
}

/// What sets the sides of one node apart.
struct Apart: Hashable, Sendable {
    var isLocal: Bool
    var remote: Observation
    var synced: Facts?
    var sent: Facts?

    /// Nil where nothing is apart, which is also so for a node that stays on this device.
    init?(_ node: Node) {
        switch node.scope {
        case .localOnly: if node.local != nil && node.isUnknownElsewhere { return nil }
        case .synced: if node.isSettled { return nil }
        }
        isLocal = node.local != nil
        remote = node.remote
        synced = node.synced
        sent = node.sent
    }
}
