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
        discussion: """
            Stays in the foreground; SIGINT or SIGTERM unmounts and ends it, and so does closing its \
            terminal. SIGHUP has the configuration read again.
            """)

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
        let terminal = ControllingTerminal()
        if demo {
            try await Demo(directory: directory, terminal).run(isCheck: check)
            return
        }
        let configuration = try options.configuration()
        let threshold = ConsoleLog.Threshold(configuration.logLevel)
        let log = ConsoleLog.logger(threshold)
        // Signing in may wait for the network, and leaves nothing behind that had to be ended.
        let interruptions =
            [SIGINT, SIGTERM].map { number in Signals.on([number]) { Signals.die(of: number) } }
            + [Signals.on([SIGHUP], when: { terminal.endsProgram }) { Signals.die(of: SIGHUP) }]
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
        let progress = try ProgressDisplay(RunningClient(configuration), .enumeration)
        await client.untilEnd(
            of: terminal,
            reload: {
                service?.send(.reloading)
                let configuration = try? options.configuration()
                if let configuration { threshold.set(configuration.logLevel) }
                client.reload(configuration, log: log)
                service?.send(.ready)
            },
            {
                progress?.stop()
                service?.send(.stopping)
            })
        heartbeat?.stop()
        log.notice("stopped")
    }
}
