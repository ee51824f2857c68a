import Core
import GraphSimulator
import Testing

/// What stays on the disk, what goes, and what the user says to that.
struct EngineCacheTests {
    private static let size = 200_000

    /// A drive with files `a` to `h` in a folder, all of which have been read, one after the other.
    private static func world(_ cache: CachePolicy) throws -> EngineWorld {
        var configuration = EngineConfiguration.test
        configuration.cache = cache
        var world = EngineWorld(configuration: configuration)
        for (index, name) in names.enumerated() {
            try world.service.remoteCreateFile(
                "d/\(name)", Blob(generatedFrom: UInt64(index), count: UInt64(size)),
                now: world.now)
        }
        world.synchronize()
        return world
    }

    private static let names = ["a", "b", "c", "d", "e", "f", "g", "h"]

    private static func here(_ world: inout EngineWorld) throws -> [String] {
        try names.filter { name in
            try world.engine.attributes(of: world.node("d/\(name)")).blocks > 0
        }
    }

    private static func readAll(_ world: inout EngineWorld) throws {
        for name in names {
            _ = try world.text("d/\(name)")
            world.wait(seconds: 1)
        }
    }

    @Test("a smaller limit counts as soon as the configuration is read again")
    func smallerLimit() throws {
        var world = try Self.world(CachePolicy(limit: nil, keepFree: 0))
        try Self.readAll(&world)
        #expect(try Self.here(&world).count == 8)
        var configuration = EngineConfiguration.test
        configuration.cache = CachePolicy(limit: Int64(4 * Self.size), keepFree: 0)
        world.step { $0.reconfigure(configuration, at: $1) }
        world.settle()
        #expect(try Self.here(&world).count <= 4)
    }

    @Test(
        "S80: the least recently used files go when the limit is passed, and come again when read")
    func limit() throws {
        var world = try Self.world(CachePolicy(limit: 900_000))
        try Self.readAll(&world)
        world.wait(seconds: 60)
        let here = try Self.here(&world)
        #expect(here == Array(Self.names.suffix(here.count)))
        #expect((2...4).contains(here.count))
        #expect(world.engine.status.cachedBytes <= 900_000)
        #expect(world.disk.values.reduce(0) { $0 + $1.count } <= 1_000_000)
        #expect(try world.text("d/a").utf8.count > 0)
    }

    @Test func freeSpaceIsKept() throws {
        var world = try Self.world(CachePolicy(keepFree: 1_000_000))
        world.freeSpace = 700_000
        try Self.readAll(&world)
        world.wait(seconds: 60)
        #expect(try Self.here(&world).count < Self.names.count)
        world.freeSpace = 10_000_000
        try Self.readAll(&world)
        world.wait(seconds: 60)
        #expect(try Self.here(&world).count == Self.names.count)
    }

    @Test("S80: what a program has locked never goes", arguments: LockFamily.allCases)
    func locked(family: LockFamily) throws {
        var world = try Self.world(CachePolicy())
        try Self.readAll(&world)
        let opened = try world.open("d/a")
        let lock = LockRequest(
            node: opened.node, family: family, owner: LockOwner(rawValue: 5),
            handle: opened.handle,
            lock: FileLock(kind: .shared, range: FileLock.everything, process: 5))
        _ = try world.step { engine, now throws(PosixError) in
            try engine.lock(lock, waits: false, isSettled: false, at: now)
        }
        let folder = try world.node("d")
        let freed = try world.step { engine, now throws(PosixError) in
            try engine.free(folder, at: now)
        }
        #expect(freed.kept.map(\.path) == ["/d/a"])
        #expect(freed.kept.map(\.obstacle) == [.locked])
        _ = world.step { $0.makeRoom(for: 1 << 40, at: $1) }
        #expect(try Self.here(&world) == ["a"])
        world.close(opened)
        _ = world.step { $0.makeRoom(for: 1 << 40, at: $1) }
        #expect(try Self.here(&world) == [])
    }

    @Test("S80: what is edited, open or pinned never goes")
    func exceptions() throws {
        var world = try Self.world(CachePolicy())
        try Self.readAll(&world)
        let opened = try world.open("d/a")
        try world.write("d/b", "edited")
        let c = try world.node("d/c")
        try world.step { engine, now throws(PosixError) in try engine.pin(c, at: now) }
        let made = world.step { $0.makeRoom(for: 1 << 40, at: $1) }
        #expect(made)
        #expect(try Self.here(&world) == ["a", "b", "c"])
        let more = world.step { $0.makeRoom(for: 1 << 40, at: $1) }
        #expect(!more)
        world.close(opened)
        world.settle()
        #expect(world.cloudText("d/b") == "edited")
        _ = world.step { $0.makeRoom(for: 1 << 40, at: $1) }
        #expect(try Self.here(&world) == ["c"])
        #expect(try world.text("d/b") == "edited")
    }

    @Test("S82: bytes that were edited and are in the cloud by now can be freed and read again")
    func afterUpload() throws {
        var world = EngineWorld()
        try world.write("a", "only here")
        let id = try world.node("a")
        let early = try world.step { engine, now throws(PosixError) in
            try engine.free(id, at: now)
        }
        #expect(early.files == 0)
        #expect(early.kept.map(\.obstacle) == [.notUploaded])
        world.settle()
        let freed = try world.step { engine, now throws(PosixError) in
            try engine.free(id, at: now)
        }
        #expect(freed.files == 1 && freed.size == 9 && freed.kept.isEmpty)
        world.runEffects()
        #expect(world.disk.isEmpty)
        #expect(try world.text("a") == "only here")
    }

