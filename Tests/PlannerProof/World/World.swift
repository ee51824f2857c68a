import Core

/// A drive, the three trees of one device, and what its users did to both.
struct World {
    var tree = Tree()
    var cloud = CloudModel()
    var context = PlanContext(host: "here")
    /// Contents that a user wrote.
    var written: Set<Content> = []
    /// Contents that a user overwrote or deleted, having seen them.
    var givenUp: Set<Content> = []
    var log: [String] = []
    var lastNode: UInt64 = 1
    private var lastTime: Int64 = 0
    private var lastWord = 0
    /// Items whose last change was not observed yet.
    ///
    /// Their requests may fail.
    var isUpToDate = true

    init() { tree.insert(.rootOfTests) }

    mutating func newNode() -> NodeID {
        lastNode += 1
        return NodeID(rawValue: lastNode)
    }

    mutating func newTime() -> Timestamp {
        lastTime += 1
        return Timestamp(seconds: lastTime)
    }

    /// A content that nobody has written yet.
    mutating func newContent() -> Content {
        lastWord += 1
        return Payload.content("p\(lastWord)")
    }

    // MARK: Items and nodes

    static func itemID(_ item: Int) -> ItemID { ItemID(rawValue: String(item)) }

    static func item(_ id: ItemID?) -> Int? { id.flatMap { Int($0.rawValue) } }

    func item(of node: NodeID) -> Int? {
        node == .root ? CloudModel.root : Self.item(tree[node]?.item?.id)
    }

    func node(of item: Int) -> NodeID? {
        item == CloudModel.root ? .root : tree.node(for: Self.itemID(item))
    }

    static func tag(_ version: Int) -> Tag { Tag(rawValue: String(version)) }

    static func version(_ tag: Tag?) -> Int? { tag.flatMap { Int($0.rawValue) } }

    // MARK: Observing

    /// The items whose state the tree does not show.
    var unobserved: [Int] {
        let known = tree.allNodes.compactMap { id -> Int? in
            guard id != .root, let node = tree[id], node.remote != .absent else { return nil }
            return Self.item(node.item?.id)
        }
        return Set(known).union(cloud.items.keys).sorted().filter { item in
            guard let id = node(of: item), let node = tree[id] else { return true }
            guard let state = cloud.items[item] else { return true }
            guard case .present(let facts) = node.remote,
                let parent = self.node(of: state.parent)
            else { return true }
            return facts
                != Facts(
                    place: Place(parent: parent, name: state.name), content: state.content,
                    modified: state.modified) || Self.version(node.item?.eTag) != state.version
        }
    }

    /// Notes what the service says of one item.
    mutating func observe(_ item: Int) {
        guard let state = cloud.items[item] else {
            guard let id = node(of: item) else { return }
            tree.update(id) { $0.remote = .absent }
            return
        }
        let parent = nodeStanding(for: state.parent)
        let facts = Facts(
            place: Place(parent: parent, name: state.name), content: state.content,
            modified: state.modified)
        let binding = Item(id: Self.itemID(item), eTag: Self.tag(state.version))
        if let id = node(of: item), tree[id]?.kind == state.kind {
            tree.update(id) { node in
                node.item = binding
                node.remote = .present(facts)
            }
            return
        }
        if let id = node(of: item) { tree.remove(id) }
        if let id = sender(of: facts, state.kind) {
            tree.update(id) { node in
                node.item = binding
                node.remote = .present(facts)
            }
            return
        }
        var node = Node.test(newNode(), state.kind)
        node.remote = .present(facts)
        node.item = binding
        tree.insert(node)
    }

    /// The node that an item was made for without the reply having arrived.
    private func sender(of facts: Facts, _ kind: Kind) -> NodeID? {
        tree.differing.first { id in
            guard let node = tree[id], node.item == nil, node.kind == kind else { return false }
            return node.sent?.place == facts.place
        }
    }

    /// The node of a directory, which may be told of only after what is in it.
    private mutating func nodeStanding(for item: Int) -> NodeID {
        if let id = node(of: item) { return id }
        var node = Node.test(newNode(), .directory)
        node.remote = .unknown
        node.item = Item(id: Self.itemID(item))
        tree.insert(node)
        return node.id
    }

    mutating func observeAll() {
        for item in unobserved { observe(item) }
        isUpToDate = true
        context.isRemoteComplete = true
    }

    // MARK: Comparing

    /// What the mount shows and the cloud should hold.
    var listing: [String: String] {
        var listing: [String: String] = [:]
        for id in tree.allNodes where id != .root {
            guard let node = tree[id], node.scope == .synced, let facts = node.local,
                let path = tree.path(of: id)
            else { continue }
            let text = path.map(\.string).joined(separator: "/")
            listing[text] = facts.content.map(Payload.word) ?? "/"
        }
        return listing
    }

    /// The contents that are still somewhere.
    var kept: Set<Content> {
        let here = tree.allNodes.compactMap { tree[$0]?.local?.content.map(Payload.hashed) }
        return Set(here).union(cloud.items.values.compactMap(\.content))
    }

    /// What is wrong with the tree of the mount, if anything.
    var fault: String? {
        for id in tree.allNodes where id != .root {
            guard let place = tree.local(id)?.place else { continue }
            var current = id
            var steps = 0
            while current != .root {
                guard let parent = tree.local(current)?.place.parent, steps < 1000,
                    tree[parent]?.kind.isContainer == true
                else { return "\(id) hangs in the air" }
                current = parent
                steps += 1
            }
            let alike = tree.children(of: place.parent).filter {
                $0 != id && tree.local($0).map { foldsEqual($0.place.name, place.name) } == true
            }
            if !alike.isEmpty { return "\(id) has the name of \(alike)" }
        }
        return nil
    }

    /// The trees and what is to be read off them, for a failed test.
    var text: String {
        let nodes = tree.allNodes.filter { $0 != .root }.compactMap { tree[$0] }
        var lines = ["synced"] + TreeText.lines(nodes, \.synced)
        lines += ["here"] + TreeText.lines(nodes, \.local)
        lines += ["cloud"] + TreeText.lines(nodes, \.remote.facts)
        for node in nodes where node.remote == .unknown { lines.append("  \(node.id) unknown") }
        lines += ["sent"] + TreeText.lines(nodes, \.sent)
        lines.append("context")
        if !context.isRemoteComplete { lines.append("  incomplete") }
        if let limit = context.deleteGuard { lines.append("  guard \(limit)") }
        for (id, cause) in context.blocked.sorted(by: { $0.key < $1.key }) {
            lines.append("  blocked \(id) \(cause)")
        }
        lines.append("drive")
        for (path, content) in cloud.listing.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(path) \(content)")
        }
        return lines.joined(separator: "\n")
    }
}
