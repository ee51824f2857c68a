import Core
import Glibc
import Logging
import Synchronization

/// Writes log lines to the standard error, with the level names of the configuration; under systemd
/// with the priorities that its journal understands, and without the time, which it notes itself.
struct ConsoleLog: LogHandler {
    var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }
    var metadata: Logger.Metadata = [:]
    private let isJournal = Environment.variables["JOURNAL_STREAM"] != nil

    private let threshold: Threshold

    /// How much is told; it may change while the program runs.
    final class Threshold: Sendable {
        private let storage: Mutex<Logger.Level>

        init(_ level: LogLevel) { storage = Mutex(level.loggerLevel) }

        var level: Logger.Level {
            get { storage.withLock { $0 } }
            set { storage.withLock { $0 = newValue } }
        }

        func set(_ level: LogLevel) { self.level = level.loggerLevel }
    }

    init(_ threshold: Threshold) { self.threshold = threshold }

    static func logger(_ threshold: Threshold) -> Logger {
        Logger(label: "onedrive") { _ in ConsoleLog(threshold) }
    }

    static func logger(_ level: LogLevel) -> Logger { logger(Threshold(level)) }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // Names come from elsewhere: none of them may look like another line.
        let text = PrintableText.line(event.message.description)
        if isJournal {
            Terminal.write("<\(event.level.priority)>\(text)\n", to: STDERR_FILENO)
        } else {
            Terminal.write(
                "\(Self.time()) \(event.level.name) \(text)\n", to: STDERR_FILENO)
        }
    }

    private static func time() -> String {
        var now = time_t()
        Glibc.time(&now)
        var parts = tm()
        localtime_r(&now, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

extension LogLevel {
    fileprivate var loggerLevel: Logger.Level {
        switch self {
        case .critical: .critical
        case .error: .error
        case .warning: .warning
        case .notice: .notice
        case .info: .info
        case .debug: .debug
        case .trace: .trace
        }
    }
}

extension Logger.Level {
    fileprivate var name: String { rawValue.uppercased() }

    /// As `syslog(3)` numbers them.
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
