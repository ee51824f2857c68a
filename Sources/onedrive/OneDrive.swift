import ArgumentParser
import Shell

/// The command line.
@main
struct OneDrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "onedrive",
        abstract: "OneDrive as a file system: mounted at once, synced by itself.",
        discussion: """
            -c FILE goes before the command and names the configuration file; without it, \
            $XDG_CONFIG_HOME/onedrive/config.yml is read.
            """,
        version: Release.version,
        subcommands: [
            StartCommand.self, PlanCommand.self, RecordCommand.self, LocksCommand.self,
            SyncCommand.self, StatusCommand.self,
            ApproveCommand.self, ConflictsCommand.self, PauseCommand.self, ResumeCommand.self,
            PinCommand.self, UnpinCommand.self, FreeCommand.self, ThumbnailsCommand.self,
            LoginCommand.self, LogoutCommand.self, SimulateCommand.self,
        ])

    @OptionGroup var options: CommonOptions

    static func main() async {
        StandardStreams.open()
        let arguments = CommonOptions.movedBehindCommand(
            Array(CommandLine.arguments.dropFirst()))
        let runsOn = [StartCommand.configuration, SimulateCommand.configuration]
            .contains { $0.commandName == arguments.first }
        // From the first moment: a mount that is just being made must be taken away, too.
        if runsOn { Signals.hold() }
        await main(arguments)
    }
}
