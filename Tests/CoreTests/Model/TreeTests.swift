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
        model.tree = Tree(restoring: model.nodes.values.sorted { $0.id > $1.id })
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
