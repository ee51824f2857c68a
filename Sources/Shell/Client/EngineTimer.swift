import Core
import Dispatch
import Synchronization

/// The one timer of the client.
///
/// It fires at the earliest time that was asked for.
final class EngineTimer: Sendable {
    private struct State {
        var due: Timestamp?
        var source: (any DispatchSourceTimer)?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "onedrive.timer")

    /// Calls `fire` at that time, unless an earlier time is set already.
    func set(_ time: Timestamp, fire: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if let due = state.due, due <= time { return }
            state.due = time
            state.source?.cancel()
            let delay = max(0, time.nanoseconds - Clock.now.nanoseconds)
            let source = DispatchSource.makeTimerSource(queue: queue)
            source.schedule(
                deadline: .now() + .nanoseconds(Int(min(delay, Self.longestDelay))),
                leeway: .milliseconds(1))
            source.setEventHandler { [self] in
                self.state.withLock { state in
                    state.due = nil
                    state.source = nil
                }
                fire()
            }
            state.source = source
            source.resume()
        }
    }

    func stop() {
        state.withLock { state in
            state.source?.cancel()
            state = State()
            // Nothing is earlier than this: no later call sets a timer.
            state.due = Timestamp(seconds: 0)
        }
    }

    /// In nanoseconds.
    ///
    /// The clock may be set meanwhile, so no delay is trusted for longer.
    private static let longestDelay: Int64 = 60 * 1_000_000_000
}
