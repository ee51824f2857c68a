/// The nodes that the user is told of, found without looking through the whole tree.
struct NotableNodes: Sendable {
    /// Conflict copies that the mount shows.
    private(set) var conflictCopies: Set<NodeID> = []
    /// What stays on this device by itself, not because its folder does.
    private(set) var localOnly: Set<NodeID> = []

    /// Takes note of a node as it is now, or of its being gone.
    mutating func note(_ id: NodeID, _ node: Node?) {
        update(&conflictCopies, id, node?.isConflictCopy == true)
        update(&localOnly, id, node?.staysHereByItself == true)
    }

    /// Takes note of a node on which all sides agree, and which no note was taken of before.
    mutating func note(_ node: SettledNode) {
        if node.kind == .file, ConflictName.parse(node.facts.place.name) != nil {
            conflictCopies.insert(node.id)
        }
    }

    private func update(_ set: inout Set<NodeID>, _ id: NodeID, _ belongs: Bool) {
        if belongs { set.insert(id) } else if !set.isEmpty { set.remove(id) }
    }
}

extension Node {
    fileprivate var isConflictCopy: Bool {
        guard kind == .file, let name = local?.place.name else { return false }
        return ConflictName.parse(name) != nil
    }

    fileprivate var staysHereByItself: Bool {
        guard local != nil else { return false }
        switch scope {
        case .synced, .localOnly(.parent): return false
        case .localOnly: return true
        }
    }
}
