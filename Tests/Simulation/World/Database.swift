import Core

/// The database of a client: transactions in order, of which the last ones are not yet durable.
///
/// The end of the client keeps all that was committed. A power failure keeps everything up to the
/// last synchronisation, and of the transactions after it so many as come first.
struct Database {
    private var durable = MemoryDatabase()
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

    /// The item that a node was bound to when it was last written.
    func item(of id: NodeID) -> ItemID? {
        for records in recent.reversed() {
            for case .node(let node) in records.reversed() where node.id == id {
                return node.item?.id
            }
        }
        return durable.nodes[id]?.item?.id
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
}
