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
            for line in Self.lines(answer) { Terminal.say(line) }
        }
    }

    private static func lines(_ answer: JSONValue) -> [String] {
        let locks = answer["locks"]?.array ?? []
        var lines = locks.isEmpty ? ["No locks."] : ["locks:"]
        lines += Shortened.lines(locks.map(line))
        lines += section("waits because of them", answer["deferred"])
        lines += section("locked in the cloud", answer["remote"])
        return lines
    }

    private static func line(_ entry: JSONValue) -> String {
        let text = { (key: String) in entry[key]?.string ?? "" }
        var range = ""
        if text("family") == "fcntl" {
            let last = entry["last"]?.integer.map { "\($0)" } ?? "end"
            range = " bytes \(entry["first"]?.integer ?? 0) to \(last)"
        }
        let process = entry["process"]?.integer ?? 0
        let verb = text("state") == "held" ? "holds" : "waits for"
        return "  \(text("path"))  process \(process) \(verb) \(text("kind")) \(text("family"))"
            + "\(range) since \(text("since"))"
    }

    private static func section(_ title: String, _ list: JSONValue?) -> [String] {
        guard let entries = list?.array, !entries.isEmpty else { return [] }
        return ["\(title):"]
            + Shortened.lines(
                entries.map { entry in
                    let until = entry["until"]?.string.map { "; tried again at \($0)" } ?? ""
                    return
                        "  \(entry["path"]?.string ?? "")  \(entry["reason"]?.string ?? "")\(until)"
                })
    }
}
