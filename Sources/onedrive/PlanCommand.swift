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
            With --dry-run nothing is changed: neither files nor state, and nothing but GET is \
            asked of the drive; it works beside a running client and without one, and ends with \
            status 0 if there is nothing to do and 2 if there is something. Without it the plan is \
            shown, and when you agree it is done once: by the running client, or without one and \
            without a mount.
            """)

    @OptionGroup var options: CommonOptions
    @Flag(help: "Only show.") var dryRun = false
    @Flag(help: "Carry the plan out without asking.") var yes = false
    @Flag(help: "Print JSON.") var json = false
    @Option(
        help: ArgumentHelp(
            "Only say what is known of a path, which rule applies, and what follows.",
            valueName: "path"),
        completion: .file())
    var explain: String?

    @Option(
        help: ArgumentHelp(
            "Ask a recording (HAR) instead of the service: no network, nothing written.",
            valueName: "file"),
        completion: .file(extensions: ["har"]))
    var fixture: String?
    @Option(
        help: ArgumentHelp(
            "With --fixture: the system_directory as it was before the recording.",
            valueName: "directory"),
        completion: .directory)
    var state: String?
    @Flag(help: "Show long lists whole.") var all = false

    func validate() throws {
        if state != nil && fixture == nil {
            throw ValidationError("--state goes with --fixture")
        }
        if explain != nil && fixture != nil {
            throw ValidationError("--explain asks the drive, not a recording")
        }
        if !dryRun, fixture != nil || explain != nil {
            throw ValidationError("--fixture and --explain only show: say --dry-run")
        }
        if dryRun, yes { throw ValidationError("--dry-run and --yes exclude each other") }
        if !dryRun, json, !yes {
            throw ValidationError("--json asks nobody: add --yes, or --dry-run")
        }
    }

    func run() async throws {
        if let fixture {
            _ = try show(await report(of: fixture), toAgree: false, isClientRunning: false)
            return
        }
        let configuration = try options.configuration()
        let log = ConsoleLog.logger(configuration.logLevel)
        if let explain {
            try await self.explain(explain, configuration, Preview(configuration, log: log))
            return
        }
        let client = try RunningClient(configuration)
        // A running client is asked, since it knows what programs do at the moment.
        guard let answer = try client.askIfRunning(.plan) else {
            let report = try await ending { () async throws(ClientError) in
                try await Preview(configuration, log: log).report()
            }
            guard try show(report, toAgree: !dryRun, isClientRunning: false) else { return }
            let once = try await ending { () async throws(ClientError) in
                try await Client(configuration, isMounted: false, log: log)
            }
            defer { once.stop() }
            try carryOut(client)
            return
        }
        guard let report = PlanReport(answer) else {
            Terminal.complain(
                answer["error"]?.string
                    ?? "the running client is of another version: stop it, and start it again")
            throw ExitStatus.unavailable.code
        }
        if try show(report, toAgree: !dryRun, isClientRunning: true) { try carryOut(client) }
    }

    /// Shows a plan; returns whether it is to be carried out.
    private func show(
        _ report: PlanReport, toAgree isQuestion: Bool, isClientRunning: Bool
    ) throws -> Bool {
        show(report)
        guard !report.isEmpty else { return false }
        guard isQuestion else { throw ExitStatus.somethingToDo.code }
        if yes { return true }
        // Nobody need agree to nothing: only deletions are left, and `approve` is for them.
        guard !report.entries.isEmpty else { throw ExitStatus.somethingToDo.code }
        guard isatty(STDIN_FILENO) == 1 else {
            Terminal.complain("nobody can be asked here: add --yes, or --dry-run")
            throw ExitStatus.failure.code
        }
        Terminal.write("Carry this out? [y/N] ", to: STDOUT_FILENO)
        let line = readLine()
        // The end of the input leaves the cursor behind the question.
        if line == nil { Terminal.say("") }
        if let line, ["y", "yes"].contains(line.lowercased()) { return true }
        Terminal.say(isClientRunning ? Self.stillRunning : "Nothing was done.")
        throw ExitStatus.somethingToDo.code
    }

    /// Whoever says no must not think that nothing will happen.
    private static let stillRunning =
        "Nothing was done now. The running client goes on by itself; 'onedrive pause' stops it."

    /// Has it done once, and says what is left.
    private func carryOut(_ client: RunningClient) throws {
        let answer = try client.wait(for: .synchronize(waits: true), .agreement)
        if let error = answer["error"]?.string {
            Terminal.complain(error)
            throw ExitStatus.unavailable.code
        }
        let lines = WaitingText.lines(answer)
        Terminal.complain(lines.isEmpty ? "done: both sides agree" : "done, but for what waits:")
        for line in lines { Terminal.complain(line) }
    }

    private func show(_ report: PlanReport) {
        if json {
            Terminal.say(report.json)
        } else {
            let page = PlanPage(report, isColored: Terminal.isColored, showsAll: all)
            for line in page.lines { Terminal.say(line) }
        }
    }

    /// Without a configuration file the defaults count, so that a recording gives the same plan
    /// everywhere.
    private func report(of fixture: String) async throws -> PlanReport {
        let configuration =
            options.configurationPath == nil
            ? Configuration(clientID: "", systemDirectory: "/", mountDirectory: "/")
            : try options.configuration()
        var engine = EngineConfiguration(configuration)
        if options.configurationPath == nil { engine.host = "this device" }
        return try await ending { () async throws(ClientError) in
            try FixturePreview(fixture, stateDirectory: state, configuration: engine).report()
        }
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
