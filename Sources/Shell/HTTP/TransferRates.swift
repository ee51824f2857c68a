import Core
import Glibc

/// The rate limits that all transfers of one client share.
///
/// Only the client's thread touches it.
final class TransferRates {
    /// The most bytes that an upload may hand to libcurl at once.
    ///
    /// With a low limit large pieces would be paid for by pauses so long that the transfer looks
    /// stalled.
    let sendLimit: Int
    private var upload: TokenBucket?
    private var download: TokenBucket?

    init(uploadLimit: Int64?, downloadLimit: Int64?) {
        let now = Self.now()
        sendLimit = Self.pieceLimit(uploadLimit)
        upload = uploadLimit.map { TokenBucket(bytesPerSecond: $0, now: now) }
        download = downloadLimit.map { TokenBucket(bytesPerSecond: $0, now: now) }
    }

    /// A quarter of a second's bytes, within reason.
    static func pieceLimit(_ bytesPerSecond: Int64?) -> Int {
        guard let bytesPerSecond else { return 256 << 10 }
        return Int(min(max(bytesPerSecond / 4, 4 << 10), 256 << 10))
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
