import Core
import Glibc
import Synchronization

/// What goes to the user.
enum Terminal {
    /// Whether a line of progress stands on the screen, which goes before anything else is written.
    private static let hasProgress = Mutex(false)

    /// A line on the standard output.
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// JSON for people and programs on the standard output.
    static func say(_ json: JSONValue) {
        write(String(decoding: json.serialized(pretty: true), as: UTF8.self), to: STDOUT_FILENO)
    }

    /// A line on the standard error, with the name of the program.
    static func complain(_ text: String) { write("onedrive: \(text)\n", to: STDERR_FILENO) }

    static func write(_ text: String, to descriptor: Int32) {
        hasProgress.withLock { hasProgress in
            if hasProgress { put(eraseLine, to: STDERR_FILENO) }
            hasProgress = false
            put(text, to: descriptor)
        }
    }

    private static func put(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// A number of bytes in words: `1.5 MiB`.
    static func size(_ bytes: Int64) -> String { ByteCountText.text(bytes) }

    // MARK: Progress

    /// As ECMA-48 writes it: to the first column, and erase to the end of the line.
    private static let eraseLine = "\r\u{1B}[K"

    /// Whether the standard error is a terminal on which a line can be taken back.
    static var showsProgress: Bool {
        isatty(STDERR_FILENO) == 1 && Environment.variables["TERM"] != "dumb"
    }

    /// The width of the terminal.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    static func showProgress(_ text: String) {
        hasProgress.withLock { hasProgress in
            put(eraseLine + text, to: STDERR_FILENO)
            hasProgress = true
        }
    }

    static func clearProgress() { write("", to: STDERR_FILENO) }

    /// Whether the standard output shows colours (no-color.org).
    static var isColored: Bool {
        let variables = Environment.variables
        return isatty(STDOUT_FILENO) == 1 && variables["NO_COLOR", default: ""].isEmpty
            && variables["TERM"] != "dumb"
    }
}
