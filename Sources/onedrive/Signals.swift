import Dispatch
import Glibc
import Synchronization

/// Signals as something to wait for.
///
/// A signal that was caught while nobody waited for it is kept for the next who does, so that one
/// that comes while a mount is being made is not lost.
struct Signals {
    /// Tells listeners apart.
    private typealias Identity = Int

    private struct Listener {
        let identity: Identity
        let numbers: Set<Int32>
        let condition: @Sendable () -> Bool
        let handler: @Sendable () -> Void
    }

    private struct State {
        var caught: Set<Int32> = []
        var listeners: [Listener] = []
        var lastIdentity: Identity = 0
        var kept: Set<Int32> = []
        /// What the program was started with the wish to ignore, as nohup(1) has it.
        var ignored: Set<Int32> = []
        var arrivals: (any DispatchSourceRead)?
    }

    private static let state = Mutex(State())
    /// Where the handler tells of a signal; set before there is a handler.
    nonisolated(unsafe) private static var outlet: Int32 = -1

    private let identity: Identity

    /// Calls back when the program is asked to end.
    static func onInterrupt(_ handler: @escaping @Sendable () -> Void) -> Signals {
        on([SIGINT, SIGTERM], handler)
    }

    /// Calls back when one of these signals comes, or has come and was kept.
    ///
    /// - Parameters:
    ///   - numbers: The signals.
    ///   - condition: Whether one that comes is of concern; else it is kept, unless others want it.
    ///   - handler: What to do.
    /// - Returns: What ends it.
    static func on(
        _ numbers: Set<Int32>, when condition: @escaping @Sendable () -> Bool = { true },
        _ handler: @escaping @Sendable () -> Void
    ) -> Signals {
        hold(numbers)
        let (identity, wasKept) = state.withLock { state in
            state.lastIdentity += 1
            state.listeners.append(
                Listener(
                    identity: state.lastIdentity, numbers: numbers, condition: condition,
                    handler: handler))
            let wasKept = !state.kept.isDisjoint(with: numbers) && condition()
            if wasKept { state.kept.subtract(numbers) }
            return (state.lastIdentity, wasKept)
        }
        if wasKept { handler() }
        return Signals(identity: identity)
    }

    /// Catches signals from now on, and keeps those that nobody waits for.
    ///
    /// By a handler rather than by a mask: the main thread of an asynchronous program waits with
    /// no signal blocked.
    static func hold(_ numbers: Set<Int32> = [SIGINT, SIGTERM, SIGHUP]) {
        state.withLock { state in
            if state.arrivals == nil { state.arrivals = listen() }
            for number in numbers.subtracting(state.caught) {
                var action = sigaction()
                action.__sigaction_handler.sa_handler = { number in
                    // Nothing here but what signal-safety(7) allows.
                    let previous = errno
                    var byte = UInt8(truncatingIfNeeded: number)
                    _ = write(Signals.outlet, &byte, 1)
                    errno = previous
                }
                action.sa_flags = SA_RESTART
                var previous = sigaction()
                sigaction(number, &action, &previous)
                // A function cannot be compared; its address can.
                let handler = previous.__sigaction_handler.sa_handler
                if unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                    state.ignored.insert(number)
                }
                state.caught.insert(number)
            }
        }
    }

    /// Whether the program was started with this signal ignored.
    static func wasIgnored(_ number: Int32) -> Bool {
        state.withLock { $0.ignored.contains(number) }
    }

    /// Ends the program by a signal, as if it had never been caught.
    static func die(of number: Int32) -> Never {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = SIG_DFL
        sigaction(number, &action, nil)
        raise(number)
        exit(128 + number)
    }

    func cancel() {
        Self.state.withLock { state in state.listeners.removeAll { $0.identity == identity } }
    }

    /// Returns when the program is asked to end.
    static func untilInterrupted() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let signals = onInterrupt { continuation.yield() }
        for await _ in stream { break }
        signals.cancel()
    }

    /// Makes the pipe between the handler and the listeners.
    private static func listen() -> any DispatchSourceRead {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            fatalError("no pipe for signals: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        outlet = ends[1]
        let inlet = ends[0]
        let source = DispatchSource.makeReadSource(fileDescriptor: inlet, queue: .global())
        source.setEventHandler {
            var byte: UInt8 = 0
            while read(inlet, &byte, 1) == 1 { deliver(Int32(byte)) }
        }
        source.resume()
        return source
    }

    private static func deliver(_ number: Int32) {
        let handlers = state.withLock { state in
            let concerned = state.listeners.filter { $0.numbers.contains(number) && $0.condition() }
            if concerned.isEmpty { state.kept.insert(number) }
            return concerned.map(\.handler)
        }
        for handler in handlers { handler() }
    }
}
