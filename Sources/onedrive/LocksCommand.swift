import ArgumentParser
import Core
import Shell

/// Who locks what, and what waits because of it.
struct LocksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "locks",
        abstract: "List the locks of programs on the mount, and what waits because of locks.")

    @OptionGroup var options: CommonOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let answer = try RunningClient(options.configuration()).ask(.locks)
        if json {
            Terminal.say(answer)
        } else {
            for section in LockText.sections(answer) {
                Terminal.say(section.title)
                for line in Shortened.lines(section.lines) { Terminal.say(line) }
            }
        }
    }
}
