import GraphSimulator
import Testing

@testable import Core

/// Names that both sides spell in another Unicode normal form.
struct SpellingTests {
    private static let composed = "\u{E9}.txt"
    private static let decomposed = "e\u{301}.txt"

    private static func world() throws -> EngineWorld {
        var world = EngineWorld()
        try world.service.remoteCreateFile(composed, Array("one".utf8), now: world.now)
        world.synchronize()
        return world
    }

    @Test("the spelling of the cloud changes: the mount keeps its own, and nothing is left to do")
    func changedThere() throws {
        var world = try Self.world()
        try world.service.remoteMove(
            Self.composed, toFolder: "", name: Self.decomposed, now: world.now)
        let count = world.service.log.count(.update)
        world.synchronize()
        #expect(world.engine.status.pending == 0)
        #expect(world.service.log.count(.update) == count)
        #expect(try world.text(Self.composed) == "one")
        #expect(try world.paths().map { Array($0.utf8) } == [Array(Self.composed.utf8)])
    }

    @Test("the spelling here changes: the cloud keeps its own, and nothing is left to do")
    func changedHere() throws {
        var world = try Self.world()
        let count = world.service.log.count(.update)
        try world.rename(Self.composed, Self.decomposed)
        world.synchronize()
        #expect(world.engine.status.pending == 0)
        #expect(world.service.log.count(.update) == count)
        #expect(try world.paths().map { Array($0.utf8) } == [Array(Self.decomposed.utf8)])
    }
}
