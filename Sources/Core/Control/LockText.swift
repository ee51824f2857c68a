/// The list of locks that `onedrive locks` prints, made of what a running client answers.
package enum LockText {
    package struct Section: Hashable, Sendable {
        package var title: String
        package var lines: [String]
    }

    /// Those that have something to say.
    package static func sections(_ answer: JSONValue) -> [Section] {
        let locks = (answer["locks"]?.array ?? []).map(lock)
        let first = Section(title: locks.isEmpty ? "No locks." : "locks:", lines: locks)
        let others = [
            section("waits because of them:", answer["deferred"], deferral),
            section("locked in the cloud:", answer["remote"], deferral),
            section("checked out in the cloud:", answer["checkouts"], checkout),
        ]
        return [first] + others.filter { !$0.lines.isEmpty }
    }

    private static func section(
        _ title: String, _ list: JSONValue?, _ line: (JSONValue) -> String
    ) -> Section {
        Section(title: title, lines: (list?.array ?? []).map(line))
    }

    private static func lock(_ entry: JSONValue) -> String {
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

    private static func deferral(_ entry: JSONValue) -> String {
        "  \(entry["path"]?.string ?? "")  \(entry["reason"]?.string ?? "")\(nextAttempt(entry))"
    }

    private static func checkout(_ entry: JSONValue) -> String {
        let state =
            switch entry["state"]?.string {
            case "asking": "being asked for"
            case "held": "held for programs here"
            case "waiting": "somebody else has it"
            case "releasing": "given back when all changes are in the cloud"
            case let other: other ?? ""
            }
        return "  \(entry["path"]?.string ?? "")  \(state) since "
            + "\(entry["since"]?.string ?? "")\(nextAttempt(entry))"
    }

    private static func nextAttempt(_ entry: JSONValue) -> String {
        entry["until"]?.string.map { "; tried again at \($0)" } ?? ""
    }
}
