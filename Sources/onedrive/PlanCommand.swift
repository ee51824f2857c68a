import ArgumentParser
import Core
import Shell

/// Says what would be done, and why.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be synced, and why.",
        discussion: """
            Works beside a running client and without one. Nothing is changed: neither files nor \
            state, and nothing but GET is asked of the drive. Ends with status 0 if there is \
            nothing to do, and with 2 if there is something.
            """)

    @OptionGroup var options: CommonOptions
    @Flag(help: "Only show; the plan is never carried out by this command.") var dryRun = false
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard dryRun else {
            throw ValidationError(
                "say --dry-run; 'onedrive sync' has a running client do what is planned")
        }
    }

    func run() async throws {
        let configuration = try options.configuration()
        let log = ConsoleLog.logger(configuration.logLevel)
        let report = try await ending { () async throws(ClientError) in
            try await Preview(configuration, log: log).report()
        }
        if json {
            Terminal.say(report.json)
        } else {
            for line in PlanLines.lines(report) { Terminal.say(line) }
        }
        if !report.isEmpty { throw ExitStatus.somethingToDo.code }
    }
}
