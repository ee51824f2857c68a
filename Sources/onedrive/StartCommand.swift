import ArgumentParser
import Core
import Glibc
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
            "Where the demo keeps everything it makes.", valueName: "directory"),
        completion: .directory)
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
        let threshold = ConsoleLog.Threshold(configuration.logLevel)
        let log = ConsoleLog.logger(threshold)
        // Signing in may wait for the network, and leaves nothing behind that had to be ended.
        let interruptions = [SIGINT, SIGTERM].map { number in
            Signals.on([number]) { Signals.die(of: number) }
        }
        let client = try await ending { () async throws(ClientError) in
            try await Client(
                configuration, desktop: DesktopNotifier(variables: Environment.variables), log: log
            ) {
                for interruption in interruptions { interruption.cancel() }
            }
        }
        log.notice("mounted on \(configuration.mountDirectory)")
        let service = ServiceSocket(variables: Environment.variables)
        service?.send(.ready)
        let heartbeat = service.flatMap { Heartbeat(client, on: $0) }
        let reloads = Signals.on([SIGHUP]) {
            service?.send(.reloading)
            reload(client, threshold, log)
            service?.send(.ready)
        }
        let progress = try ProgressDisplay(RunningClient(configuration), .enumeration)
        await client.untilEnd {
            progress?.stop()
            service?.send(.stopping)
        }
        reloads.cancel()
        heartbeat?.stop()
        log.notice("stopped")
    }

    /// Reads the configuration file again; a mistake in it leaves everything as it is.
    private func reload(_ client: Client, _ threshold: ConsoleLog.Threshold, _ log: Logger) {
        guard let configuration = try? options.configuration() else {
            log.error("the configuration stays as it was")
            return
        }
        threshold.set(configuration.logLevel)
        let keys = client.reload(configuration).map(\.rawValue).joined(separator: ", ")
        log.notice("configuration read again")
        if !keys.isEmpty { log.warning("at the next start only: \(keys)") }
    }
}

extension Client {
    /// Runs until the program is asked to end, or somebody unmounts the drive.
    ///
    /// - Parameter ending: What to do before unmounting.
    func untilEnd(_ ending: () -> Void = {}) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let signals = Signals.onInterrupt { continuation.yield() }
        whenUnmounted { continuation.yield() }
        for await _ in stream { break }
        signals.cancel()
        ending()
        stop()
    }
}
