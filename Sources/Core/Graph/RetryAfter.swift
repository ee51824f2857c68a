/// How long the service asks its clients to stay away.
package enum RetryAfter: Hashable, Sendable {
    /// For so many nanoseconds, at least 0.
    case delay(nanoseconds: Int64)
    /// Until a moment by the clock of the service.
    case moment(Timestamp)

    /// Takes the wish from an answer; nil if it has none that can be understood.
    ///
    /// `Retry-After` holds whole seconds, a fraction, or a date; a date counts from the answer's
    /// own `Date`, so that a wrong clock here does no harm. `RateLimit-Reset` may ask for more.
    package init?(_ response: HTTPResponse) {
        let reset = response.header("RateLimit-Reset").flatMap(Self.nanoseconds)
        guard let text = response.header("Retry-After") else {
            guard let reset else { return nil }
            self = .delay(nanoseconds: reset)
            return
        }
        if let delay = Self.nanoseconds(text) {
            self = .delay(nanoseconds: max(delay, reset ?? 0))
        } else if let moment = HTTPDate.moment(text) {
            guard let sent = response.header("Date").flatMap(HTTPDate.moment) else {
                self = .moment(moment)
                return
            }
            self = .delay(nanoseconds: max(moment.nanoseconds(since: sent), reset ?? 0, 0))
        } else {
            guard let reset else { return nil }
            self = .delay(nanoseconds: reset)
        }
    }

    /// The time to wait from now on, in nanoseconds, at least 0.
    package func nanoseconds(from now: Timestamp) -> Int64 {
        switch self {
        case .delay(let nanoseconds): return nanoseconds
        case .moment(let moment): return max(moment.nanoseconds(since: now), 0)
        }
    }

    /// Seconds with or without a fraction, such as `120` and `2.128`, as nanoseconds; no more than
    /// there is room for.
    private static func nanoseconds(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty,
            parts.allSatisfy({ part in
                part.utf8.allSatisfy(\.isDigit)
            })
        else { return nil }
        let seconds = Int64(whole) ?? .max
        var fraction: Int64 = 0
        var place: Int64 = 100_000_000
        for digit in parts.dropFirst().first?.utf8.prefix(9) ?? "".utf8[...] {
            fraction += Int64(digit - 0x30) * place
            place /= 10
        }
        return Timestamp(seconds: seconds, nanoseconds: fraction).nanoseconds
    }
}

/// The dates of HTTP header fields.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the form that senders must use, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section
    /// 5.6.7); the weekday is not checked.
    static func moment(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", parts[1].count == 2,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
