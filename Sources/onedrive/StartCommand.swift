import ArgumentParser
import Core
import Logging
import Shell

/// Mounts the drive and keeps it in sync.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Mount the drive and sync until stopped.",
        discussion: "Stays in the foreground; SIGINT or SIGTERM unmounts and ends it.")

    @OptionGroup var options: CommonOptions
    @Flag(help: "Mount a simulated drive: no account needed.") var demo = false
    @Option(
        help: ArgumentHelp(
            "Where the demo keeps everything it makes.", valueName: "directory"))
    var directory = "./onedrive-demo"
    @Flag(help: "With --demo: try everything once without hands, and end.") var check = false

    func validate() throws {
        if check && !demo { throw ValidationError("--check goes with --demo") }
    }

    func run() async throws {
        if demo {
            try await Demo(directory: directory).run(isCheck: check)
            return
        }
        let configuration = try options.configuration()
        let log = ConsoleLog.logger(configuration.logLevel)
        let client = try await ending { () async throws(ClientError) in
            try await Client(configuration, log: log)
        }
        log.notice("mounted on \(configuration.mountDirectory)")
        await client.untilEnd()
        log.notice("stopped")
    }
}

extension Client {
    /// Runs until the program is asked to end, or somebody unmounts the drive.
    func untilEnd() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let signals = Signals.onInterrupt { continuation.yield() }
        whenUnmounted { continuation.yield() }
        for await _ in stream { break }
        signals.cancel()
        stop()
    }
}
