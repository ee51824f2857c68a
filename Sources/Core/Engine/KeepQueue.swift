/// Files that are kept on this device and not wholly here, in the order in which they are fetched.
struct KeepQueue: Sendable {
    private var waiting: [NodeID] = []
    private var head = 0
    private var members: Set<NodeID> = []

    /// How many wait.
    var count: Int { members.count }

    mutating func append(_ id: NodeID) {
        if members.insert(id).inserted { waiting.append(id) }
    }

    mutating func next() -> NodeID? {
        guard head < waiting.count else { return nil }
        let id = waiting[head]
        members.remove(id)
        head += 1
        if head == waiting.count || head > 1024 && head > waiting.count / 2 {
            waiting.removeSubrange(..<head)
            head = 0
        }
        return id
    }
}
