import Logging
import Synchronization

/// Keeps what a client logs, at every level.
final class LogCapture: Sendable {
    private let text = Mutex("")

    var lines: String { text.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { [self] _ in Handler(capture: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            capture.text.withLock { $0 += "\(event.message)\n" }
        }
    }
}
