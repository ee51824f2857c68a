/// The calls that wait, by what they wait for.
struct WaitList: Sendable {
    /// What a call waits for.
    enum Condition: Hashable, Sendable {
        /// The children of a directory are known.
        case listed(NodeID)
        /// More bytes of a content file are here.
        case content(GenerationID)
        /// All bytes of a content file are here, verified and durable.
        case whole(GenerationID)
        /// An item is checked out, however long somebody else has it.
        case checkout(ItemID)
        /// An item is checked out, or somebody else has it.
        case checkoutNow(ItemID)
        /// The kernel knows what has become of the name of a node.
        case announced(NodeID)
        /// It is known where the small picture of a file lies.
        case thumbnail(ThumbnailQuestion)
        /// Both sides agree.
        case quiet
        /// Everything that is kept on this device is here.
        case kept
    }

    private var conditions: [WaitID: Condition] = [:]
    private var waiting: [Condition: [WaitID]] = [:]

    mutating func add(_ id: WaitID, for condition: Condition) {
        conditions[id] = condition
        waiting[condition, default: []].append(id)
    }

    /// Those that waited for the condition, in the order in which they came.
    mutating func take(_ condition: Condition) -> [WaitID] {
        let ids = waiting.removeValue(forKey: condition) ?? []
        for id in ids { conditions[id] = nil }
        return ids
    }

    /// Gives up a wait, for instance since the program was interrupted.
    ///
    /// Returns false if it had ended already.
    @discardableResult
    mutating func cancel(_ id: WaitID) -> Bool {
        guard let condition = conditions.removeValue(forKey: id) else { return false }
        waiting[condition]?.removeAll { $0 == id }
        if waiting[condition]?.isEmpty == true { waiting[condition] = nil }
        return true
    }

    /// Everything that somebody waits for.
    var awaited: Set<Condition> { Set(waiting.keys) }

    func isAwaited(_ condition: Condition) -> Bool { waiting[condition] != nil }
}
