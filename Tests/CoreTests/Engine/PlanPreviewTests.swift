import Core
import GraphSimulator
import Testing

/// What a preview knows beyond one plan.
struct PlanPreviewTests {
    @Test("what is one on both sides is taken for one, down to the files inside")
    func bindings() throws {
        var world = EngineWorld(GraphService(profile: .business, seed: 3))
        world.settle()
        world.networkIsDown = true
        try world.makeDirectory("docs")
        try world.makeDirectory("docs/sub")
        try world.write("docs/sub/same.txt", "the same on both sides")
        try world.write("docs/other.txt", "of this device")
        try world.service.remoteCreateFile(
            "docs/sub/same.txt", Array("the same on both sides".utf8), now: world.now)
        try world.service.remoteCreateFile(
            "docs/other.txt", Array("of another".utf8), now: world.now)
        let before = world.engine.tree.count
        let report = world.plan()
        let plan = try #require(report)
        let done = plan.entries.filter { !$0.action.contains("time") }
        #expect(done.map(\.action) == ["upload", "move", "show"], "\(plan.entries)")
        #expect(done.dropFirst().allSatisfy { $0.path == "/docs/other.txt" })
        #expect(done.first?.path == done.dropFirst().first?.destination)
        #expect(done.first?.size == 14)
        #expect(world.engine.tree.count == before, "a preview changes nothing")
    }

    @Test("what is kept here and gone in the cloud goes up again, and that is shown")
    func detached() throws {
        var service = GraphService(profile: .business, seed: 3)
        let now = Timestamp(seconds: 1_767_299_000)
        try service.remoteCreateFile("docs/a.txt", Array("text".utf8), now: now)
        var world = EngineWorld(service)
        world.synchronize()
        world.networkIsDown = true
        try world.write("docs/a.txt", "edited here")
        try world.service.remoteDelete("docs", now: world.now)
        let report = world.plan()
        let plan = try #require(report)
        #expect(
            plan.entries.map { "\($0.side) \($0.action) \($0.path)" } == [
                "cloud create folder /docs", "cloud upload /docs/a.txt",
                "device keep as new /docs", "device keep as new /docs/a.txt",
            ])
    }
}
