/// Why a plan treats one node as it does: what is known of it, and what follows.
package struct Explanation: Hashable, Sendable {
    /// What the mount, the cloud and the last agreement say, one line each.
    package var observations: [String]
    /// What the plan does about it, with the rule each follows from; says so where that is nothing.
    package var conclusions: [String]

    package init(of id: NodeID, in tree: Tree, plan: Plan) {
        let text = PlanText(tree)
        observations = tree[id].map { Self.observations(of: $0, text) } ?? ["not known"]
        let own = plan.about(id)
        conclusions = own.isEmpty ? [Self.nothing(tree[id])] : text.lines(own)
    }

    package var lines: [String] { observations + conclusions }

    private static func observations(of node: Node, _ text: PlanText) -> [String] {
        var lines = [
            "here:   \(node.local.map { describe($0, text) } ?? "not shown")",
            "cloud:  \(describe(node.remote, text))",
            "agreed: \(node.synced.map { describe($0, text) } ?? "nothing yet")",
        ]
        if let sent = node.sent {
            lines.append("sent:   \(describe(sent, text)), outcome not known")
        }
        if case .localOnly(let reason) = node.scope {
            lines.append("stays on this device: \(reason.description)")
        }
        return lines
    }

    private static func describe(_ observation: Observation, _ text: PlanText) -> String {
        switch observation {
        case .absent: "not there"
        case .unknown: "not observed"
        case .present(let facts): describe(facts, text)
        }
    }

    private static func describe(_ facts: Facts, _ text: PlanText) -> String {
        let path = text.path(of: facts.place)
        guard let content = facts.content else { return path }
        let identity =
            switch content {
            case .hashed(let hash, _): "hash \(hash)"
            case .unhashed: "no hash"
            case .edited: "changed, not hashed yet"
            }
        return "\(path), \(content.size) bytes, \(identity), \(facts.modified.rfc3339)"
    }

    private static func nothing(_ node: Node?) -> String {
        guard let node else { return "nothing to do" }
        if node.isSettled { return "nothing to do: both sides agree" }
        switch node.scope {
        case .synced: return "nothing to do by itself"
        case .localOnly: return "nothing to do: stays on this device"
        }
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
        if !plan.remote.contains(where: { !$0.isEmpty }) { plan.remote = [] }
        plan.deferred = deferred.filter { $0.node == id }
        return plan
    }
}

extension LocalOnlyReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ephemeral: "the lock or temporary file of an application"
        case .symlink: "OneDrive has no symbolic links"
        case .name: "OneDrive cannot hold the name"
        case .parent: "so does its directory"
        case .excluded: "excluded by the configuration"
        }
    }
}
