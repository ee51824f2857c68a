import GraphSimulator
import Testing

@testable import Core

/// What has to have happened before something else does.
struct EngineOrderTests {
    @Test("S42: a lock on a file that lost its name is given when the kernel knows that it did")
    func lockAfterReplacement() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("old".utf8), now: world.now)
        world.synchronize()
        #expect(try world.text("a.txt") == "old")
        let opened = try world.open("a.txt")
        world.holdsAnnouncements = true
        try world.service.remoteEdit("a.txt", Array("new".utf8), now: world.now)
        world.synchronize()
        let request = LockRequest(
            node: opened.node, family: .wholeFile, owner: LockOwner(rawValue: 5),
            handle: opened.handle,
            lock: FileLock(kind: .shared, range: FileLock.everything, process: 5))
        func lock() throws -> Engine.LockAnswer {
            try world.step { engine, now throws(PosixError) in
                try engine.lock(request, waits: false, isSettled: false, at: now)
            }
        }
        guard case .asks(let wait) = try lock() else {
            Issue.record("the lock was given while the name still shows the old file")
            return
        }
        #expect(world.woken[wait] == nil)
        world.announce()
        #expect(world.woken[wait] == .some(nil))
        #expect(try lock() == .granted)
        #expect(try world.read(opened) == "old")
        world.close(opened)
    }

    @Test(
        "S37: a folder is removed in the cloud when it is known what is in it",
        arguments: [true, false])
    func removalOfEditedFolder(isHurried: Bool) throws {
        var world = EngineWorld()
        try world.makeDirectory("a")
        try world.write("a/b.txt", "base")
        try world.makeDirectory("c")
        world.settle()
        try world.service.remoteEdit("a/b.txt", Array("theirs".utf8), now: world.now)
        try world.remove("a/b.txt")
        try world.removeDirectory("a")
        try world.removeDirectory("c")
        if isHurried { world.synchronize() } else { world.settle() }
        world.synchronize()
        #expect(world.cloudPaths == ["a/", "a/b.txt"])
        #expect(try world.text("a/b.txt") == "theirs")
    }

    @Test("S37: after a restart, too, before anything is removed the first round is over")
    func removalBeforeRestart() throws {
        var world = EngineWorld()
        try world.makeDirectory("a")
        try world.write("a/b.txt", "base")
        world.settle()
        try world.service.remoteEdit("a/b.txt", Array("theirs".utf8), now: world.now)
        try world.remove("a/b.txt")
        try world.removeDirectory("a")
        world.crash()
        world.settle()
        world.synchronize()
        #expect(world.cloudPaths == ["a/", "a/b.txt"])
    }

    @Test("who waits for both sides to agree does not wait for what the service refuses")
    func refusal() throws {
        var world = EngineWorld()
        world.settle()
        world.service.inject(
            Fault(.respond(status: 403, code: "accessDenied"), method: "POST", count: 1000))
        try world.makeDirectory("a")
        try world.write("a/b", "text")
        world.synchronize()
        #expect(world.engine.status.waiting.map(\.path) == ["/a"])
        world.service.clearFaults()
        world.wait(seconds: 100)
        world.synchronize()
        #expect(world.cloudPaths == ["a/", "a/b"])
    }

    @Test("what changes while somebody waits for both sides to agree does not rest")
    func changeWhileWaiting() throws {
        var configuration = EngineConfiguration.test
        configuration.uploadDelay = 3_600_000_000_000
        var world = EngineWorld(configuration: configuration)
        world.settle()
        try world.write("a", "text")
        let wait = world.step { $0.synchronize(at: $1) }
        try world.write("b", "text")
        world.wait(seconds: 60)
        #expect(world.woken[wait] == .some(nil))
        #expect(world.cloudPaths == ["a", "b"])
    }

    @Test(
        "S54: two new folders of one name become one, with what is in both, without another cause")
    func foldersInBoth() throws {
        var configuration = EngineConfiguration.test
        configuration.uploadDelay = 3_600_000_000_000
        configuration.pollInterval = 3_600_000_000_000
        var world = EngineWorld(configuration: configuration)
        world.settle()
        try world.makeDirectory("f")
        try world.write("f/1", "1")
        try world.service.remoteCreateFile("f/2", Array("2".utf8), now: world.now)
        world.synchronize()
        #expect(world.cloudPaths == ["f/", "f/1", "f/2"])
        #expect(try world.paths() == ["f/", "f/1", "f/2"])
    }

    @Test("S49: what an earlier run sent is known when it arrives after another version was sent")
    func lateArrival() throws {
        var world = EngineWorld()
        world.settle()
        world.service.inject(Fault(.dropConnection, method: "POST", count: 1000))
        world.service.inject(Fault(.dropConnection, method: "PUT", count: 1000))
        try world.write("a", "first")
        world.wait(seconds: 3)
        world.crash()
        world.service.clearFaults()
        try world.write("a", "second, longer")
        world.wait(seconds: 1)
        // Only now the service gets to what it was sent.
        try world.service.remoteCreateFile("a", Array("first".utf8), now: world.now)
        world.settle()
        world.synchronize()
        #expect(world.cloudPaths == ["a"])
        #expect(world.cloudText("a") == "second, longer")
    }

    @Test("S12, S40: a file whose version has changed is opened when the kernel knows that it has")
    func openAfterReplacement() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("old".utf8), now: world.now)
        world.synchronize()
        #expect(try world.text("a.txt") == "old")
        world.holdsAnnouncements = true
        try world.service.remoteEdit("a.txt", Array("new".utf8), now: world.now)
        world.synchronize()
        let id = try world.node("a.txt")
        func open() throws -> Answer<OpenedFile> {
            try world.step { engine, now throws(PosixError) in
                try engine.openWhenAnnounced(id, canWrite: false, truncating: false, at: now)
            }
        }
        guard case .wait(let wait) = try open() else {
            Issue.record("it was opened while the kernel may hold pages of the old version")
            return
        }
        #expect(world.woken[wait] == nil)
        world.announce()
        #expect(world.woken[wait] == .some(nil))
        guard case .ready(let opened) = try open() else {
            Issue.record("it was not opened")
            return
        }
        #expect(try world.read(opened) == "new")
        world.close(opened)
    }

    @Test(
        "a file that must not be new and is there already is looked up again",
        arguments: [false, true])
    func createWhatIsThere(isExclusive: Bool) throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("old".utf8), now: world.now)
        world.synchronize()
        let name: Name = "a.txt"
        #expect(throws: isExclusive ? PosixError.exists : .stale) {
            try world.step { engine, now throws(PosixError) in
                _ = try engine.create(
                    .root, name, permissions: 0o644, canWrite: true, isExclusive: isExclusive,
                    at: now)
            }
        }
        #expect(try world.text("a.txt") == "old")
    }

    @Test("S41: who comes by a name that stands for another version already is sent to that")
    func openByOldName() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("old".utf8), now: world.now)
        world.synchronize()
        let reader = try world.open("a.txt")
        #expect(try world.read(reader) == "old")
        world.holdsAnnouncements = true
        try world.service.remoteEdit("a.txt", Array("new".utf8), now: world.now)
        world.synchronize()
        func open(_ id: NodeID) throws -> Answer<OpenedFile> {
            try world.step { engine, now throws(PosixError) in
                try engine.openWhenAnnounced(id, canWrite: false, truncating: false, at: now)
            }
        }
        #expect(throws: PosixError.stale) { try open(reader.node) }
        #expect(try world.text("a.txt") == "new")
        // Those who know that it has no name any more may open it.
        world.announce()
        guard case .ready(let again) = try open(reader.node) else {
            Issue.record("it was not opened")
            return
        }
        #expect(try world.read(again) == "old")
    }

    @Test("S39: the kernel hears of a new size when no lookup of the name is under way")
    func orderOfInvalidations() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a.txt", Array("old".utf8), now: world.now)
        world.synchronize()
        let id = try world.node("a.txt")
        world.invalidations = []
        try world.service.remoteEdit("a.txt", Array("longer".utf8), now: world.now)
        world.synchronize()
        let name: Name = "a.txt"
        let entry = try #require(
            world.invalidations.firstIndex(of: .invalidateEntry(parent: .root, name: name)))
        let inode = try #require(
            world.invalidations.firstIndex(of: .invalidateInode(id, data: true)))
        #expect(entry < inode)
    }
}
