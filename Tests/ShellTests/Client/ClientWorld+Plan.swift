import Core
import Foundation
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

extension ClientWorld {
    /// What `plan --dry-run` says, as lines such as `cloud upload /a.txt`, in its order.
    ///
    /// Expects of it what must always hold: a reason for each action, the same answer when it is
    /// asked again, no request but GET, and no change of the state.
    /// - Parameters:
    ///   - isStill: Whether the client does nothing by itself meanwhile.
    ///   - sourceLocation: Where it is asked.
    /// - Returns: The lines.
    /// - Throws: If there is no plan.
    func plan(
        isStill: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let before = try stored()
        host.withService { $0.clearLog() }
        let first = try onedrive("plan", "--dry-run", "--json")
        let second = try onedrive("plan", "--dry-run", "--json")
        let methods = host.withService { service in
            Set(service.log.records.map(\.method)).sorted()
        }
        #expect(methods == ["GET"], sourceLocation: sourceLocation)
        if isStill { #expect(try stored() == before, sourceLocation: sourceLocation) }
        #expect(first.output == second.output, sourceLocation: sourceLocation)
        let report = try JSONValue(parsing: Array(first.output.utf8))
        let actions = try #require(report["actions"]?.array, "\(first.errors)")
        #expect(first.status == (actions.isEmpty ? 0 : 2), sourceLocation: sourceLocation)
        return actions.map { action in
            #expect(action["reason"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
            let words = ["side", "action", "path"].map { action[$0]?.string ?? "?" }
            let destination = action["destination"]?.string.map { " > \($0)" } ?? ""
            return words.joined(separator: " ") + destination
        }
    }

    /// What the client has stored, as lines, and which files it has; but not how much has come of
    /// which file and when it was used, which is written some time after it happened.
    private func stored() throws -> [String] {
        let dump = try Program.run(
            ["sqlite3", "-readonly", state + "/state.sqlite", ".dump"], in: path)
        #expect(dump.status == 0, "\(dump.errors)")
        let files = try FileManager.default.subpathsOfDirectory(atPath: state)
            .filter { !$0.hasPrefix("state.sqlite") }
        return dump.lines.filter { !$0.hasPrefix("INSERT INTO generation ") } + files.sorted()
    }
}
