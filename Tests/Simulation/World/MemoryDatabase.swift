import Core

/// What the database of a client would hold.
package struct MemoryDatabase: Sendable {
    package var nodes: [NodeID: Node] = [:]
    private var generations: [GenerationID: Generation] = [:]
    package var others = StoredState()

    package init() {}

    package var state: StoredState {
        var state = others
        state.nodes = StoredNodes(nodes.values.sorted { $0.id < $1.id })
        state.generations = generations.values.sorted { $0.id < $1.id }
        return state
    }

    package mutating func write(_ records: [RecordChange]) {
        for record in records {
            switch record {
            case .node(let node): nodes[node.id] = node
            case .removeNode(let id):
                nodes[id] = nil
                others.linkTargets[id] = nil
                others.attributes[id] = nil
                others.sessions[id] = nil
                others.pins[id] = nil
                others.shares[id] = nil
            case .generation(let generation): generations[generation.id] = generation
            case .removeGeneration(let id): generations[id] = nil
            case .linkTarget(let id, let target): others.linkTargets[id] = target
            case .attribute(let id, let name, let value):
                others.attributes[id, default: [:]][name] = value
            case .session(let id, let session): others.sessions[id] = session
            case .checkout(let item, let checkout): others.checkouts[item] = checkout
            case .pin(let id, let pin): others.pins[id] = pin
            case .share(let id, let share): others.shares[id] = share
            case .setting(let setting, let value): others.settings[setting] = value
            }
        }
    }
}
