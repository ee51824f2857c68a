import Core
import GraphSimulator
import Testing

/// Drives without a feed of changes, and changes that the feed left out.
struct EngineWalkTests {
    private func worldWithoutChanges() -> EngineWorld {
        var service = GraphService(profile: .business, seed: 11)
        service.quirks.deltaUnsupported = true
        return EngineWorld(service)
    }

    @Test func aDriveWithoutChangesIsWalkedThrough() throws {
        var service = GraphService.demo()
        service.quirks.deltaUnsupported = true
        var world = EngineWorld(service)
        world.synchronize()
        #expect(try world.paths() == world.cloudPaths)
        #expect(world.service.log.count(.delta) == 1)
        #expect(world.service.log.records.filter { $0.operation == .delta }.last?.status == 501)
    }

    @Test func changesThereArriveByTheNextWalk() throws {
        var world = worldWithoutChanges()
        try world.write("keep.txt", "kept")
        world.synchronize()
        try world.service.remoteCreateFile("x/y/new.txt", Array("n".utf8), now: world.now)
        try world.service.remoteEdit("keep.txt", Array("edited".utf8), now: world.now)
        world.synchronize()
        #expect(try world.paths() == ["keep.txt", "x/", "x/y/", "x/y/new.txt"])
        #expect(try world.text("keep.txt") == "edited")
        try world.service.remoteMove("x/y/new.txt", toFolder: "", name: "moved.txt", now: world.now)
        try world.service.remoteDelete("x", now: world.now)
        world.synchronize()
        world.synchronize()
        #expect(try world.paths() == ["keep.txt", "moved.txt"])
        try world.write("mine.txt", "up")
        try world.remove("keep.txt")
        world.synchronize()
        #expect(world.cloudPaths == ["mine.txt", "moved.txt"])
        #expect(world.engine.status.pending == 0)
    }

    @Test("What a walk does not meet is asked for before it counts as gone")
    func suspectsAreAskedFor() throws {
        var world = worldWithoutChanges()
        try world.service.remoteCreateFile("d/a.txt", [1], now: world.now)
        try world.service.remoteCreateFile("d/b.txt", [2], now: world.now)
        world.synchronize()
        try world.service.remoteDelete("d", now: world.now)
        let before = world.service.log.count(.item)
        world.synchronize()
        // Of the folder and all inside it, the folder alone.
        #expect(world.service.log.count(.item) == before + 1)
        #expect(try world.paths() == [])
    }

    @Test("A walk that could not list a folder judges nothing")
    func incompleteWalks() throws {
        var world = worldWithoutChanges()
        try world.service.remoteCreateFile("d/a.txt", [1], now: world.now)
        try world.service.remoteCreateFile("e/b.txt", [2], now: world.now)
        world.synchronize()
        world.service.inject(
            Fault(
                .respond(status: 403, code: "accessDenied"), operation: .children, skip: 1,
                count: 1_000))
        try world.service.remoteDelete("e/b.txt", now: world.now)
        world.wait(seconds: 1_000)
        #expect(try world.paths() == ["d/", "d/a.txt", "e/", "e/b.txt"])
        world.service.clearFaults()
        world.synchronize()
        #expect(try world.paths() == ["d/", "d/a.txt", "e/"])
    }

    @Test("A first walk goes on after a crash", arguments: [3, 9, 20, 33])
    func crashes(after effects: Int) throws {
        var service = GraphService.demo()
        service.quirks.deltaUnsupported = true
        service.quirks.childrenPageSize = 3
        var world = EngineWorld(service)
        world.run(effects: effects)
        world.crash()
        world.synchronize()
        #expect(try world.paths() == world.cloudPaths)
        world.crash()
        world.synchronize()
        #expect(try world.paths() == world.cloudPaths)
        #expect(world.engine.status.pending == 0)
    }

    @Test("A deletion that was never reported is found by the count of its folder")
    func lostTombstones() throws {
        var world = EngineWorld(GraphService(profile: .personal, seed: 5))
        for name in ["a", "b", "c"] {
            try world.service.remoteCreateFile("d/\(name)", [1], now: world.now)
        }
        world.synchronize()
        world.service.quirks.deltaTombstonesToLose = 1
        try world.service.remoteDelete("d/b", now: world.now)
        // The folder is listed with its new count.
        try world.service.remoteTouch("d", now: world.now)
        for _ in 0..<3 { world.synchronize() }
        #expect(try world.paths() == ["d/", "d/a", "d/c"])
    }

    @Test("An hour of nothing to do asks for changes, and looks into one folder every ten minutes")
    func idleHour() throws {
        var world = EngineWorld(.demo())
        world.synchronize()
        world.service.clearLog()
        world.wait(seconds: 3600)
        let log = world.service.log
        #expect(log.count(.delta) <= 121)
        #expect(log.count(.delta) >= 110)
        #expect(log.count(.children) <= 6)
        #expect(log.count(.children) >= 5)
        #expect(log.total == log.count(.delta) + log.count(.children))
    }
}
