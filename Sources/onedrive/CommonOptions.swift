import ArgumentParser
import Core
import Glibc
import Shell

/// What all commands need to know.
struct CommonOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("config")],
        help: ArgumentHelp("The configuration file.", valueName: "file"),
        completion: .file(extensions: ["yml", "yaml"]))
    var configurationPath: String?

    /// The configuration, or the end of the program with one message about each thing wrong with it.
    func configuration() throws -> Configuration {
        let variables = Environment.variables
        let path = configurationPath ?? ConfigurationFile.standardPath(environment: variables)
        do throws(ConfigurationFileFailure) {
            let file = try ConfigurationFile(
                path: path, environment: .current(variables: variables))
            for warning in file.warnings { Terminal.complain("warning: \(warning)") }
            return file.configuration
        } catch {
            for line in error.lines { Terminal.complain(line) }
            throw ExitStatus.configuration.code
        }
    }

    /// The option that stands before the command is moved behind it, where the parser looks for it.
    static func movedBehindCommand(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let first = rest.first {
            if first == "-c" || first == "--config" {
                guard rest.count >= 2 else { break }
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if first.hasPrefix("--config=") || first.hasPrefix("-c=") {
                moved.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard let command = rest.first, !command.hasPrefix("-") else { return arguments }
        return [command] + moved + rest.dropFirst()
    }
}

/// How a command answers.
struct AnswerOptions: ParsableArguments {
    @Flag(help: "Print JSON.") var json = false
}
