import GraphSimulator
import Core
import Testing

/// The tree against a plain dictionary of nodes, under random changes.
struct TreeTests {
    @Test("a tree tells the same as a dictionary of its nodes", arguments: 0..<12 as Range<UInt64>)
    func agreesWithModel(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = TreeModel()
        for step in 0..<120 {
            model.change(&random)
            guard let difference = model.difference() else { continue }
            Issue.record("seed \(seed), step \(step): \(difference)\n\(model.log.suffix(12))")
            return
        }
    }

    @Test("a restored tree is the tree that was stored", arguments: 0..<8 as Range<UInt64>)
    func restores(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = TreeModel()
        for _ in 0..<120 { model.change(&random) }
        model.tree = StoredNodes(model.nodes.values.sorted { $0.id > $1.id }).tree
        model.nodes = model.nodes.filter { !$0.value.isGone }
        #expect(model.difference() == nil)
    }

    @Test("an entry may be known before its directory")
    func childFirst() {
        var tree = Tree()
        let name: Name = "a"
        tree.insert(.directory(7, in: 9, name))
        #expect(tree.children(of: 9) == [7])
        tree.insert(.directory(9, in: 1, "b"))
        #expect(tree.children(of: 9) == [7])
        #expect(tree.directoryCount(in: 9) == 1)
        tree.remove(9)
        #expect(tree.children(of: 9) == [7])
        tree.remove(7)
        #expect(tree.children(of: 9) == [])
    }

    @Test("names that OneDrive cannot tell apart are found by one another")
    func folding() {
        var tree = Tree()
        tree.insert(.directory(5, in: 1, "Caf\u{E9}"))
        #expect(tree.child(of: 1, foldingLike: "CAFE\u{301}") == 5)
        #expect(tree.child(of: 1, named: "Caf\u{E9}") == 5)
        #expect(tree.child(of: 1, named: "Cafe\u{301}") == nil)
        #expect(tree.child(of: 2, foldingLike: "Caf\u{E9}") == nil)
    }

    @Test("a node that stays here keeps what the cloud has of it")
    func localOnlyButBound() {
        var tree = Tree()
        var node = Node.directory(5, in: 1, "a")
        node.scope = .localOnly(.name)
        node.item = Item(id: ItemID(rawValue: "i"))
        tree.insert(node)
        #expect(tree[5] == node)
        #expect(tree.differing == [5])
        node.remote = .absent
        node.synced = nil
        tree.update(5) { $0 = node }
        #expect(tree[5] == node)
        #expect(tree.differing == [])
    }

    private static let guid = "86EB4C8E-41D0-4E8A-9D0F-2F0C9F3B1E5A"

    /// Ids and tags as the service writes them, and such as look like them and are not.
    private static let items: [(id: String, eTag: String?, cTag: String?)] = [
        ("01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36K", "\"{\(guid)},2\"", "\"c:{\(guid)},1\""),
        ("01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36K", nil, "\"c:{\(guid)},1\""),
        ("01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36K", "\"{\(guid)},999999999\"", nil),
        ("01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD361", "\"{\(guid)},0\"", "\"{\(guid)},0\""),
        ("01bye5rz6qn3zwbtufofd3gspgohdjd36k", "\"{\(guid)},02\"", "\"c:{\(guid)},\""),
        ("01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36", "\"{\(guid)},9999999999\"", "\"{\(guid)},1"),
        ("éé", "\"{\(guid.lowercased())},2\"", "\"c:{\(guid)}.1\""),
        ("4C2D61D83C44AE15!123", "aNEMyRDYxRDgzQzQ0QUUxNSExMjMuMA", "c:{\(guid)},1"),
        ("", "", "\"{\"}"),
        ("x", "\"{\(guid)},2\"", "\"c:{00000000-0000-0000-0000-000000000000},12345\""),
        (
            String(repeating: "long", count: 5000), "\"{86EB4C8E+41D0-4E8A-9D0F-2F0C9F3B1E5A},2\"",
            nil
        ),
    ]

