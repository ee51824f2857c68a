/// The nodes of the database, put as they are read into the form in which the engine keeps them: a
/// million of them are never in memory twice.
package struct StoredNodes: Sendable {
    package private(set) var tree = Tree()
    private(set) var notable = NotableNodes()
    /// Those with a content file, in the order in which they came.
    private(set) var withGeneration: [NodeID] = []
    /// The greatest id that came.
    private(set) var last = NodeID.root

    package init() {}

    /// Makes room for so many nodes in all.
    package mutating func reserve(_ count: Int) { tree.reserve(count) }

    /// Adds a node; one that no side knows is left out.
    ///
    /// - Precondition: none of this id was there.
    package mutating func append(_ node: Node) {
        last = max(last, node.id)
        guard !node.isGone else { return }
        tree.restore(node)
        notable.note(node.id, node)
        if node.generation != nil { withGeneration.append(node.id) }
    }

    /// Adds a node on which all sides agree.
    ///
    /// - Precondition: as for ``append(_:)-(Node)``.
    package mutating func append(_ node: SettledNode) {
        last = max(last, node.id)
        tree.restore(node)
        notable.note(node)
        if node.generation != nil { withGeneration.append(node.id) }
    }

    /// All nodes, in the order of their ids.
    package var all: [Node] { tree.allNodes.compactMap { tree[$0] } }
}

extension StoredNodes: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Node...) { self.init(elements) }

    package init(_ nodes: some Sequence<Node>) {
        for node in nodes { append(node) }
    }
}
