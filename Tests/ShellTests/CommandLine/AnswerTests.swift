import Core
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// What commands answer to programs.
@Suite(.serialized)
struct AnswerTests {
    @Test("every answer is one JSON object with a version, and nothing else is printed")
    func json() async throws {
        let stage = try await Stage(GraphService(profile: .business, seed: 4))
        let configuration = try stage.account("one")
        let client = try await Client(
            configuration, isMounted: false, log: Logger(label: "test"))
        let commands = [
            "sync", "sync --wait", "pause", "resume", "approve", "status", "locks", "conflicts",
            "conflicts list", "plan --dry-run", "plan --yes",
        ]
        for command in commands {
            let outcome = try await stage.run("onedrive -c one.yml \(command) --json")
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(command): \(outcome.text)")
            let answer = try JSONValue(parsing: Array(outcome.output.utf8))
            #expect(answer["version"]?.integer == 1, "\(command): \(outcome.text)")
        }
        let kept = try await stage.run("onedrive -c one.yml conflicts keep mine nothing --json")
        let results = try JSONValue(parsing: Array(kept.output.utf8))["results"]?.array ?? []
        #expect(kept.status == 1 && results.count == 1, "\(kept.text)")
        #expect(results.first?["error"]?.string != nil, "\(kept.text)")
        try await onThread { client.stop() }
        for expected in [true, false] {
            let outcome = try await stage.run("onedrive -c one.yml logout --json")
            let answer = try JSONValue(parsing: Array(outcome.output.utf8))
            #expect(outcome.status == 0 && answer["version"]?.integer == 1, "\(outcome.text)")
            #expect(answer["wasSignedIn"] == .boolean(expected), "\(outcome.text)")
        }
        for command in commands.prefix(9) {
            let outcome = try await stage.run("onedrive -c one.yml \(command) --json")
            #expect(outcome.status == 69 && outcome.output.isEmpty, "\(command): \(outcome.text)")
            #expect(outcome.errors.contains("no client is running"))
        }
        await stage.host.stop()
    }

    @Test(
        "files that are kept or freed are answered one by one",
        .enabled(if: TestMount.isPossible, "needs /dev/fuse"))
    func files() async throws {
        var service = GraphService(profile: .business, seed: 4)
        let now = Timestamp(seconds: 1_767_300_000)
        try service.remoteCreateFile("a.txt", Array("12345".utf8), now: now)
        let stage = try await Stage(service)
        let configuration = try stage.account("one")
        let client = try await Client(configuration, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        let pinned = try await stage.run("onedrive -c one.yml pin a.txt nothing --wait --json")
        #expect(pinned.status == 1, "\(pinned.text)")
        let pins = try JSONValue(parsing: Array(pinned.output.utf8))["results"]?.array ?? []
        #expect(pins.count == 2 && pins.contains { $0["error"]?.string != nil })
        #expect(pins.contains { $0["path"]?.string == "/a.txt" && $0["error"] == nil })
        let waited = try await stage.run("onedrive -c one.yml pin one/a.txt --wait")
        #expect(waited.status == 0 && waited.errors.isEmpty, "\(waited.text)")
        let kept = try await stage.run("onedrive -c one.yml free a.txt --json")
        #expect(kept.status == 1, "a pinned file stays: \(kept.text)")
        let freed = try await stage.run(
            "onedrive -c one.yml unpin a.txt --json && onedrive -c one.yml free a.txt --json")
        #expect(freed.status == 0 && freed.output.contains("\"bytes\": 5"), "\(freed.text)")
        try await onThread { client.stop() }
        await stage.host.stop()
    }
}