    @Test("ids and tags come back byte for byte", arguments: items.indices)
    func keepsItems(index: Int) {
        let (id, eTag, cTag) = Self.items[index]
        let item = Item(
            id: ItemID(rawValue: id), eTag: eTag.map { Tag(rawValue: $0) },
            cTag: cTag.map { Tag(rawValue: $0) })
        var tree = Tree()
        var node = Node.directory(5, in: 1, "a name that is longer than fifteen bytes")
        node.item = item
        tree.insert(node)
        #expect(tree[5] == node)
        #expect(tree.node(for: item.id) == 5)
        #expect(tree.node(for: ItemID(rawValue: id + "0")) == nil)
        tree.update(5) { $0.item = nil }
        #expect(tree.node(for: item.id) == nil)
    }

    @Test("an item belongs to the node that was bound to it last")
    func rebinds() {
        var tree = Tree()
        for id: NodeID in [5, 6] {
            var node = Node.directory(id, in: 1, id == 5 ? "a" : "b")
            node.item = Item(id: ItemID(rawValue: "i"))
            tree.insert(node)
        }
        #expect(tree.node(for: "i") == 6)
        tree.remove(5)
        #expect(tree.node(for: "i") == 6)
        tree.remove(6)
        #expect(tree.node(for: "i") == nil)
    }

    @Test("a tree of many nodes that change often finds each of them")
    func manyNodes() {
        var tree = Tree()
        var random = SplitMix64(seed: 3)
        for id in 2..<3000 as Range<UInt64> {
            var node = Node.directory(NodeID(rawValue: id), in: 1, Name("file \(id)") ?? "x")
            node.item = Item(id: ItemID(rawValue: "item \(id)"))
            tree.insert(node)
        }
        for round in 0..<3 {
            for _ in 0..<3000 {
                let id = NodeID(rawValue: UInt64.random(in: 2..<3000, using: &random))
                let name = Name("round \(round) \(random.next())") ?? "x"
                tree.update(id) { node in
                    node.local?.place.name = name
                    node.item?.eTag = Tag(rawValue: "\(random.next())")
                }
                #expect(tree.child(of: 1, named: name) == id)
            }
            for id in 2..<3000 as Range<UInt64> {
                #expect(tree.node(for: ItemID(rawValue: "item \(id)"))?.rawValue == id)
            }
        }
        for id in 2..<3000 as Range<UInt64> { tree.remove(NodeID(rawValue: id)) }
        #expect(tree.count == 0)
        #expect(tree.children(of: 1).isEmpty)
        #expect(tree.node(for: "item 5") == nil)
    }

    @Test("paths and ancestry follow the local tree")
    func paths() {
        var tree = Tree()
        tree.insert(.directory(2, in: 1, "a"))
        tree.insert(.directory(3, in: 2, "b"))
        #expect(tree.path(of: 3) == ["a", "b"])
        #expect(tree.path(of: 1) == [])
        #expect(tree.path(of: 4) == nil)
        #expect(tree.isInside(3, 2) && tree.isInside(3, 1) && tree.isInside(3, 3))
        #expect(!tree.isInside(2, 3))
    }

    @Test("touched nodes are handed out once")
    func touched() {
        var tree = Tree()
        tree.insert(.directory(3, in: 1, "b"))
        tree.insert(.directory(2, in: 1, "a"))
        #expect(tree.hasTouched)
        #expect(tree.takeTouched() == [2, 3])
        #expect(!tree.hasTouched)
        tree.update(2) { $0.overlay.permissions = 0o755 }
        #expect(tree.takeTouched() == [])
        tree.update(2) { $0.overlay.permissions = 0o700 }
        tree.remove(3)
        #expect(tree.takeTouched() == [2, 3])
    }
}

extension Node {
    /// A settled directory.
    fileprivate static func directory(_ id: NodeID, in parent: NodeID, _ name: Name) -> Node {
        let facts = Facts(
            place: Place(parent: parent, name: name), content: nil, modified: .epoch)
        return Node(
            id: id, kind: .directory, local: facts, remote: .present(facts), synced: facts,
            overlay: Overlay(permissions: 0o755, changed: .epoch, created: .epoch))
    }
}
