import Core

/// The limit on the requests of one account, counted minute by minute.
package struct ThrottleGate: Hashable, Sendable {
    /// Seconds since 1970 at which the minute began.
    private var minute: Int64 = 0
    fileprivate var count = 0
    private var refused: Refusal?
    /// Requests that came although the service had asked to be left alone.
    package private(set) var violations = 0
    /// How many requests were refused.
    package private(set) var refusals = 0

    /// Requests that were under way when the first one was refused are no offence.
    private static let grace: Int64 = 1_000

    /// When the last refusal was given, and until when it holds.
    private struct Refusal: Hashable, Sendable {
        let at: Timestamp
        let until: Timestamp
    }

    /// Counts a request; returns until when to stay away, if it is refused.
    mutating func take(limit: Int, now: Timestamp) -> Timestamp? {
        if let refused, now < refused.until {
            if now > refused.at.adding(milliseconds: Self.grace) { violations += 1 }
            refusals += 1
            return refused.until
        }
        refused = nil
        if now.wholeSeconds >= minute + 60 {
            minute = now.wholeSeconds
            count = 0
        }
        count += 1
        guard count > limit else { return nil }
        let until = Timestamp(seconds: minute + 60)
        refused = Refusal(at: now, until: until)
        refusals += 1
        return until
    }

    /// Seconds until the minute is over.
    func reset(now: Timestamp) -> Int64 { max(0, minute + 60 - now.wholeSeconds) }
}

extension GraphService {
    /// The answer to a request that is one too many.
    mutating func refusal(_ target: RequestTarget, now: Timestamp) -> SimulatedResponse? {
        guard let limit = quirks.requestsPerMinute, target.isGraph,
            let until = gate.take(limit: limit, now: now)
        else { return nil }
        let nanoseconds = until.nanoseconds - now.nanoseconds
        let seconds = (nanoseconds + 999_999_999) / 1_000_000_000
        let headers: [HTTPHeader] =
            switch quirks.retryAfter {
            case .seconds: [HTTPHeader("Retry-After", String(seconds))]
            case .fraction: [HTTPHeader("Retry-After", "\(seconds).128")]
            case .date:
                [
                    HTTPHeader("Date", HTTPDateText.text(now)),
                    HTTPHeader("Retry-After", HTTPDateText.text(now.adding(seconds: seconds + 1))),
                ]
            case .absent: []
            }
        return GraphFailure(
            429, "activityLimitReached", inner: "throttledRequest",
            "The request has been throttled.", headers: headers
        ).response(requestID: requestID(), now: now)
    }

    /// What the service says of the limit once most of it is used.
    func rateHeaders(_ target: RequestTarget, now: Timestamp) -> [HTTPHeader] {
        guard let limit = quirks.requestsPerMinute, target.isGraph, gate.count * 5 >= limit * 4
        else { return [] }
        return [
            HTTPHeader("RateLimit-Limit", String(limit)),
            HTTPHeader("RateLimit-Remaining", String(max(0, limit - gate.count))),
            HTTPHeader("RateLimit-Reset", String(gate.reset(now: now))),
        ]
    }
}

extension RequestTarget {
    /// Whether a request goes to Graph proper.
    fileprivate var isGraph: Bool { segments.first == "v1.0" || segments.first == "beta" }
}

/// Dates as HTTP writes them (RFC 9110, section 5.6.7).
enum HTTPDateText {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    static func text(_ time: Timestamp) -> String {
        // `2026-01-02T03:04:05Z`
        let parts = time.truncatedToSecond.rfc3339.split { "-T:Z".contains($0) }
        let day = Int(time.wholeSeconds / 86_400 % 7)
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(days[day]), \(parts[2]) \(month) \(parts[0]) "
            + "\(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}
