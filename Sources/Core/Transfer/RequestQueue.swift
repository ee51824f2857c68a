/// Requests that are ready to be sent, in the order in which they should be.
///
/// Those with and without a token wait apart, so that a missing token holds up only the former.
struct RequestQueue: Sendable {
    /// Where a request stands; less is earlier.
    typealias Position = Int64

    /// By priority, those that need a token first.
    private var lanes: [Lane]
    private var positions: [RequestID: Position] = [:]
    private var lastPosition: Position = 0
    private var firstPosition: Position = 0

    init() {
        lanes = Array(repeating: Lane(), count: RequestPriority.allCases.count * 2)
    }

    /// How many requests wait here that need a token.
    private(set) var bearerCount = 0

    var isEmpty: Bool { positions.isEmpty }

    /// Adds a request behind all of its priority.
    mutating func append(_ id: RequestID, _ priority: RequestPriority, _ need: Authorization) {
        lastPosition += 1
        note(id, lastPosition, need)
        lanes[Self.lane(priority, need)].last.append(Entry(id: id, position: lastPosition))
    }

    /// Adds a request before all of its priority: it has waited before.
    mutating func prepend(_ id: RequestID, _ priority: RequestPriority, _ need: Authorization) {
        firstPosition -= 1
        note(id, firstPosition, need)
        lanes[Self.lane(priority, need)].first.append(Entry(id: id, position: firstPosition))
    }

    /// Takes a request out, wherever it stands.
    mutating func remove(_ id: RequestID, _ priority: RequestPriority, _ need: Authorization) {
        guard positions.removeValue(forKey: id) != nil else { return }
        if need == .bearer { bearerCount -= 1 }
        lanes[Self.lane(priority, need)].noteRemoval(positions)
    }

    /// The next request of a priority.
    mutating func first(_ priority: RequestPriority, mayUseToken: Bool) -> RequestID? {
        let free = peek(priority, .none)
        guard mayUseToken, let bearer = peek(priority, .bearer) else { return free?.id }
        guard let free, free.position < bearer.position else { return bearer.id }
        return free.id
    }

    /// The next request that needs, or does not need, a token, of any priority.
    mutating func first(_ need: Authorization) -> RequestID? {
        for priority in RequestPriority.allCases.reversed() {
            if let id = first(priority, need: need) { return id }
        }
        return nil
    }

    /// The next request of a priority that needs, or does not need, a token.
    mutating func first(_ priority: RequestPriority, need: Authorization) -> RequestID? {
        peek(priority, need)?.id
    }

    private mutating func peek(_ priority: RequestPriority, _ need: Authorization) -> Entry? {
        lanes[Self.lane(priority, need)].peek(positions)
    }

    private mutating func note(_ id: RequestID, _ position: Position, _ need: Authorization) {
        positions[id] = position
        if need == .bearer { bearerCount += 1 }
    }

    private static func lane(_ priority: RequestPriority, _ need: Authorization) -> Int {
        switch need {
        case .bearer: priority.rawValue * 2
        case .none: priority.rawValue * 2 + 1
        }
    }

    private struct Entry: Hashable, Sendable {
        var id: RequestID
        var position: Position
    }

    /// One line of waiting requests.
    ///
    /// Entries of requests that have left stay until they come up, or until they are the greater
    /// part.
    private struct Lane: Sendable {
        /// Added in front, the foremost last.
        var first: [Entry] = []
        /// Added behind, from `head` on.
        var last: [Entry] = []
        var head = 0
        var removed = 0

        mutating func peek(_ positions: [RequestID: Position]) -> Entry? {
            while let entry = first.last {
                if positions[entry.id] == entry.position { return entry }
                first.removeLast()
                removed = max(0, removed - 1)
            }
            while head < last.count, positions[last[head].id] != last[head].position {
                head += 1
                removed = max(0, removed - 1)
            }
            if head > 32, head > last.count / 2 {
                last.removeSubrange(..<head)
                head = 0
            }
            return head < last.count ? last[head] : nil
        }

        mutating func noteRemoval(_ positions: [RequestID: Position]) {
            removed += 1
            guard removed > 32, removed > (first.count + last.count) / 2 else { return }
            first.removeAll { positions[$0.id] != $0.position }
            last.removeSubrange(..<head)
            last.removeAll { positions[$0.id] != $0.position }
            head = 0
            removed = 0
        }
    }
}
