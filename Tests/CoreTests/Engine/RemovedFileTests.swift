import GraphSimulator
import Testing

@testable import Core

/// Files that programs go on using after they were removed.
struct RemovedFileTests {
    @Test("what is written into a removed file does not reach the one that comes back in its place")
    func comesBack() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("one".utf8), now: world.now)
        world.synchronize()
        #expect(try world.text("a.txt") == "one")
        let opened = try world.open("a.txt", canWrite: true)
        try world.remove("a.txt")
        try world.service.remoteEdit("a.txt", Array("their two".utf8), now: world.now)
        world.synchronize()
        #expect(try world.text("a.txt") == "their two")
        try world.put("mine", opened)
        #expect(try world.read(opened).hasPrefix("mine"))
        world.close(opened)
        world.synchronize()
        #expect(world.cloudText("a.txt") == "their two")
        #expect(try world.text("a.txt") == "their two")
        #expect(try world.paths() == ["a.txt"])
    }

    @Test("a file that comes back after a crash has no byte of the one that was removed")
    func comesBackAfterCrash() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("one".utf8), now: world.now)
        world.synchronize()
        let opened = try world.open("a.txt")
        #expect(try world.read(opened) == "one")
        try world.remove("a.txt")
        try world.service.remoteEdit("a.txt", Array("two".utf8), now: world.now)
        world.crash()
        world.synchronize()
        #expect(try world.text("a.txt") == "two")
        #expect(world.engine.status.pending == 0)
    }
}
