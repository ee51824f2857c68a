import Core

/// Coming to rest without any faults.
extension World {
    private static let roundsMax = 40

    /// A world in which the trees of a case are what is known, and the drive is as it says.
    ///
    /// Nothing in the case may be unknown.
    init(_ tree: Tree, _ context: PlanContext = PlanContext(host: "here")) {
        self.init()
        self.context = context
        let nodes = tree.allNodes.filter { $0 != .root }.compactMap { tree[$0] }
        for node in nodes {
            guard let facts = node.remote.facts else { continue }
            let parent = facts.place.parent
            cloud.put(
                Int(node.id.rawValue), node.kind,
                in: parent == .root ? CloudModel.root : Int(parent.rawValue), facts)
        }
        for var node in nodes {
            lastNode = max(lastNode, node.id.rawValue)
            if node.item != nil {
                let item = Int(node.id.rawValue)
                node.item = Item(
                    id: Self.itemID(item), eTag: cloud.items[item].map { Self.tag($0.version) })
            }
            self.tree.insert(node)
        }
    }

    func plan() -> Plan { Planner.plan(tree, context: context) }

    mutating func carryOut(_ plan: Plan) throws(Failure) {
        try applyLocally(plan)
        for layer in plan.remote {
            for action in layer { try send(action, .answered) }
        }
    }

    /// Observes, plans and carries out until there is nothing more to do, and tells how many rounds
    /// that took.
    ///
    /// `watch` sees each plan before it is carried out.
    @discardableResult
    mutating func settle(
        _ watch: (World, Plan) throws(Failure) -> Void = { _, _ in }
    ) throws(Failure) -> Int {
        for round in 0..<Self.roundsMax {
            observeAll()
            let plan = plan()
            try watch(self, plan)
            if plan.isEmpty {
                try verifyRest()
                return round
            }
            try carryOut(plan)
        }
        throw Failure(description: "P1: does not come to rest")
    }

    private func verifyRest() throws(Failure) {
        if let fault { throw Failure(description: "P14: \(fault)") }
        for id in tree.allNodes where id != .root {
            guard let node = tree[id] else { continue }
            guard let local = node.local, case .present(let remote) = node.remote,
                local.place.parent == remote.place.parent,
                local.place.name.string == remote.place.name.string,
                local.content == remote.content, local.agreesInTime(with: remote),
                node.synced?.content == local.content
            else { throw Failure(description: "P2: \(id) is not at rest") }
        }
        guard listing == cloud.listing else {
            throw Failure(description: "P2: the sides differ")
        }
        let lost = written.subtracting(givenUp).subtracting(kept)
        guard lost.isEmpty else {
            throw Failure(description: "P3: lost \(lost.map(Payload.word).sorted())")
        }
    }

    /// The same with the sides exchanged: what was done here was done in the cloud.
    ///
    /// Only for trees of which nothing is unknown, edited and not hashed, or stays here.
    var mirrored: World {
        var mirror = Tree()
        mirror.insert(.rootOfTests)
        for id in tree.allNodes where id != .root {
            guard var node = tree[id] else { continue }
            let local = node.local
            node.local = node.remote.facts
            node.remote = local.map(Observation.present) ?? .absent
            let isKnown = node.synced != nil || node.remote != .absent
            node.item = isKnown ? Item.test(id) : nil
            mirror.insert(node)
        }
        var world = World(mirror, context)
        world.written = written
        world.givenUp = givenUp
        return world
    }
}
