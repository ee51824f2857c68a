import Core

/// Plans for less: with a guard, with less knowledge, with something in the way.
extension PlanCheck {
    // MARK: What a plan deletes

    /// The nodes that a plan deletes, those inside deleted directories included.
    private func deleted(_ plan: Plan, _ tree: Tree) -> Set<NodeID> {
        var deleted: Set<NodeID> = []
        for action in plan.local where action.change == .remove { deleted.insert(action.node) }
        for action in plan.remote.joined() where action.change.isDeletion {
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

    // MARK: P9

    func isGuarded(_ choices: inout Choices) throws(Failure) {
        var context = world.context
        let limit = choices.next(below: 4)
        context.deleteGuard = limit
        let guarded = Planner.plan(world.tree, context: context)
        let count = deleted(guarded, world.tree).count
        if guarded.suspension != nil && count > 0 { throw fail("P9: a suspended plan deletes") }
        if count > limit { throw fail("P9: the guard lets \(count) deletions pass") }
        context.deleteGuard = nil
        let free = Planner.plan(world.tree, context: context)
        if guarded.suspension == nil && guarded != free {
            throw fail("P9: the guard changes a plan that it lets pass")
        }
        context.isRemoteComplete = false
        let early = Planner.plan(world.tree, context: context)
        if early.local.contains(where: { $0.change == .remove }) {
            throw fail("P9: removes before all changes are known")
        }
    }

    // MARK: P10

    func leavesUnknownAlone(_ choices: inout Choices) throws(Failure) {
        let candidates = world.tree.allNodes.filter {
            $0 != .root && world.tree[$0]?.item != nil
        }
        guard let root = choices.element(of: candidates) else { return }
        let unknown = inside(root, world.tree, Plan()).union([root])
        var tree = world.tree
        for id in unknown { tree.update(id) { $0.remote = .unknown } }
        let other = Planner.plan(tree, context: world.context)
        let touched =
            other.local.map(\.node) + other.remote.joined().map(\.node)
            + other.bindings.flatMap { [$0.local, $0.remote] } + Array(deleted(other, tree))
        if let id = touched.first(where: unknown.contains) {
            throw fail(
                "P10: \(id) is touched though \(root) and what is in it is unknown:\n"
                    + text(other, tree))
        }
        let more = deleted(other, tree).subtracting(deleted(plan, world.tree))
        guard plan.suspension != nil || more.isEmpty else {
            throw fail("P10: without knowing \(root), \(more) is deleted:\n\(text(other, tree))")
        }
    }

    // MARK: P11

    func ignoresOrder(_ choices: inout Choices) throws(Failure) {
        var tree = Tree()
        for id in choices.shuffled(world.tree.allNodes) {
            if let node = world.tree[id] { tree.insert(node) }
        }
        let other = Planner.plan(tree, context: world.context)
        guard other == plan else {
            throw fail("P11: stored in another order:\n\(text(other, tree))")
        }
        guard !world.unobserved.isEmpty else { return }
        var first = world
        first.observeAll()
        var second = world
        let items = world.unobserved
        let present = items.filter { world.cloud.items[$0] != nil }
        for item in choices.shuffled(present + present) { second.observe(item) }
        // What is gone counts at the end of the chain only.
        second.observeAll()
        let firstLines = lines(first)
        let secondLines = lines(second)
        guard firstLines == secondLines else {
            throw fail(
                "P11: observed in another order:\n\(secondLines.joined(separator: "\n"))\nand not\n"
                    + firstLines.joined(separator: "\n"))
        }
    }

    /// Without the ids of nodes, which are given out as items become known.
    private func lines(_ world: World) -> [String] {
        PlanText(world.tree).lines(world.plan()).sorted()
    }

    // MARK: P12

    func respectsLocks(_ choices: inout Choices) throws(Failure) {
        var context = world.context
        let count = 1 + choices.next(below: 2)
        for _ in 0..<count {
            guard let id = choices.element(of: world.tree.differing) else { return }
            let isOpen = choices.next(below: 2) == 0
            context.blocked[id] = isOpen ? .openForWriting : .locked
            if isOpen {
                context.mayMoveLocally.insert(id)
            } else {
                context.mayMoveLocally.remove(id)
            }
        }
        let other = Planner.plan(world.tree, context: context)
        for action in other.local {
            guard let cause = context.blocked[action.node] else { continue }
            if case .move = action.change, cause == .openForWriting { continue }
            throw fail("P12: \(PlanText(world.tree, showsIDs: true).line(action))")
        }
        let touched = other.remote.joined().map(\.node) + Array(deleted(other, world.tree))
        if let id = touched.first(where: { context.blocked[$0] != nil }) {
            throw fail("P12: \(id) is blocked:\n\(text(other, world.tree))")
        }
        var after = world
        after.context = context
        try after.applyLocally(other)
    }

    // MARK: P16

    func isMonotone(_ choices: inout Choices) throws(Failure) {
        guard let id = choices.element(of: world.tree.differing), plan.suspension == nil else {
            return
        }
        var context = world.context
        context.blocked[id] = .retry
        context.mayMoveLocally.remove(id)
        let other = Planner.plan(world.tree, context: context)
        let own = Set(plan.local)
        for action in other.local where action.node == id || !own.contains(action) {
            throw fail(
                "P16: blocking \(id) leads to: "
                    + PlanText(world.tree, showsIDs: true).line(action))
        }
        let more = deleted(other, world.tree).subtracting(deleted(plan, world.tree))
        guard more.isEmpty else { throw fail("P16: blocking \(id) deletes \(more)") }
        let allowed = Set(plan.remote.joined().map(\.change))
        for action in other.remote.joined() {
            switch action.change {
            case .delete, .park: continue
            case .createDirectory, .createFile, .replaceContent, .move, .setTime: break
            }
            // Who comes first to a name that two want depends on who waits.
            if action.node == id || (!allowed.contains(action.change) && !isContended(plan)) {
                throw fail(
                    "P16: blocking \(id) leads to: "
                        + PlanText(world.tree, showsIDs: true).line(action))
            }
        }
    }

    private func isContended(_ plan: Plan) -> Bool {
        plan.local.contains { $0.reason == .nameTaken }
            || plan.remote.joined().contains { $0.reason == .makesRoom }
    }
}

extension RemoteChange {
    fileprivate var isDeletion: Bool {
        switch self {
        case .delete: true
        case .createDirectory, .createFile, .replaceContent, .move, .park, .setTime: false
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
