import GraphSimulator
import Core
import Foundation
import Testing

/// Recordings, replayed to their plans.
///
/// With `RECORD=1` in the environment those in `Fixtures/traffic` are made anew from the simulated
/// service; read the difference before you commit it.
struct TrafficFixtureTests {
    private static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

    @Test("a story gives the recorded plan", arguments: TrafficScenario.all)
    func stories(_ scenario: TrafficScenario) throws {
        let fixture = TrafficFixture(name: scenario.name)
        if Self.isRecording {
            let (report, wire) = try scenario.tell(over: .recording(Pseudonyms(), []))
            guard case .recording(_, let entries) = wire, let report else {
                Issue.record("the service could not be asked for a plan")
                return
            }
            try fixture.record(HTTPArchive(entries: entries, comment: scenario.title), report)
        }
        let bytes = try fixture.recording
        if let problem = TrafficFixture.problem(
            bytes, exchanges: try fixture.text("exchanges.txt"))
        {
            Issue.record("\(scenario.name): \(problem)")
            return
        }
        let (report, wire) = try scenario.tell(
            over: .replay(Replay(try HTTPArchive(parsing: bytes))))
        if let failure = wire.failure {
            Issue.record("\(scenario.name): \(failure)")
            return
        }
        guard case .replay(let replay) = wire, let report else {
            Issue.record("\(scenario.name): the recording gives no plan")
            return
        }
        do throws(ReplayFailure) {
            try replay.finish()
        } catch {
            Issue.record("\(scenario.name): \(error)")
        }
        let page = TrafficFixture.page(report)
        Self.compare(page, try fixture.text("plan.txt"), scenario)
        let json = String(decoding: report.json.serialized(pretty: true), as: UTF8.self)
        Self.compare(json, try fixture.text("plan.json"), scenario)
        #expect(PlanReport(report.json) == report)
    }

    private static func compare(
        _ actual: String, _ expected: String, _ scenario: TrafficScenario
    ) {
        guard actual != expected else { return }
        let changes = TrafficFixture.changes(from: expected, to: actual)
        Issue.record("\(scenario.name) gives another plan:\n\(changes.joined(separator: "\n"))")
    }

    @Test("not one byte of a recording changes unnoticed", arguments: TrafficScenario.all)
    func bytes(_ scenario: TrafficScenario) throws {
        let fixture = TrafficFixture(name: scenario.name)
        let bytes = try fixture.recording
        let exchanges = try fixture.text("exchanges.txt")
        var choices = SplitMix64(seed: UInt64(bytes.count))
        for _ in 0..<6 {
            let place = Int(choices.next() % UInt64(bytes.count))
            var changed = bytes
            changed[place] = changed[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : 0x30
            let problem = TrafficFixture.problem(changed, exchanges: exchanges)
            #expect(
                problem?.contains("entry") == true,
                "byte \(place) of \(scenario.name): \(problem ?? "nobody noticed")")
        }
    }

    @Test("there are no recordings without a story")
    func strays() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: TrafficFixture.root.path)
        #expect(Set(names) == Set(TrafficScenario.all.map(\.name)))
    }
}
