extension Tree {
    /// The nodes that have a path on any side: in the mount, in the cloud, or when both last agreed;
    /// in this order, each once.
    func nodes(at path: [Name]) -> [NodeID] {
        var found: [NodeID] = []
        let sides: [(Node) -> Place?] = [
            { $0.local?.place }, { $0.remote.facts?.place }, { $0.synced?.place },
        ]
        for side in sides {
            for id in nodes(at: path, on: side) where !found.contains(id) { found.append(id) }
        }
        return found
    }

    /// Several, where the cloud has not told all its changes.
    private func nodes(at path: [Name], on side: (Node) -> Place?) -> [NodeID] {
        var level: [NodeID] = [.root]
        for name in path {
            level = level.flatMap { children(of: $0, named: name, on: side) }
            if level.isEmpty { break }
        }
        return level
    }

    /// Settled nodes are the same on all sides; the others are asked one by one.
    private func children(
        of parent: NodeID, named name: Name, on side: (Node) -> Place?
    ) -> [NodeID] {
        var found = differing.filter { id in
            self[id].flatMap(side).map { $0.parent == parent && $0.name == name } == true
        }
        if let id = child(of: parent, named: name), !differs(id) { found.append(id) }
        return found
    }
}
