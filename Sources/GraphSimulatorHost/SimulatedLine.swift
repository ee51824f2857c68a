import NIOCore
import Synchronization

/// A line that carries only so many bytes of contents a second, all connections together.
final class SimulatedLine: Sendable {
    private let bytesPerSecond: Int64
    /// When everything is through that was given to it.
    private let free = Mutex(NIODeadline.uptimeNanoseconds(0))

    /// - Parameter megabits: Millions of bits per second, at least 1.
    init(megabits: Int) { bytesPerSecond = Int64(megabits) * 125_000 }

    /// Takes the next place on the line for so many bytes; returns how long they have to wait for it.
    func reserve(_ count: Int) -> TimeAmount {
        let now = NIODeadline.now()
        return free.withLock { free in
            let begin = max(free, now)
            free = begin + .nanoseconds(Int64(count) * 1_000_000_000 / bytesPerSecond)
            return begin - now
        }
    }
}
