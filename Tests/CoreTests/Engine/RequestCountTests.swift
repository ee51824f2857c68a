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

    @Test("To look around, to open and to lock asks for nothing")
    func lookingAround() throws {
        var world = try settled()
        #expect(try world.paths() == ["docs/", "docs/a.txt", "docs/b.txt"])
        for canWrite in [false, true] {
            let opened = try world.open("docs/a.txt", canWrite: canWrite)
            world.close(opened)
        }
        world.wait(seconds: 5)
        #expect(asked(world).isEmpty)
    }

    @Test("An hour in which nothing happens: one question a poll, and now and then a cheap look")
    func idleHour() throws {
        var world = try settled()
        // Nearly: after an hour another token is due.
        world.wait(seconds: 3_500)
        let polls = Int(3_500_000_000_000 / world.engine.configuration.pollInterval)
        // A folder is listed every ten minutes, against deletions that were never reported.
        #expect(asked(world) == [.delta: polls, .children: 5])
        #expect(world.service.log.records.allSatisfy { $0.status == 200 })
    }

    @Test("A change that comes from the cloud is told by the poll alone")
    func changeFromTheCloud() throws {
        var world = try settled()
        let now = world.now
        try world.service.remoteEdit("docs/a.txt", Array("edited there".utf8), now: now)
        try world.service.remoteMove("docs/b.txt", toFolder: "", now: now)
        world.wait(seconds: 31)
        #expect(asked(world) == [.delta: 1])
        #expect(try world.paths() == ["b.txt", "docs/", "docs/a.txt"])
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

    @Test("A program that saves again and again, and the dance with a backup, are one upload")
    func savingInSteps() throws {
        var world = try settled()
        _ = try world.text("docs/b.txt")
        world.service.clearLog()
        for step in 0..<5 { try world.write("docs/a.txt", "step \(step)") }
        try world.rename("docs/b.txt", "docs/b.txt~")
        try world.write("docs/b.txt", "edited")
        try world.remove("docs/b.txt~")
        world.wait(seconds: 5)
        #expect(asked(world) == [.createSession: 2, .fragment: 2])
        #expect(world.cloudText("docs/a.txt") == "step 4")
    }

    @Test("On a personal drive a small file is one upload, and one request for its time")
    func savingOnAPersonalDrive() throws {
        var world = try settled(.personal)
        try world.write("docs/new.txt", "new")
        world.wait(seconds: 5)
        #expect(asked(world) == [.upload: 1, .update: 1])
    }

    @Test func savingAnEmptyFile() throws {
        var world = try settled(.personal)
        try world.write("docs/new.txt", "")
        world.wait(seconds: 5)
        #expect(asked(world) == [.upload: 1, .update: 1])
    }

    @Test func renamingAFile() throws {
        var world = try settled()
        try world.rename("docs/a.txt", "docs/c.txt")
        try world.rename("docs/b.txt", "b.txt")
        world.wait(seconds: 5)
        #expect(asked(world) == [.update: 2])
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
