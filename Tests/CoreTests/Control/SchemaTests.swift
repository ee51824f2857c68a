import Core
import GraphSimulator
import Testing

/// What programs read is what `Docs/schema` publishes.
struct SchemaTests {
    @Test("plans fit their schema", arguments: TrafficScenario.all)
    func plans(_ scenario: TrafficScenario) throws {
        let schema = try JSONSchema("plan-1")
        let text = try TrafficFixture(name: scenario.name).text("plan.json")
        let plan = try JSONValue(parsing: Array(text.utf8))
        #expect(schema.problems(of: plan) == [])
        #expect(schema.undescribed(in: plan) == [])
    }

    @Test("suspended plans and every reason fit the schema")
    func reports() throws {
        let schema = try JSONSchema("plan-1")
        var report = try #require(PlanReport(JSONValue(parsing: Array(Self.empty.utf8))))
        report.suspension = Suspension(localDeletions: 1, remoteDeletions: 2, limit: 2)
        report.entries = Reason.allCases.map {
            PlanReport.Entry(
                side: .device, action: "keep both", path: "/a", destination: "b", size: 1,
                reason: $0)
        }
        report.waiting = [PlanReport.Waiting(path: "/c", reason: "locked")]
        #expect(schema.problems(of: report.json) == [])
        #expect(PlanReport(report.json) == report)
    }

    @Test("statuses fit their schema")
    func statuses() throws {
        let schema = try JSONSchema("status-1")
        var world = EngineWorld(.demo())
        func check(_ moment: String) {
            let status = world.engine.status.json
            #expect(schema.problems(of: status) == [], "\(moment)")
            #expect(schema.undescribed(in: status) == [], "\(moment)")
        }
        check("at the start")
        world.settle()
        check("enumerated")
        try world.write("large.bin", String(repeating: "x", count: 5_000_000))
        try world.write(".~lock.large.bin#", "me")
        check("changed")
        world.run(effects: 40)
        check("under way")
        world.step { engine, now in engine.pause(at: now) }
        check("paused")
        world.step { engine, now in _ = engine.resume(at: now) }
        world.service.inject(
            Fault(.respond(status: 503, code: "serviceNotAvailable"), operation: .delta))
        world.networkIsDown = true
        world.wait(seconds: 10)
        world.networkIsDown = false
        world.wait(seconds: 120)
        check("after trouble")
        #expect(world.engine.status.json["last_error"]?["message"]?.string != nil)
    }

    @Test("the checker finds what does not fit")
    func checker() throws {
        let schema = try JSONSchema("plan-1")
        let bad: [(String, String)] = [
            (#"{"version": 1}"#, "'actions' is missing"),
            (Self.empty.replacing("\"version\": 1", with: "\"version\": 2"), "$.version"),
            (
                Self.empty.replacing(
                    "\"waiting\": []", with: #""waiting": [{"path": "a", "reason": "r"}]"#),
                "$.waiting[0].path"
            ),
            (Self.empty.replacing("\"actions\": 0", with: "\"actions\": -1"), "less than 0"),
            (Self.empty.replacing("\"suspended\": null", with: "\"suspended\": 3"), "none of"),
        ]
        for (text, expected) in bad {
            let problems = schema.problems(of: try JSONValue(parsing: Array(text.utf8)))
            #expect(problems.contains { $0.contains(expected) }, "\(text): \(problems)")
        }
        #expect(
            JSONSchema(["multipleOf": 2]).problems(of: 4) == [
                "$: the schema uses 'multipleOf', which is unknown here"
            ])
    }

    private static let empty = """
        {"version": 1, "actions": [], "conflicts": [], "waiting": [], "suspended": null, "totals":
        {"actions": 0, "upload_files": 0, "upload_bytes": 0, "download_files": 0,
        "download_bytes": 0}}
        """
}
