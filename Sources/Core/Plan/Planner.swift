/// Derives what must be done from what is true: a pure function of the three trees.
///
/// It looks at the nodes that differ and what hangs on them, so that its cost follows the change and
/// not the size of the drive. Three steps: every node is merged by itself (`Merge`), what they must
/// satisfy together is repaired (`Repair`), and the difference to each side is put in order
/// (`Schedule`).
package enum Planner {
    package static func plan(_ tree: Tree, context: PlanContext) -> Plan {
        plan(tree, context: context, about: tree.differing)
    }

    /// The plan for the given nodes, in the order of their ids, all that differ among them.
    ///
    /// Settled nodes add nothing: for all nodes of the tree the plan is the same.
    package static func plan(_ tree: Tree, context: PlanContext, about ids: [NodeID]) -> Plan {
        var slice = Slice(tree, context, about: ids)
        slice.merge()
        slice.repair()
        let suspension = slice.guardDeletions()
        var plan = slice.schedule()
        plan.suspension = suspension
        return plan
    }
}

extension Slice {
    /// Holds all deletions back if there are more of them than the guard allows.
    ///
    /// A deleted directory counts with everything inside; a move never counts, and neither does
    /// what the user has approved.
    fileprivate mutating func guardDeletions() -> Suspension? {
        guard let limit = context.deleteGuard else { return nil }
        let doomed = ids.filter {
            drafts[$0]?.isDoomed == true && !context.approvedDeletions.contains($0)
        }
        guard doomed.count > limit else { return nil }
        let here = doomed.count { drafts[$0]?.wasHere != nil }
        for id in doomed { hold(id, .deleteGuard) }
        // Names that would have become free are not.
        repair()
        return Suspension(
            localDeletions: here, remoteDeletions: doomed.count - here, limit: limit)
    }
}
