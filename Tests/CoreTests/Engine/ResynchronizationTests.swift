import Core
import GraphSimulator
import Testing

/// What happens while everything is enumerated anew, since the service has forgotten the place to go
/// on from.
struct ResynchronizationTests {
    @Test("a file that is open, and replaced while everything is enumerated anew, stays")
    func openFile() throws {
        var world = EngineWorld()
        for name in ["a", "b", "c", "d"] {
            try world.service.remoteCreateFile(name, Array("first".utf8), now: world.now)
        }
        world.synchronize()
        let opened = try world.open("a")
        #expect(try world.read(opened) == "first")
        world.service.quirks.pageSizeMax = 1
        try world.service.remoteEdit("a", Array("second".utf8), now: world.now)
        world.service.expireDeltaTokens()
        world.synchronize()
        #expect(try world.paths() == ["a", "b", "c", "d"])
        #expect(try world.read(opened) == "first")
        world.close(opened)
        #expect(try world.text("a") == "second")
        world.wait(seconds: 600)
        #expect(try world.paths() == ["a", "b", "c", "d"])
        #expect(world.cloudPaths == ["a", "b", "c", "d"])
    }

    @Test("what is made here while everything is enumerated anew stays", arguments: [true, false])
    func madeMeanwhile(serverWins: Bool) throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a", Array("text".utf8), now: world.now)
        world.synchronize()
        if !serverWins { world.service.quirks.resyncVariant = "resyncChangesUploadDifferences" }
        world.service.expireDeltaTokens()
        world.step { $0.hurry(at: $1) }
        // The last page is on its way while the folder is made.
        world.runUntil { $0.reports.contains(.resynchronizing) }
        world.holds = { if case .delta = $0 { true } else { false } }
        world.runEffects()
        try world.makeDirectory("new")
        try world.write("new/file", "new text")
        world.wait(seconds: 30)
        #expect(world.cloudPaths == ["a", "new/", "new/file"])
        world.deliver()
        world.wait(seconds: 600)
        #expect(try world.paths() == ["a", "new/", "new/file"])
        #expect(world.cloudPaths == ["a", "new/", "new/file"])
        #expect(world.engine.status.pending == 0)
    }
}
