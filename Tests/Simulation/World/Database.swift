import Core

/// The database of a client: transactions in order, of which the last ones are not yet durable.
///
/// The end of the client keeps all that was committed. A power failure keeps everything up to the
/// last synchronisation, and of the transactions after it so many as come first.
struct Database {
    private var durable = Image()
    private var recent: [[RecordChange]] = []

    /// A write-ahead log moves into the database now and then, which makes it durable.
    private static let checkpoint = 64

    mutating func commit(_ records: [RecordChange]) {
        guard !records.isEmpty else { return }
        recent.append(records)
        if recent.count > Self.checkpoint { synchronize() }
    }

    mutating func synchronize() {
        for records in recent { durable.write(records) }
        recent.removeAll(keepingCapacity: true)
    }

    /// How many transactions a power failure may take back.
    var recentCount: Int { recent.count }

    mutating func losePower(keeping count: Int) {
        recent.removeSubrange(min(count, recent.count)...)
        synchronize()
    }

    /// What a client that starts now finds.
    mutating func load() -> StoredState {
        synchronize()
        return durable.state
    }

    private struct Image {
        var nodes: [NodeID: Node] = [:]
        var generations: [GenerationID: Generation] = [:]
        var others = StoredState()

        var state: StoredState {
            var state = others
            state.nodes = nodes.values.sorted { $0.id < $1.id }
            state.generations = generations.values.sorted { $0.id < $1.id }
            return state
        }

        mutating func write(_ records: [RecordChange]) {
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
}
