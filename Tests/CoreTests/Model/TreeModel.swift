import GraphSimulator
import Core

/// A tree beside the dictionary that it must agree with, changed at random.
struct TreeModel {
    var tree = Tree()
    var nodes: [NodeID: Node] = [:]
    var log: [String] = []
    private var lastID: UInt64 = 1

    private static let names: [Name] = ["a", "A", "b", "\u{E9}", "e\u{301}", "\u{C9}"]

    // MARK: Changing

    mutating func change(_ random: inout SplitMix64) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: insert(&random)
        case 4..<8: update(&random)
        default: remove(&random)
        }
    }

    private mutating func insert(_ random: inout SplitMix64) {
        // Gaps, so that some pages stay empty and others lose their last row.
        lastID += UInt64.random(in: 1...120, using: &random)
        let id = NodeID(rawValue: lastID)
        var node = Node(
            id: id, kind: Bool.random(using: &random) ? .file : .directory,
            overlay: Overlay(permissions: 0o644, changed: .epoch, created: .epoch))
        alter(&node, &random)
        log.append("insert \(node)")
        tree.insert(node)
        nodes[id] = node
    }

    private mutating func update(_ random: inout SplitMix64) {
        guard var node = nodes.values.sorted(by: { $0.id < $1.id }).randomElement(using: &random)
        else { return }
        alter(&node, &random)
        log.append("update \(node)")
        tree.update(node.id) { $0 = node }
        nodes[node.id] = node.isGone ? nil : node
    }

    private mutating func remove(_ random: inout SplitMix64) {
        guard let id = nodes.keys.sorted().randomElement(using: &random) else { return }
        log.append("remove \(id)")
        tree.remove(id)
        nodes[id] = nil
    }

    private func alter(_ node: inout Node, _ random: inout SplitMix64) {
        node.local = facts(for: node, &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: node.remote = .absent
        case 1: node.remote = .unknown
        case 2: node.remote = facts(for: node, &random).map(Observation.present) ?? .absent
        default:
            node.remote = node.local.map(Observation.present) ?? .absent
            node.synced = node.local
        }
        if Int.random(in: 0..<8, using: &random) == 0 { node.synced = facts(for: node, &random) }
        if Int.random(in: 0..<8, using: &random) == 0 { node.sent = node.local }
        node.scope = Int.random(in: 0..<6, using: &random) == 0 ? .localOnly(.excluded) : .synced
        node.item =
            Bool.random(using: &random) ? Item(id: ItemID(rawValue: "item\(node.id)")) : nil
        node.overlay.permissions = Bool.random(using: &random) ? 0o600 : 0o644
        if node.isSettled, node.scope == .synced, let local = node.local {
            // What agrees is stored once.
            node.remote = .present(local)
            node.synced = local
        }
    }

    /// Facts whose place no other node takes and that lie in no circle: parents have lower ids, or
    /// are not there at all.
    private func facts(for node: Node, _ random: inout SplitMix64) -> Facts? {
        guard Int.random(in: 0..<5, using: &random) > 0 else { return nil }
        let known = nodes.values.filter { $0.id < node.id && $0.kind == .directory }.map(\.id)
        let absent: NodeID = 100_000
        let parents = [NodeID.root, absent] + known.sorted()
        guard let parent = parents.randomElement(using: &random),
            let name = Self.names.randomElement(using: &random)
        else { return nil }
        let isTaken = nodes.values.contains { other in
            other.id != node.id && other.local?.place.parent == parent
                && other.local.map { foldsEqual($0.place.name, name) } == true
        }
        if isTaken { return nil }
        return Facts(
            place: Place(parent: parent, name: name), content: node.kind == .file ? .empty : nil,
            modified: Timestamp(seconds: Int64.random(in: 0..<3, using: &random)))
    }

    // MARK: Comparing

    /// The first thing that the tree tells differently; nil where all is the same.
    func difference() -> String? {
        if tree.count != nodes.count { return "count \(tree.count), not \(nodes.count)" }
        if tree.allNodes != nodes.keys.sorted() { return "allNodes \(tree.allNodes)" }
        let differing = nodes.values.filter(Self.differs).map(\.id).sorted()
        if tree.differing != differing { return "differing \(tree.differing), not \(differing)" }
        for (id, node) in nodes {
            if tree[id] != node {
                return "node \(String(describing: tree[id])), not \(node)"
            }
            if tree.local(id) != node.local { return "local facts of \(id)" }
            if let item = node.item?.id, tree.node(for: item) != id { return "item of \(id)" }
        }
        for parent in Set(nodes.keys).union(nodes.values.compactMap { $0.local?.place.parent }) {
            if let found = listing(parent) { return found }
        }
        return nil
    }

    private func listing(_ parent: NodeID) -> String? {
        let children = nodes.values.filter { $0.local?.place.parent == parent }
        let expected = children.map(\.id).sorted()
        if tree.children(of: parent).sorted() != expected {
            return "children of \(parent): \(tree.children(of: parent)), not \(expected)"
        }
        if tree.hasChildren(parent) == expected.isEmpty { return "hasChildren of \(parent)" }
        if tree.directoryCount(in: parent) != children.count(where: { $0.kind.isContainer }) {
            return "directoryCount of \(parent)"
        }
        for name in Self.names {
            let alike = children.first { $0.local.map { foldsEqual($0.place.name, name) } == true }
            if tree.child(of: parent, foldingLike: name) != alike?.id {
                return "child of \(parent) folding like \(name)"
            }
            let exact = alike?.local?.place.name == name ? alike?.id : nil
            if tree.child(of: parent, named: name) != exact { return "child \(name) of \(parent)" }
        }
        return nil
    }

    private static func differs(_ node: Node) -> Bool {
        switch node.scope {
        case .synced: !node.isSettled
        case .localOnly:
            node.local == nil || node.remote != .absent || node.synced != nil || node.sent != nil
        }
    }
}