    @Test(
        "S81: pinning fetches what is there and what comes, also after a crash; unpinning ends it")
    func pinning() throws {
        var world = try Self.world(CachePolicy())
        let folder = try world.node("d")
        try world.step { engine, now throws(PosixError) in try engine.pin(folder, at: now) }
        world.run(effects: 7)
        world.crash()
        world.wait(seconds: 120)
        #expect(try Self.here(&world) == Self.names)
        #expect(world.engine.status.pinned == ["/d"])
        #expect(world.engine.status.pinnedMissing == 0)
        try world.service.remoteCreateFile(
            "d/new", Blob(generatedFrom: 77, count: 5000), now: world.now)
        try world.service.remoteEdit(
            "d/a", Blob(generatedFrom: 78, count: 6000), now: world.now)
        world.synchronize()
        world.wait(seconds: 120)
        #expect(try world.engine.attributes(of: world.node("d/new")).blocks > 0)
        #expect(try world.engine.attributes(of: world.node("d/a")).blocks == 12)
        let freed = try world.step { engine, now throws(PosixError) in
            try engine.free(folder, at: now)
        }
        #expect(freed.files == 0 && freed.keptCount == 9)
        #expect(freed.kept.allSatisfy { $0.obstacle == .pinned })
        let b = try world.node("d/b")
        try world.step { engine, now throws(PosixError) in try engine.unpin(b, at: now) }
        let some = try world.step { engine, now throws(PosixError) in
            try engine.free(folder, at: now)
        }
        #expect(some.files == 1 && some.keptCount == 8)
        try world.step { engine, now throws(PosixError) in try engine.unpin(folder, at: now) }
        let all = try world.step { engine, now throws(PosixError) in
            try engine.free(folder, at: now)
        }
        #expect(all.files == 8 && all.keptCount == 0)
        #expect(world.engine.status.pinned.isEmpty)
    }

    @Test("S81: a pin follows the file through renames, saves and new versions")
    func pinsFollow() throws {
        var world = EngineWorld()
        try world.makeDirectory("d")
        try world.write("d/doc", "one")
        world.settle()
        let folder = try world.node("d")
        let doc = try world.node("d/doc")
        try world.step { engine, now throws(PosixError) in try engine.pin(doc, at: now) }
        try world.rename("d/doc", "doc")
        try world.write("doc.new", "two")
        try world.rename("doc.new", "doc")
        world.settle()
        #expect(try world.state("doc", "user.onedrive.pin") == "kept")
        let opened = try world.open("doc")
        try world.service.remoteEdit("doc", Array("three".utf8), now: world.now)
        world.synchronize()
        world.wait(seconds: 60)
        #expect(try world.state("doc", "user.onedrive.pin") == "kept")
        #expect(try world.state("doc", "user.onedrive.state") == "hydrated")
        world.close(opened)
        #expect(try world.text("doc") == "three")
        _ = folder
        #expect(world.engine.status.pinned == ["/doc"])
    }

    @Test("S81: a failure does not end the wish to keep a file")
    func pinningWhileTheServiceFails() throws {
        var world = try Self.world(CachePolicy())
        world.service.inject(
            Fault(.respond(status: 500, code: "generalException"), operation: .download, count: 40))
        let folder = try world.node("d")
        try world.step { engine, now throws(PosixError) in try engine.pin(folder, at: now) }
        world.wait(seconds: 3600)
        #expect(try Self.here(&world) == Self.names)
    }

    @Test("S83: thumbnailers and indexers read what is here and nothing else")
    func noHydration() throws {
        var configuration = EngineConfiguration.test
        configuration.hydration = HydrationPolicy(refusing: HydrationPolicy.usual)
        var world = EngineWorld(configuration: configuration)
        try world.service.remoteCreateFile(
            "a", Blob(generatedFrom: 1, count: 4 << 20), now: world.now)
        world.synchronize()
        let opened = try world.open("a")
        func read(_ range: Range<Int64>, by process: String?) throws(PosixError) {
            _ = try world.call { engine, now throws(PosixError) in
                try engine.read(opened.handle, range, by: process, at: now)
            }
        }
        func state() throws -> String {
            let value = try world.engine.attribute(
                world.node("a"), Array("user.onedrive.state".utf8))
            return String(decoding: value, as: UTF8.self)
        }
        #expect(throws: PosixError.accessDenied) { try read(0..<4096, by: "tumblerd") }
        #expect(world.service.log.count(.download) == 0)
        #expect(try state() == "placeholder", "nothing of it is here")
        try read(0..<4096, by: "less")
        #expect(try state() == "partial")
        try read(0..<4096, by: "tumblerd")
        #expect(throws: PosixError.accessDenied) {
            try read(3 << 20..<(3 << 20) + 1, by: "tumblerd")
        }
        #expect(world.service.log.count(.download) == 1)
    }

    @Test(
        "processes are known by the first 15 bytes of their names",
        arguments: [
            ("tracker-extract-3", "tracker-extract", false), ("clamd", "clamd", false),
            ("clamd", "clamdscan", true), ("a", nil, true), ("tumblerd", "Tumblerd", true),
        ] as [(String, String?, Bool)])
    func processNames(refused: String, process: String?, permitted: Bool) {
        #expect(HydrationPolicy(refusing: [refused]).permits(process) == permitted)
    }
}
