import Core
import Glibc

/// The rate limits that all transfers of one client share.
///
/// Only the client's thread touches it.
final class TransferRates {
    private var upload: TokenBucket?
    private var download: TokenBucket?

    init(uploadLimit: Int64?, downloadLimit: Int64?) {
        let now = Self.now()
        upload = uploadLimit.map { TokenBucket(bytesPerSecond: $0, now: now) }
        download = downloadLimit.map { TokenBucket(bytesPerSecond: $0, now: now) }
    }

    func maySend(_ count: Int) -> Bool {
        upload?.take(count, now: Self.now()) ?? true
    }

    func mayReceive(_ count: Int) -> Bool {
        download?.take(count, now: Self.now()) ?? true
    }

    /// Nanoseconds until a transfer that waits may try again.
    func delay(sending: Bool, receiving: Bool) -> Int64 {
        let now = Self.now()
        return min(
            sending ? upload?.delay(now: now) ?? 0 : .max,
            receiving ? download?.delay(now: now) ?? 0 : .max)
    }

    /// Nanoseconds of the clock that nobody sets.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
