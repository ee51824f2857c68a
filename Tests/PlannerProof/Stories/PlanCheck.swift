import Core

/// What a plan must satisfy for the world it was made for.
struct PlanCheck {
    typealias Failure = World.Failure

    let world: World
    let plan: Plan

    init(_ world: World, _ plan: Plan) {
        self.world = world
        self.plan = plan
    }

    func fail(_ text: String) -> Failure { Failure(description: text) }

    func text(_ plan: Plan, _ tree: Tree) -> String {
        PlanText(tree, showsIDs: true).lines(plan).joined(separator: "\n")
    }

    private static func reasons(_ plan: Plan) -> [Reason] {
        plan.local.map(\.reason) + plan.remote.joined().map(\.reason)
    }

    // MARK: P4

    func repeats() throws(Failure) {
        guard plan == world.plan() else { throw fail("P4: planned differently twice") }
    }

    // MARK: P5

    /// Stops after each action of the plan in turn, the next being on its way without an answer.
    func survivesCrashes() throws(Failure) {
        guard world.isUpToDate, !plan.isEmpty else { return }
        let actions = Array(plan.remote.joined())
        for cut in 0...actions.count {
            var world = world
            try world.applyLocally(plan)
            for action in actions[..<cut] { try world.send(action, .answered) }
            if cut < actions.count { try world.send(actions[cut], .unanswered) }
            world.calm()
            do throws(Failure) {
                try world.settle()
            } catch {
                throw fail("P5: after \(cut) actions of\n\(text(plan, self.world.tree))\n\(error)")
            }
        }
    }

    // MARK: P6

    func commutes(_ choices: inout Choices) throws(Failure) {
        guard world.isUpToDate, plan.remote.contains(where: { $0.count > 1 }) else { return }
        var first = world
        var second = world
        try first.applyLocally(plan)
        try second.applyLocally(plan)
        for layer in plan.remote {
            for action in layer { try first.send(action, .answered) }
            for action in choices.shuffled(layer) { try second.send(action, .answered) }
            guard first.cloud.listing == second.cloud.listing else {
                throw fail("P6: the order within a layer matters")
            }
        }
    }

    // MARK: P7

    func movesNothingNeedlessly() throws(Failure) {
        for action in plan.remote.joined() {
            let node = world.tree[action.node]
            let isNeeded =
                switch action.change {
                case .createFile(let place, let content):
                    content == node?.local?.content && content.hash != nil
                        && !holds(content, at: place, apartFrom: action.node)
                case .replaceContent(let content, _):
                    content == node?.local?.content && content.hash != nil
                        && content != node?.remote.facts?.content
                case .setTime(let time, _):
                    time == node?.local?.modified
                        && node?.local?.content == node?.remote.facts?.content
                case .createDirectory, .move, .park, .delete: true
                }
            guard isNeeded else {
                throw fail("P7: " + PlanText(world.tree, showsIDs: true).line(action))
            }
        }
        for action in plan.local {
            let node = world.tree[action.node]
            let isNeeded =
                switch action.change {
                case .takeContent(let content): content != node?.local?.content
                case .takeTime: node?.local?.content == node?.remote.facts?.content
                case .keepBoth: node?.local?.content != node?.remote.facts?.content
                case .show, .move, .remove, .detach: true
                }
            guard isNeeded else {
                throw fail("P7: " + PlanText(world.tree, showsIDs: true).line(action))
            }
        }
    }

    /// Whether the cloud has a file with these bytes under this very name, new on its side, too.
    private func holds(_ content: Content, at place: Place, apartFrom id: NodeID) -> Bool {
        guard world.tree[id]?.synced == nil else { return false }
        return world.tree.differing.contains { other in
            guard let node = world.tree[other], node.local == nil, node.synced == nil,
                let facts = node.remote.facts
            else { return false }
            return facts.content == content && facts.place.parent == place.parent
                && foldsEqual(facts.place.name, place.name)
        }
    }

    // MARK: P8

