import Core
import Glibc
import Logging
import Shell

extension Client {
    /// Runs until the program is asked to end, somebody unmounts the drive, or its terminal is closed.
    ///
    /// SIGHUP from elsewhere has the configuration read again.
    ///
    /// - Parameters:
    ///   - terminal: What it was started from.
    ///   - reload: Reads the configuration again.
    ///   - ending: What to do before unmounting.
    func untilEnd(
        of terminal: ControllingTerminal, reload: @escaping @Sendable () -> Void,
        _ ending: () -> Void = {}
    ) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let interruptions = Signals.onInterrupt { continuation.yield() }
        let hangups = Signals.on([SIGHUP]) {
            if terminal.endsProgram {
                continuation.yield()
            } else {
                reload()
            }
        }
        whenUnmounted { continuation.yield() }
        for await _ in stream { break }
        interruptions.cancel()
        hangups.cancel()
        ending()
        stop()
    }

    /// Goes on with what the configuration file says now; nil, for a mistake in it, leaves everything
    /// as it is.
    func reload(_ configuration: Configuration?, log: Logger) {
        guard let configuration else {
            log.error("the configuration stays as it was")
            return
        }
        let keys = reload(configuration).map(\.rawValue).joined(separator: ", ")
        log.notice("configuration read again")
        if !keys.isEmpty { log.warning("at the next start only: \(keys)") }
    }
}
