import ArgumentParser
import Core
import Glibc
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
    @Option(
        help: ArgumentHelp(
            "Only say what is known of a path, which rule applies, and what follows.",
            valueName: "path"))
    var explain: String?

    func validate() throws {
        guard dryRun else {
            throw ValidationError(
                "say --dry-run; 'onedrive sync' has a running client do what is planned")
        }
    }

    func run() async throws {
        let configuration = try options.configuration()
        let log = ConsoleLog.logger(configuration.logLevel)
        if let explain {
            try await self.explain(explain, configuration, Preview(configuration, log: log))
            return
        }
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

    /// A running client is asked, since it knows what programs do at the moment.
    private func explain(
        _ argument: String, _ configuration: Configuration, _ preview: Preview
    ) async throws {
        let path = try names(argument, configuration)
        let explanation: JSONValue
        if let answer = try RunningClient(configuration).askIfRunning(.explain(path)) {
            explanation = answer
        } else {
            explanation = try await ending { () async throws(ClientError) in
                try await preview.explanation(of: path)
            }.json
        }
        if let error = explanation["error"]?.string {
            Terminal.complain(error)
            throw ExitStatus.unavailable.code
        }
        if json {
            Terminal.say(explanation)
        } else {
            for line in ExplanationText.lines(explanation) { Terminal.say(line) }
        }
        let nodes = explanation["nodes"]?.array ?? []
        if nodes.isEmpty { throw ExitStatus.failure.code }
        let isActive = nodes.contains { node in
            node["actions"]?.array?.isEmpty == false || node["deleted_with"]?.string != nil
        }
        if isActive { throw ExitStatus.somethingToDo.code }
    }

    private func names(_ argument: String, _ configuration: Configuration) throws -> [Name] {
        let working = getcwd(nil, 0)
        defer { free(working) }
        let names = DrivePath.names(
            argument, mountDirectory: configuration.mountDirectory,
            workingDirectory: working.map { String(cString: $0) } ?? "/")
        guard let names else {
            Terminal.complain("--explain \(argument): not a path of the drive")
            throw ExitStatus.failure.code
        }
        return names
    }
}
