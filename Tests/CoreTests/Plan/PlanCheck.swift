import Core

/// What every plan must satisfy, whatever it is made for.
struct PlanCheck {
    typealias Failure = World.Failure

    private let world: World
    private let plan: Plan

    init(_ world: World, _ plan: Plan) {
        self.world = world
        self.plan = plan
    }

    func run(_ choices: inout Choices) throws(Failure) {
        try checkGuard()
        try checkUnknown(&choices)
        try checkBlocked(&choices)
        if world.isUpToDate { try checkOrder(&choices) }
    }

    // MARK: Deletions

    /// The nodes that a plan deletes, those inside deleted directories included.
    private func deleted(_ plan: Plan, _ tree: Tree) -> Set<NodeID> {
        var deleted: Set<NodeID> = []
        for action in plan.local where action.change == .remove { deleted.insert(action.node) }
        for action in plan.remote.joined() {
            guard case .delete = action.change else { continue }
            deleted.formUnion(inside(action.node, tree, plan))
        }
        return deleted
    }

    /// A node and what the cloud holds below it, less what the plan moves out before.
    private func inside(_ directory: NodeID, _ tree: Tree, _ plan: Plan) -> Set<NodeID> {
        let leaving = Set(
            plan.remote.joined().compactMap { action -> NodeID? in
                guard case .move = action.change else { return nil }
                return action.node
            })
        return Set(
            tree.allNodes.filter { id in
                var current = id
                for _ in 0..<100 {
                    if current == directory { return true }
                    guard !leaving.contains(current),
                        let parent = tree[current]?.presumedPlace?.parent, current != .root
                    else { return false }
                    current = parent
                }
                return false
            })
    }

    private func checkGuard() throws(Failure) {
        let count = deleted(plan, world.tree).count
        if plan.suspension != nil && count > 0 {
            throw Failure(description: "a suspended plan deletes")
        }
        if let limit = world.context.deleteGuard, count > limit {
            throw Failure(description: "the guard lets \(count) deletions pass")
        }
        if !world.context.isRemoteComplete, plan.local.contains(where: { $0.change == .remove }) {
            throw Failure(description: "removes before all changes are known")
        }
    }

    // MARK: Less knowledge, fewer changes

    /// What was not observed is not touched.
    private func checkUnknown(_ choices: inout Choices) throws(Failure) {
        let candidates = world.tree.allNodes.filter {
            $0 != .root && world.tree[$0]?.item != nil
        }
        guard choices.isOne(in: 3), let root = choices.element(of: candidates) else { return }
        let unknown = inside(root, world.tree, Plan()).union([root])
        var tree = world.tree
        for id in unknown { tree.update(id) { $0.remote = .unknown } }
        let other = Planner.plan(tree, context: world.context)
        let touched =
            other.local.map(\.node) + other.remote.joined().map(\.node)
            + other.bindings.flatMap { [$0.local, $0.remote] } + Array(deleted(other, tree))
        if let id = touched.first(where: unknown.contains) {
            throw Failure(
                description: "\(id) is touched though \(root) and what is in it is unknown:\n"
                    + PlanText(tree, showsIDs: true).lines(other).joined(separator: "\n"))
        }
    }

    /// When a node cannot be acted upon, others wait or do what they would do anyway.
    private func checkBlocked(_ choices: inout Choices) throws(Failure) {
        guard choices.isOne(in: 3), let id = choices.element(of: world.tree.differing),
            plan.suspension == nil
        else { return }
        var context = world.context
        context.blocked[id] = .retry
        context.mayMoveLocally.remove(id)
        let other = Planner.plan(world.tree, context: context)
        let own = Set(plan.local)
        for action in other.local where action.node == id || !own.contains(action) {
            throw Failure(
                description: "blocking \(id) leads to: "
                    + PlanText(world.tree, showsIDs: true).line(action))
        }
        let more = deleted(other, world.tree).subtracting(deleted(plan, world.tree))
        guard more.isEmpty else { throw Failure(description: "blocking \(id) deletes \(more)") }
        let allowed = Set(plan.remote.joined().map(\.change))
        for action in other.remote.joined() {
            switch action.change {
            case .delete, .park: continue
            case .createDirectory, .createFile, .replaceContent, .move, .setTime: break
            }
            // Who comes first to a name that two want depends on who waits.
            if action.node == id || (!allowed.contains(action.change) && !isContended(plan)) {
                throw Failure(
                    description: "blocking \(id) leads to: "
                        + PlanText(world.tree, showsIDs: true).line(action))
            }
        }
    }

    private func isContended(_ plan: Plan) -> Bool {
        plan.local.contains { $0.reason == .nameTaken }
            || plan.remote.joined().contains { $0.reason == .makesRoom }
    }

    // MARK: Order

    /// The actions of a layer may run in any order.
    private func checkOrder(_ choices: inout Choices) throws(Failure) {
        guard choices.isOne(in: 2), plan.remote.contains(where: { $0.count > 1 }) else { return }
        var first = world
        var second = world
        try first.applyLocally(plan)
        try second.applyLocally(plan)
        for layer in plan.remote {
            for action in layer { try first.send(action, .answered) }
            for action in choices.shuffled(layer) { try second.send(action, .answered) }
            guard first.cloud.listing == second.cloud.listing else {
                throw Failure(description: "the order within a layer matters")
            }
        }
    }
}

extension Node {
    /// Where the cloud holds the item, or held it when it was last observed.
    fileprivate var presumedPlace: Place? {
        switch remote {
        case .present(let facts): facts.place
        case .unknown: synced?.place
        case .absent: nil
        }
    }
}
