import Dispatch
import Glibc

/// SIGINT and SIGTERM as something to wait for.
struct Signals {
    private let sources: [any DispatchSourceSignal]

    /// Calls back when the program is asked to end.
    static func onInterrupt(_ handler: @escaping @Sendable () -> Void) -> Signals {
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
        return Signals(sources: sources)
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
