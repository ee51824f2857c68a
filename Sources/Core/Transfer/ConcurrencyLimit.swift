/// How many requests may be on the wire at once: more while that pays, fewer while the service
/// suffers.
///
/// Half as many are left each time the service asks for rest, and three quarters when small requests
/// take much longer than they did: then more at once only wait longer. Each time as many as are
/// allowed have been answered well, and all places were taken, one more is allowed, up to what the
/// user allows.
struct ConcurrencyLimit: Hashable, Sendable {
    /// What the user allows.
    let most: Int
    /// What is allowed at present.
    private(set) var current: Int

    /// How long a small request takes at best, in nanoseconds; nil before the first.
    ///
    /// It is forgotten slowly, since ways to the service change.
    private var best: Int64?
    /// How long small requests took of late, in nanoseconds.
    private var recent: Int64 = 0
    private var answers = 0
    private var wasFull = false

    /// Differences below this say nothing, in nanoseconds.
    private static let noise: Int64 = 100_000_000

    init(most: Int) {
        self.most = most
        current = most
    }

    /// The service has asked for rest.
    mutating func noteThrottling() {
        current = max(current / 2, 1)
        beginAnew()
    }

    /// A request has been sent, and so many are on the wire with it.
    mutating func noteSending(onTheWire count: Int) {
        if count >= current { wasFull = true }
    }

    /// A request was answered well.
    ///
    /// - Parameter duration: How long a small request took, in nanoseconds; nil for others, whose time
    ///   follows from what they carry.
    mutating func noteAnswer(after duration: Int64?) {
        if let duration { note(duration) }
        answers += 1
        guard answers >= current else { return }
        if isSlow {
            current = max(current - max(current / 4, 1), min(most, 2))
        } else if wasFull {
            current = min(current + 1, most)
        }
        beginAnew()
    }

    /// Whether small requests take much longer than they could.
    private var isSlow: Bool {
        guard let best else { return false }
        return recent > best.advanced(saturatingBy: best).advanced(saturatingBy: Self.noise)
    }

    private mutating func note(_ duration: Int64) {
        let duration = min(max(duration, 0), 600_000_000_000)
        guard let best else {
            self.best = duration
            recent = duration
            return
        }
        self.best = min(best + best / 256 + 1, duration)
        recent += (duration - recent) / 8
    }

    private mutating func beginAnew() {
        answers = 0
        wasFull = false
    }
}
