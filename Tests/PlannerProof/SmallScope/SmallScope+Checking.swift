import Core

extension SmallScope.Case {
    /// The three trees of the case.
    package var tree: Tree {
        var tree = Tree()
        tree.insert(.rootOfTests)
        for id in Set(base.ids + here.ids + there.ids).sorted() {
            guard let entry = here[id] ?? there[id] ?? base[id] else { continue }
            var node = Node.test(id, entry.content == nil ? .directory : .file)
            node.local = here[id].map(Self.facts)
            node.synced = base[id].map(Self.facts)
            node.remote = there[id].map { .present(Self.facts($0)) } ?? .absent
            if node.synced != nil || there[id] != nil { node.item = .test(id) }
            tree.insert(node)
        }
        return tree
    }

    private static func facts(_ entry: SideState.Entry) -> Facts {
        Facts(
            place: Place(parent: entry.parent, name: entry.name), content: entry.content,
            modified: .epoch)
    }

    /// What somebody wrote and nobody who had seen it gave up.
    private var written: Set<Content> {
        var written: Set<Content> = []
        for side in [here, there] {
            for id in side.ids {
                let content = side[id]?.content
                if let content, content != base[id]?.content { written.insert(content) }
            }
        }
        for id in base.ids where here[id] == base[id] && there[id] == base[id] {
            if let content = base[id]?.content { written.insert(content) }
        }
        return written
    }

    /// The case as text, for people.
    package var text: String { World(tree).text }

    /// What is wrong with the plans of the case; nil if nothing is.
    package func failure() -> String? {
        do throws(World.Failure) {
            try check()
            return nil
        } catch {
            return error.description
        }
    }

    private func check() throws(World.Failure) {
        var world = World(tree)
        world.written = written
        let start = world
        try world.settle { (world, plan) throws(World.Failure) in
            let check = PlanCheck(world, plan)
            try check.movesNothingNeedlessly()
            try check.isMinimal()
        }
        let first = start.plan()
        let check = PlanCheck(start, first)
        try check.repeats()
        try check.isLocal()
        try check.isSymmetric()
        // The rest of the choices are zero; which node is meant depends on the case.
        var choices = Choices(replaying: [number / 7, number / 3, number / 11, number / 2])
        try check.leavesUnknownAlone(&choices)
        try check.isMonotone(&choices)
        try check.respectsLocks(&choices)
        try check.commutes(&choices)
    }
}
