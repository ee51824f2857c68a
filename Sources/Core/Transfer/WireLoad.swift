/// How many requests there are, and how many more may go on the wire, of each host.
///
/// Graph and the hosts of content have bounds of their own: what one of them is busy with says
/// nothing of the other, and a file that goes up or comes down needs both in turn.
struct WireLoad: Hashable, Sendable {
    /// How many upload sessions there may be for each request that the hosts of content may get at
    /// once: while one file goes up, the session of the next is opened, and no more.
    ///
    /// A session ends some minutes after its last fragment, so none should wait for its turn long.
    private static let sessionsAhead = 2

    /// Requests without an outcome, by lane.
    private var known = [Int](repeating: 0, count: RequestLane.allCases.count)
    /// Those of them that are on the wire.
    private var sent = [Int](repeating: 0, count: RequestLane.allCases.count)
    /// By host.
    private var limits: [ConcurrencyLimit]

    /// - Parameter most: The most requests that one host gets at once.
    init(most: Int) {
        limits = RequestLane.Host.allCases.map { _ in ConcurrencyLimit(most: most) }
    }

    /// How many requests are on the wire.
    var sentCount: Int { sent.reduce(0, +) }

    /// Whether the host may get another request, with so many beyond what it may have else.
    func hasRoom(_ host: RequestLane.Host, reserve: Int) -> Bool {
        sentCount(host) < limits[host.rawValue].current + reserve
    }

    /// Whether another upload session may be opened.
    ///
    /// Only uploads count, so that downloads, however many, hold up none.
    var mayOpenSession: Bool {
        let sessions = sent[RequestLane.opening.rawValue] + known[RequestLane.upload.rawValue]
        return sessions < limits[RequestLane.Host.content.rawValue].current * Self.sessionsAhead
    }

    // MARK: What happens

    mutating func noteSubmission(_ lane: RequestLane) { known[lane.rawValue] += 1 }

    /// A request has its outcome, or is not wanted any more; it is not on the wire.
    mutating func noteEnd(_ lane: RequestLane) { known[lane.rawValue] -= 1 }

    mutating func noteSending(_ lane: RequestLane) {
        sent[lane.rawValue] += 1
        limits[lane.host.rawValue].noteSending(onTheWire: sentCount(lane.host))
    }

    /// A request has come back from the wire, or was stopped on it.
    mutating func noteReturn(_ lane: RequestLane) { sent[lane.rawValue] -= 1 }

    /// A request was answered well; see ``ConcurrencyLimit/noteAnswer(after:)``.
    mutating func noteAnswer(_ lane: RequestLane, after duration: Int64?) {
        limits[lane.host.rawValue].noteAnswer(after: duration)
    }

    /// The host that answers such requests has asked for rest.
    mutating func noteThrottling(_ lane: RequestLane) {
        limits[lane.host.rawValue].noteThrottling()
    }

    private func sentCount(_ host: RequestLane.Host) -> Int {
        RequestLane.allCases.reduce(0) { $0 + ($1.host == host ? sent[$1.rawValue] : 0) }
    }
}
