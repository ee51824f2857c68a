import Core
import GraphSimulator
import Testing

/// What the user tells a running client.
struct EngineCommandTests {
    private static func guarded(by limit: Int) -> EngineWorld {
        var configuration = EngineConfiguration.test
        configuration.deleteGuard = limit
        return EngineWorld(configuration: configuration)
    }

    @Test("approved deletions go on to the end, and only they do")
    func approval() throws {
        var world = Self.guarded(by: 2)
        for name in ["a", "b", "c", "d"] { try world.write(name, name) }
        world.settle()
        for name in ["a", "b", "c"] { try world.remove(name) }
        world.settle()
        #expect(world.cloudPaths == ["a", "b", "c", "d"])
        #expect(world.engine.status.suspension?.remoteDeletions == 3)
        // Two of them fail at first: that they were approved is remembered.
        world.service.inject(
            Fault(.respond(status: 503, code: "serviceNotAvailable"), method: "DELETE", count: 2))
        let count = world.step { $0.approve(at: $1) }
        #expect(count == 3)
        world.settle()
        #expect(world.cloudPaths == ["d"])
        #expect(world.engine.status.suspension == nil)
        let none = world.step { $0.approve(at: $1) }
        #expect(none == 0)
    }

    @Test("while paused nothing goes up or comes down, also after a restart")
    func pause() throws {
        var world = EngineWorld()
        try world.write("a", "one")
        world.settle()
        world.step { $0.pause(at: $1) }
        try world.write("a", "two")
        try world.service.remoteCreateFile("b", Array("there".utf8), now: world.now)
        world.settle()
        world.crash()
        world.settle()
        #expect(world.engine.status.pause == .user)
        #expect(world.cloudText("a") == "one")
        #expect(try world.paths() == ["a"])
        let goesOn = world.step { $0.resume(at: $1) }
        #expect(goesOn)
        world.synchronize()
        #expect(world.cloudText("a") == "two")
        #expect(try world.paths() == ["a", "b"])
        world.crash()
        #expect(world.engine.status.pause == nil)
    }

    /// A device that has been offline for so long that it hardly tries any more.
    private static func offline() throws -> EngineWorld {
        var world = EngineWorld()
        world.settle()
        world.networkIsDown = true
        try world.write("a", "one")
        world.wait(seconds: 7200)
        return world
    }

    @Test(
        "whoever wants changes to be looked for hears what keeps it, and the network is tried at once"
    )
    func hurry() throws {
        var world = try Self.offline()
        let offline = world.step { $0.hurry(at: $1) }
        #expect(offline == .networkUnreachable)
        #expect(world.queue.contains { if case .send = $0 { true } else { false } })
        world.networkIsDown = false
        world.synchronize()
        #expect(world.cloudText("a") == "one")
        let free = world.step { $0.hurry(at: $1) }
        #expect(free == nil)
        world.settle()
        world.step { $0.pause(at: $1) }
        let paused = world.step { $0.hurry(at: $1) }
        #expect(paused == .busy)
    }

    @Test("a change of the network is a reason to try at once")
    func networkChange() throws {
        var world = try Self.offline()
        world.step { $0.networkChanged(at: $1) }
        #expect(world.queue.contains { if case .send = $0 { true } else { false } })
    }

    @Test("who waits for both sides to agree is told at once that syncing is paused")
    func waitingWhilePaused() throws {
        var world = EngineWorld()
        world.settle()
        world.step { $0.pause(at: $1) }
        let wait = world.step { $0.synchronize(at: $1) }
        world.settle()
        #expect(world.woken[wait] == .some(.busy))
    }

    @Test("who waits for both sides to agree is told at once that a sign-in is needed")
    func waitingForSignIn() throws {
        var world = EngineWorld()
        world.settle()
        world.step { $0.tokenAnswered(.refused("signed out"), at: $1) }
        let wait = world.step { $0.synchronize(at: $1) }
        #expect(world.woken[wait] == nil)
        world.settle()
        #expect(world.woken[wait] == .some(.accessDenied))
        world.step { $0.tokenAnswered(.obtained(), at: $1) }
        world.synchronize()
        #expect(world.engine.status.connection == .online)
    }

    @Test(
        "conflict copies are listed with both versions, also after a restart, until they are gone")
    func conflicts() throws {
        var world = EngineWorld()
        try world.makeDirectory("docs")
        try world.write("docs/a.txt", "one")
        world.settle()
        try world.service.remoteEdit("docs/a.txt", Array("theirs".utf8), now: world.now)
        try world.write("docs/a.txt", "mine, longer")
        world.synchronize()
        world.crash()
        world.settle()
        let conflict = try #require(world.engine.conflicts.first)
        #expect(world.engine.conflicts.count == 1)
        #expect(world.engine.status.conflicts == 1)
        #expect(conflict.host == "laptop")
        #expect(conflict.original?.path == "/docs/a.txt")
        #expect(conflict.original?.size == 6)
        #expect(conflict.copy.size == 12)
        #expect(Conflict(conflict.json)?.copy.path == conflict.copy.path)
        try world.remove(String(conflict.copy.path.dropFirst()))
        #expect(world.engine.conflicts.isEmpty)
    }

    @Test("new settings take effect at once")
    func reconfiguration() throws {
        var world = Self.guarded(by: 1)
        for name in ["a", "b", "c"] { try world.write(name, name) }
        world.settle()
        for name in ["a", "b"] { try world.remove(name) }
        world.settle()
        #expect(world.cloudPaths == ["a", "b", "c"])
        world.step { $0.reconfigure(.test, at: $1) }
        world.settle()
        #expect(world.cloudPaths == ["c"])
    }

    @Test("the first file without space in the cloud is reported, and only it")
    func quota() throws {
        var world = EngineWorld()
        world.settle()
        world.service.inject(
            Fault(.respond(status: 507, code: "quotaLimitReached"), method: "PUT", count: 2))
        try world.write("a", "one")
        try world.write("b", "two")
        world.settle()
        let reached = world.reports.filter {
            if case .quotaReached = $0 { true } else { false }
        }
        #expect(reached == [.quotaReached(path: "/a")])
        #expect(world.cloudPaths == ["a", "b"])
    }

    @Test("what stays on this device is listed once, with what lies in it left out")
    func localOnly() throws {
        var configuration = EngineConfiguration.test
        configuration.exclusions = [NamePattern("*.o"), NamePattern("build")]
        var world = EngineWorld(configuration: configuration)
        try world.makeDirectory("build")
        try world.write("build/x", "x")
        try world.write("a.o", "o")
        try world.write("b.txt", "b")
        world.settle()
        #expect(world.engine.status.localOnly.map(\.path) == ["/a.o", "/build"])
        try world.rename("a.o", "a.txt")
        #expect(world.engine.status.localOnly.map(\.path) == ["/build"])
    }
}
