import ArgumentParser
import Core
import Dispatch
import Shell

/// Records what a running client and the service say to each other.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record the traffic of a running client as a HAR file, secrets removed.",
        discussion: """
            Records until Ctrl-C, or for the time that is given. Tokens, cookies, addresses that \
            grant access, e-mail addresses and names of people are replaced, bytes of files are \
            left out; names of files and folders stay. See Docs/RECORDING.md.
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "The file to make.", completion: .file(extensions: ["har"]))
    var file: String
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long, such as 30s or 5m.", valueName: "time"))
    var time: String?

    func validate() throws { _ = try time.map(Self.seconds) }

    func run() async throws {
        let configuration = try options.configuration()
        let duration = try time.map(Self.seconds)
        let path = SystemDirectory.controlSocketPath(in: configuration.systemDirectory)
        let session = try await ending { () async throws(ClientError) in
            try RecordingSession(to: file, socket: path)
        }
        Terminal.complain(
            duration == nil ? "recording to \(file); Ctrl-C ends it" : "recording to \(file)")
        let signals = Signals.onInterrupt { session.finish() }
        defer { signals.cancel() }
        if let duration {
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(duration)) {
                session.finish()
            }
        }
        let count = try await ending { () async throws(ClientError) in try session.run() }
        Terminal.complain(
            "\(count) \(count == 1 ? "request" : "requests") recorded; look through \(file) before you give it away: it holds "
                + "names of files")
    }

    private static func seconds(_ text: String) throws -> Int {
        let units = ["s": 1, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[String($0)] }
        let digits = unit == nil ? text : String(text.dropLast())
        guard let number = Int(digits), number > 0, number <= 1_000_000 else {
            throw ValidationError("--for \(text): no time; write it like 30s, 5m or 1h")
        }
        return number * (unit ?? 1)
    }
}
