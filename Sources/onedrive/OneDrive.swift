import ArgumentParser

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
        version: Version.text,
        subcommands: [
            StartCommand.self, PlanCommand.self, SyncCommand.self, StatusCommand.self,
            ApproveCommand.self, ConflictsCommand.self, PauseCommand.self, ResumeCommand.self,
            PinCommand.self, UnpinCommand.self, FreeCommand.self,
            LoginCommand.self, LogoutCommand.self, SimulateCommand.self,
        ])

    @OptionGroup var options: CommonOptions

    static func main() async {
        await main(CommonOptions.movedBehindCommand(Array(CommandLine.arguments.dropFirst())))
    }
}

enum Version {
    static let text = "0.1.0"
}
