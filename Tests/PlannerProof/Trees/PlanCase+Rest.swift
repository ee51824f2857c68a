import Core

extension PlanCase {
    /// What keeps the trees of the case from coming to rest once nothing stands in the way; nil if
    /// they do, or if the case is about something that does not end by itself: what was not
    /// observed or told yet, and what stays on this device.
    package func failureToRest() -> String? {
        let isOpen = tree.allNodes.contains { id in
            guard let node = tree[id] else { return false }
            return node.remote == .unknown || node.scope != .synced
                || tree[node.remote.facts?.place.parent ?? .root] == nil
                || tree[node.remote.facts?.place.parent ?? .root]?.remote == .absent
        }
        guard !isOpen, context.isRemoteComplete else { return nil }
        var world = World(tree)
        do throws(World.Failure) {
            try world.settle()
            return nil
        } catch {
            return error.description
        }
    }
}
