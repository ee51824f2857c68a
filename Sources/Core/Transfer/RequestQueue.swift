/// Requests that are ready to be sent, in the order in which they should be.
///
/// They wait apart by what holds them up, so that a missing token, a busy host or too many open
/// upload sessions keep back only those that need them.
struct RequestQueue: Sendable {
    /// Where a request stands; less is earlier.
    typealias Position = Int64

    /// By priority, then lane.
    private var lines: [Line]
    private var positions: [RequestID: Position] = [:]
    private var lastPosition: Position = 0
    private var firstPosition: Position = 0
    /// How many requests for Graph wait here.
    private var graphCount = 0

    init() {
        lines = Array(
            repeating: Line(), count: RequestPriority.allCases.count * RequestLane.allCases.count)
    }

    /// Whether requests wait here that need a token.
    var needsToken: Bool { graphCount > 0 }

    var isEmpty: Bool { positions.isEmpty }

    /// Adds a request behind all of its priority.
    mutating func append(_ id: RequestID, _ priority: RequestPriority, _ lane: RequestLane) {
        lastPosition += 1
        note(id, lastPosition, lane)
        lines[Self.line(priority, lane)].last.append(Entry(id: id, position: lastPosition))
    }

    /// Adds a request before all of its priority: it has waited before.
    mutating func prepend(_ id: RequestID, _ priority: RequestPriority, _ lane: RequestLane) {
        firstPosition -= 1
        note(id, firstPosition, lane)
        lines[Self.line(priority, lane)].first.append(Entry(id: id, position: firstPosition))
    }

    /// Takes a request out, wherever it stands.
    mutating func remove(_ id: RequestID, _ priority: RequestPriority, _ lane: RequestLane) {
        guard positions.removeValue(forKey: id) != nil else { return }
        if lane.host == .graph { graphCount -= 1 }
        lines[Self.line(priority, lane)].noteRemoval(positions)
    }

    /// The next request of a priority in some lanes.
    mutating func first(_ priority: RequestPriority, _ lanes: [RequestLane]) -> RequestID? {
        var first: Entry?
        for lane in lanes {
            guard let entry = lines[Self.line(priority, lane)].peek(positions) else { continue }
            if first.map({ entry.position < $0.position }) ?? true { first = entry }
        }
        return first?.id
    }

    /// The next request to a host, of any priority.
    mutating func first(_ host: RequestLane.Host) -> RequestID? {
        for priority in RequestPriority.allCases.reversed() {
            if let id = first(priority, RequestLane.all(of: host)) { return id }
        }
        return nil
    }

    private mutating func note(_ id: RequestID, _ position: Position, _ lane: RequestLane) {
        positions[id] = position
        if lane.host == .graph { graphCount += 1 }
    }

    private static func line(_ priority: RequestPriority, _ lane: RequestLane) -> Int {
        priority.rawValue * RequestLane.allCases.count + lane.rawValue
    }

    private struct Entry: Hashable, Sendable {
        var id: RequestID
        var position: Position
    }

    /// One line of waiting requests.
    ///
    /// Entries of requests that have left stay until they come up, or until they are the greater
    /// part.
    private struct Line: Sendable {
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
