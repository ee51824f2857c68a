/// A rate limit: bytes may flow while the bucket holds any, and it fills at the allowed rate.
///
/// A chunk may take more than the bucket holds; the debt is paid by waiting. The average rate
/// is exact whatever the size of the chunks.
package struct TokenBucket: Sendable {
    /// Nanoseconds per second.
    private static let second: Int64 = 1_000_000_000
    /// The greatest rate whose products with a second stay within 64 bits, in bytes per second.
    private static let fastest: Int64 = 9_000_000_000
    /// Bytes per second, at least one.
    private let rate: Int64
    /// Bytes that may flow now; negative while a debt is paid.
    private var tokens: Int64
    /// The time up to which the bucket was filled, in nanoseconds of a monotonic clock.
    private var filledUntil: Int64

    /// Creates a full bucket, which holds a quarter of a second.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: The limit.
    ///   - now: Nanoseconds of a monotonic clock.
    package init(bytesPerSecond: Int64, now: Int64) {
        rate = min(max(bytesPerSecond, 1), Self.fastest)
        tokens = max(rate / 4, 1)
        filledUntil = now
    }

    /// Takes the bytes of one chunk, or returns false if it must wait.
    package mutating func take(_ count: Int, now: Int64) -> Bool {
        fill(now: now)
        guard tokens > 0 else { return false }
        tokens -= Int64(count)
        return true
    }

    /// Tells how many nanoseconds are left until the next chunk may flow.
    package mutating func delay(now: Int64) -> Int64 {
        fill(now: now)
        guard tokens <= 0 else { return 0 }
        return nanoseconds(for: 1 - tokens)
    }

    private mutating func fill(now: Int64) {
        let capacity = max(rate / 4, 1)
        let elapsed = now - filledUntil
        guard elapsed > 0 else { return }
        guard tokens < capacity, elapsed < nanoseconds(for: capacity - tokens) else {
            tokens = max(tokens, capacity)
            filledUntil = now
            return
        }
        let gained = elapsed / Self.second * rate + elapsed % Self.second * rate / Self.second
        tokens += gained
        // Only the time of whole bytes is used up, so that no fraction is lost.
        filledUntil += gained / rate * Self.second + gained % rate * Self.second / rate
    }

    /// The time that many bytes take, rounded up.
    private func nanoseconds(for bytes: Int64) -> Int64 {
        let (whole, overflow) = (bytes / rate).multipliedReportingOverflow(by: Self.second)
        guard !overflow else { return .max }
        let part = (bytes % rate * Self.second + rate - 1) / rate
        return whole.addingReportingOverflow(part).overflow ? .max : whole + part
    }
}