    /// Each facet that a side changed costs one action at most; what repairs add says so.
    func isMinimal() throws(Failure) {
        let count = Self.reasons(plan).count { !$0.isOfRepair }
        let changed = world.tree.differing.reduce(0) { $0 + facetsChanged($1) }
        guard count <= changed else {
            throw fail("P8: \(count) actions for \(changed) changes\n\(text(plan, world.tree))")
        }
        for id in Set(plan.remote.joined().map(\.node)) {
            let own = plan.remote.joined().filter { $0.node == id }
            guard own.count <= 2 else { throw fail("P8: \(id) is changed \(own.count) times") }
        }
    }

    private func facetsChanged(_ id: NodeID) -> Int {
        guard let node = world.tree[id] else { return 0 }
        let here = SideChange(node.local.map(Observation.present) ?? .absent, since: node.synced)
        let there = SideChange(presumed(node), since: node.synced)
        return here.facetCount + there.facetCount
    }

    /// What lies in a directory that is gone is gone, told of or not.
    private func presumed(_ node: Node) -> Observation {
        var current = node.remote.facts?.place.parent
        var steps = 0
        while let id = current, id != .root, steps < 100 {
            guard let facts = world.tree[id]?.remote.facts else { return .absent }
            current = facts.place.parent
            steps += 1
        }
        return node.remote
    }

    // MARK: P15

    func isLocal() throws(Failure) {
        let whole = Planner.plan(world.tree, context: world.context, about: world.tree.allNodes)
        guard whole == plan else {
            throw fail(
                "P15: the plan of everything is\n\(text(whole, world.tree))\nand not\n"
                    + text(plan, world.tree))
        }
    }

    // MARK: P17

    func isSymmetric() throws(Failure) {
        let isPlain = world.tree.allNodes.allSatisfy { id in
            guard let node = world.tree[id] else { return true }
            return node.scope == .synced && node.remote != .unknown && node.sent == nil
                && node.local?.content?.isEdited != true
        }
        guard world.isUpToDate, isPlain else { return }
        var tie = false
        let watch: (World, Plan) -> Void = { _, plan in
            // Of two names that become one, the cloud's spelling is kept.
            tie = tie || !plan.bindings.isEmpty || Self.reasons(plan).contains(where: \.breaksTie)
        }
        var first = world
        first.calm()
        var second = first.mirrored
        try first.settle(watch)
        do throws(Failure) {
            try second.settle(watch)
        } catch {
            throw fail("P17: exchanged: \(error)")
        }
        guard tie || first.listing == second.listing else {
            throw fail("P17: \(first.listing) here, exchanged \(second.listing)")
        }
    }
}

extension SideChange {
    fileprivate var facetCount: Int {
        switch existence {
        case .never, .unknown: 0
        case .created, .deleted: 1
        case .kept:
            (isRenamed ? 1 : 0) + (isMoved ? 1 : 0) + (isEdited ? 1 : 0) + (isTouched ? 1 : 0)
        }
    }
}

extension Reason {
    /// Whether an action is there for the sake of what several nodes must satisfy together.
    fileprivate var isOfRepair: Bool {
        switch self {
        case .nameTaken, .neededInside, .cycle, .makesRoom: true
        case .newHere, .newThere, .editedHere, .editedThere, .editedOnBoth, .movedHere,
            .movedThere, .movedOnBoth, .deletedHere, .deletedThere, .editedHereDeletedThere,
            .editedThereDeletedHere, .movedThereDeletedHere, .touchedHere, .touchedThere:
            false
        }
    }

    /// Whether one side is preferred.
    fileprivate var breaksTie: Bool {
        switch self {
        case .nameTaken, .cycle, .movedOnBoth, .editedOnBoth, .movedThereDeletedHere: true
        case .newHere, .newThere, .editedHere, .editedThere, .movedHere, .movedThere,
            .deletedHere, .deletedThere, .editedHereDeletedThere, .editedThereDeletedHere,
            .neededInside, .touchedHere, .touchedThere, .makesRoom:
            false
        }
    }
}
