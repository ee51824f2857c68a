import Dispatch
import Glibc

/// Signals as something to wait for.
struct Signals {
    private let sources: [any DispatchSourceSignal]

    /// Calls back when the program is asked to end.
    static func onInterrupt(_ handler: @escaping @Sendable () -> Void) -> Signals {
        on([SIGINT, SIGTERM], handler)
    }

    /// Calls back when one of these signals comes.
    static func on(_ numbers: [Int32], _ handler: @escaping @Sendable () -> Void) -> Signals {
        let sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
        return Signals(sources: sources)
    }

    /// Keeps signals back until somebody asks for them with ``on(_:_:)``.
    ///
    /// To be called on the main thread before there are others, which inherit it: the kernel
    /// hands a signal for the process to any thread that does not block it, and drops one that is
    /// merely ignored.
    @MainActor
    static func hold(_ numbers: [Int32] = [SIGINT, SIGTERM, SIGHUP]) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    func cancel() {
        for source in sources { source.cancel() }
    }

    /// Returns when the program is asked to end.
    static func untilInterrupted() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let signals = onInterrupt { continuation.yield() }
        for await _ in stream { break }
        signals.cancel()
    }
}
