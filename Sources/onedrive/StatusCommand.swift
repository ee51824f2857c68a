import ArgumentParser
import Core
import Shell

/// What a running client is doing.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is syncing, what waits and why.")

    @OptionGroup var options: CommonOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let status = try RunningClient(options.configuration()).ask(.status)
        if json {
            Terminal.say(status)
        } else {
            for line in StatusText.lines(status) { Terminal.say(line) }
        }
    }
}

/// Has a running client look for changes.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Look for changes now and send what waits.")

    @OptionGroup var options: CommonOptions
    @Flag(help: "Return when both sides agree.") var wait = false
    @OptionGroup var output: AnswerOptions

    func run() async throws {
        let client = try RunningClient(options.configuration())
        guard wait else { return try client.order(.synchronize(waits: false), output) }
        let answer = try client.wait(for: .synchronize(waits: true), .agreement)
        if output.json { Terminal.say(answer) }
        if let error = answer["error"]?.string {
            Terminal.complain(error)
            throw ExitStatus.unavailable.code
        }
        let lines = WaitingText.lines(answer)
        guard !lines.isEmpty, !output.json else { return }
        Terminal.complain("done, but for what waits:")
        for line in lines { Terminal.complain(line) }
    }
}

/// Lets the deletions of a suspended plan happen.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Allow the deletions that delete_guard holds back.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try RunningClient(options.configuration()).order(.approve, answer)
    }
}

/// Stops syncing for a while.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop syncing until 'onedrive resume'. The mount goes on working.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws { try RunningClient(options.configuration()).order(.pause, answer) }
}

/// Goes on syncing.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on syncing after 'onedrive pause'.")

    @OptionGroup var options: CommonOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws { try RunningClient(options.configuration()).order(.resume, answer) }
}
