import Core
import GraphSimulator
import Testing

/// What common work asks of the service: nothing that is not needed.
struct RequestCountTests {
    private typealias Asked = GraphSimulator.Operation

    /// What was asked since the log was cleared.
    private func asked(_ world: EngineWorld) -> [Asked: Int] { world.service.log.counts }

    private func settled(_ profile: AccountProfile = .business) throws -> EngineWorld {
        var service = GraphService(profile: profile, seed: 17)
        let now = Timestamp(seconds: 1_767_299_000)
        try service.remoteCreateFile("docs/a.txt", Array("text".utf8), now: now)
        try service.remoteCreateFile("docs/b.txt", Array("other".utf8), now: now)
        var world = EngineWorld(service)
        world.synchronize()
        world.service.clearLog()
        return world
    }

    @Test func firstStart() throws {
        var world = EngineWorld(.demo())
        world.settle()
        // About a thousand items, two hundred a page where the client asks for more.
        #expect(asked(world) == [.drive: 1, .item: 1, .delta: 2])
    }

    @Test func laterStart() throws {
        var world = try settled()
        world.crash()
        world.wait(seconds: 5)
        #expect(asked(world) == [.drive: 1, .delta: 1])
    }

    @Test func readingTwice() throws {
        var world = try settled()
        #expect(try world.text("docs/a.txt") == "text")
        #expect(try world.text("docs/a.txt") == "text")
        world.wait(seconds: 5)
        #expect(asked(world) == [.item: 1, .download: 1])
    }

    @Test func savingANewFile() throws {
        var world = try settled()
        try world.write("docs/new.txt", "new")
        world.wait(seconds: 5)
        #expect(asked(world) == [.createSession: 1, .fragment: 1])
    }

    @Test func savingAgain() throws {
        var world = try settled()
        try world.write("docs/a.txt.tmp", "edited")
        try world.rename("docs/a.txt.tmp", "docs/a.txt")
        world.wait(seconds: 5)
        #expect(asked(world) == [.createSession: 1, .fragment: 1])
    }

    @Test func renamingAFolder() throws {
        var world = try settled()
        try world.rename("docs", "papers")
        world.wait(seconds: 5)
        #expect(asked(world) == [.update: 1])
    }

    @Test func deletingAFolder() throws {
        var world = try settled()
        try world.remove("docs/a.txt")
        try world.remove("docs/b.txt")
        try world.removeDirectory("docs")
        world.wait(seconds: 5)
        // What others have put inside would go along: they are asked for first (S37).
        #expect(asked(world) == [.delta: 1, .delete: 1])
    }

    @Test func makingAFolder() throws {
        var world = try settled()
        try world.makeDirectory("folder")
        world.wait(seconds: 5)
        #expect(asked(world) == [.createFolder: 1])
    }

    @Test("What never reaches the cloud asks for nothing")
    func temporaryFiles() throws {
        var world = try settled()
        try world.write("docs/~$a.txt", "lock")
        try world.write("scratch.txt", "x")
        try world.remove("scratch.txt")
        try world.remove("docs/~$a.txt")
        world.wait(seconds: 5)
        #expect(asked(world).isEmpty)
    }
}
