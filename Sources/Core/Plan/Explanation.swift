/// Why a plan treats a path as it does: what each side knows of it, the rules that apply, and what
/// follows from them, or why nothing does.
package struct Explanation: Hashable, Sendable {
    /// From the root of the drive.
    package let path: String
    /// One for each node that has the path on some side; none where nobody knows the path.
    package let nodes: [NodeExplanation]

    /// Plans, and explains what the plan does about a path.
    package init(of path: [Name], in tree: Tree, context: PlanContext) {
        self.path = "/" + path.map(\.string).joined(separator: "/")
        let ids = tree.nodes(at: path)
        guard !ids.isEmpty else {
            nodes = []
            return
        }
        let slice = Slice(tree, context, about: tree.differing)
        let plan = Planner.plan(tree, context: context)
        nodes = ids.compactMap { NodeExplanation(of: $0, in: slice, plan: plan) }
    }
}

/// Why a plan treats one node as it does.
package struct NodeExplanation: Hashable, Sendable {
    /// What one side knows of a node.
    package enum Observed: Hashable, Sendable {
        case absent
        case unknown
        case present(path: String, content: Content?, modified: Timestamp)
    }

    package let id: NodeID
    package let path: String
    package let kind: Kind
    package let here: Observed
    package let cloud: Observed
    package let agreed: Observed
    /// What was sent while the outcome is not known.
    package let sent: Observed
    /// Why the node stays on this device, where it does.
    package let staysHere: LocalOnlyReason?
    package let changeHere: SideChange
    package let changeThere: SideChange
    package let rules: [MergeRule]
    package let actions: [PlanReport.Entry]
    /// The directory with which the plan deletes the item.
    package let deletedWith: String?
    /// What is only noted or read.
    package let notes: [String]
    /// What the node waits for.
    package let waiting: [DeferralCause]

    init?(of id: NodeID, in slice: Slice, plan: Plan) {
        guard let node = slice.tree[id] else { return nil }
        let draft = slice[id]
        let observation = draft?.cloud ?? node.remote
        let base = draft?.base ?? node.base
        let paths = PlanPaths(slice.tree)
        func observed(_ facts: Facts?, on side: PlanPaths.Side) -> Observed {
            guard let facts else { return .absent }
            return .present(
                path: id == .root ? "/" : paths.path(at: facts.place, on: side),
                content: facts.content, modified: facts.modified)
        }
        self.id = id
        kind = node.kind
        path = paths.path(of: id)
        here = observed(node.local, on: .here)
        cloud = observation == .unknown ? .unknown : observed(observation.facts, on: .there)
        agreed = observed(node.synced, on: .agreed)
        sent = observed(node.sent, on: .here)
        switch node.scope {
        case .synced: staysHere = nil
        case .localOnly(let reason): staysHere = reason
        }
        changeHere = SideChange(node.local.map(Observation.present) ?? .absent, since: base)
        changeThere = SideChange(observation, since: base)
        let own = plan.about(id)
        actions = PlanReport(own, of: slice.tree).entries
        waiting = own.deferred.map(\.cause)
        deletedWith = slice.deletedAbove(id, by: plan).map(paths.remotePath)
        notes = Self.notes(own, plan)
        let isHere = node.scope != .synced && node.item == nil
        let ofNode =
            isHere ? [.staysHere] : MergeRule.ofNode(here: changeHere, there: changeThere, node)
        var ofPlan = own.bindings.isEmpty ? [] : [MergeRule.oneName]
        for reason in own.reasons {
            guard let rule = MergeRule(reason), !ofPlan.contains(rule) else { continue }
            ofPlan.append(rule)
        }
        // What a repair decides about names of new nodes, and about deletions, comes instead of the
        // rule that would apply otherwise.
        let isReplaced =
            ofPlan.contains(.oneName) || ofPlan.contains(.movedItemKept)
            || ofPlan.contains(.neededInside)
        rules = isReplaced ? ofPlan : ofNode + ofPlan
    }

    private static func notes(_ own: Plan, _ plan: Plan) -> [String] {
        var notes: [String] = []
        if !own.adoptions.isEmpty { notes.append("what both sides agree on is noted") }
        if !own.bindings.isEmpty { notes.append("what is new here is bound to the item") }
        if !own.hashes.isEmpty { notes.append("its bytes are hashed first, then it is decided") }
        if plan.suspension != nil, own.deferred.contains(where: { $0.cause == .deleteGuard }) {
            notes.append("'onedrive approve' lets the deletions happen")
        }
        return notes
    }
}

extension Slice {
    /// The directory with which an item of the cloud is deleted by the plan, other than itself.
    fileprivate func deletedAbove(_ id: NodeID, by plan: Plan) -> NodeID? {
        guard let draft = drafts[id], draft.wasHere == nil, draft.wasThere != nil else {
            return nil
        }
        let deleted = plan.remote.joined().compactMap { action -> NodeID? in
            switch action.change {
            case .delete: action.node
            case .createDirectory, .createFile, .replaceContent, .move, .park, .setTime: nil
            }
        }
        var current = formerPlace(id, on: .there)?.parent
        var steps = 0
        while let directory = current, directory != .root, steps <= tree.count {
            if deleted.contains(directory) { return directory }
            current = formerPlace(directory, on: .there)?.parent
            steps += 1
        }
        return nil
    }
}

extension Plan {
    /// The part of the plan that is about one node.
    fileprivate func about(_ id: NodeID) -> Plan {
        var plan = Plan()
        plan.adoptions = adoptions.filter { $0 == id }
        plan.bindings = bindings.filter { $0.local == id || $0.remote == id }
        plan.hashes = hashes.filter { $0 == id }
        plan.local = local.filter { $0.node == id }
        plan.remote = remote.map { layer in layer.filter { $0.node == id } }
        plan.deferred = deferred.filter { $0.node == id }
        return plan
    }

    fileprivate var reasons: [Reason] { local.map(\.reason) + remote.joined().map(\.reason) }
}
