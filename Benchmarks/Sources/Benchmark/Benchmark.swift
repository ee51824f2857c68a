import Foundation

/// The command line of the measurements.
@main
enum Benchmark {
    static func main() {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            complain(Options.usage)
            exit(64)
        }
        if options.listsOnly {
            for mark in Mark.all {
                say("\(padded(mark.ids.joined(separator: " "), 14)) \(mark.title)")
            }
            return
        }
        let unknown = options.marks.filter { id in !Mark.all.contains { $0.ids.contains(id) } }
        guard unknown.isEmpty else {
            complain("there is no mark \(unknown.joined(separator: ", ")); --list shows all")
            exit(64)
        }
        exit(Run(options).status())
    }
}

/// Prints a line at once, to a pipe as well.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
