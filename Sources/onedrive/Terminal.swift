import Core
import Glibc

/// What goes to the user.
enum Terminal {
    /// A line on the standard output.
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// JSON for people and programs on the standard output.
    static func say(_ json: JSONValue) {
        say(String(decoding: json.serialized(pretty: true), as: UTF8.self))
    }

    /// A line on the standard error, with the name of the program.
    static func complain(_ text: String) { write("onedrive: \(text)\n", to: STDERR_FILENO) }

    static func write(_ text: String, to descriptor: Int32) {
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

    /// Whether the standard output shows colours (no-color.org).
    static var isColored: Bool {
        let variables = Environment.variables
        return isatty(STDOUT_FILENO) == 1 && variables["NO_COLOR", default: ""].isEmpty
            && variables["TERM"] != "dumb"
    }
}
