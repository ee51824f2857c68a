import Core
import GraphSimulator
import Testing

/// What a power failure takes away may be new, and never leaves bytes that count as something else.
struct PowerFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let isFromCloud: Bool
        let isClosed: Bool
        let text: String
        let failure: EngineWorld.PowerFailure

        var testDescription: String {
            "\(isFromCloud ? "fetched" : "uploaded"), then \(text)\(isClosed ? ", closed" : ""), "
                + failure.testDescription
        }
    }

    static let rows = [true, false].flatMap { isFromCloud in
        [true, false].flatMap { isClosed in
            ["OTHER", "longer than before"].flatMap { text in
                EngineWorld.PowerFailure.all.map {
                    Row(isFromCloud: isFromCloud, isClosed: isClosed, text: text, failure: $0)
                }
            }
        }
    }

    private static let before = "first text"

    /// A file whose bytes are here and in the cloud, durably.
    private static func world(isFromCloud: Bool, _ text: String = before) throws -> EngineWorld {
        var world = EngineWorld()
        if isFromCloud {
            try world.service.remoteCreateFile("a", Array(text.utf8), now: world.now)
        } else {
            try world.write("a", text)
        }
        world.synchronize()
        #expect(try world.text("a") == text)
        world.wait(seconds: 10)
        world.makeDurable()
        return world
    }

    @Test(
        "a file that is changed in place never counts as the version that it was", arguments: rows)
    func inPlace(_ row: Row) throws {
        var world = try Self.world(isFromCloud: row.isFromCloud)
        let opened = try world.open("a", canWrite: true)
        try world.put(row.text, opened)
        if row.isClosed {
            world.step { $0.flush(opened.node, at: $1) }
            world.close(opened)
        }
        let whole = row.text + Self.before.dropFirst(row.text.count)
        world.failPower(row.failure)
        let expected = row.failure.keepsBytes ? whole : Self.before
        #expect(try world.text("a") == expected)
        world.synchronize()
        #expect(world.cloudText("a") == expected)
        #expect(try world.text("a") == expected)
        #expect(try world.state("a", "user.onedrive.state") == "hydrated")
    }

    @Test("no byte is changed in place as long as it is not durable that it may be")
    func notDurable() throws {
        var world = try Self.world(isFromCloud: true)
        let opened = try world.open("a", canWrite: true)
        world.databaseFailsToSynchronize = true
        for _ in 0..<2 {
            #expect(throws: PosixError.inputOutput) { try world.put("OTHER", opened) }
            #expect(try world.text("a") == Self.before)
        }
        world.databaseFailsToSynchronize = false
        try world.put("OTHER", opened)
        world.failPower(EngineWorld.PowerFailure(keepsRecords: false, keepsBytes: true))
        world.synchronize()
        #expect(world.cloudText("a") == "OTHER" + Self.before.dropFirst(5))
    }

    @Test(
        "a content file that has become shorter is not taken for what it was",
        arguments: [true, false])
    func cut(isFromCloud: Bool) throws {
        var world = try Self.world(isFromCloud: isFromCloud)
        let (id, bytes) = try #require(world.disk.first)
        world.disk[id] = Array(bytes.dropLast())
        world.crash()
        #expect(try world.text("a") == Self.before)
        #expect(world.setAside == 1)
        world.synchronize()
        #expect(world.cloudText("a") == Self.before)
        #expect(try world.text("a") == Self.before)
    }

    @Test("bytes from the cloud that could not be made durable are fetched again")
    func downloadNotDurable() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a", Array("from there".utf8), now: world.now)
        world.synchronize()
        world.contentFailsToSynchronize = true
        #expect(try world.text("a") == "from there")
        world.wait(seconds: 10)
        // Now the disk says that all is well, which it is not.
        let id = try #require(world.disk.keys.first)
        world.contentFailsToSynchronize = false
        world.disk[id] = Array(repeating: 0, count: 10)
        #expect(try world.text("a") == "from there")
        world.wait(seconds: 10)
        world.failPower(EngineWorld.PowerFailure(keepsRecords: true, keepsBytes: false))
        #expect(try world.text("a") == "from there")
    }

    @Test("nothing is deleted as long as it is not durable that nobody needs it")
    func discardNotDurable() throws {
        var world = try Self.world(isFromCloud: false)
        let count = world.disk.count
        world.databaseFailsToSynchronize = true
        try world.remove("a")
        world.wait(seconds: 10)
        #expect(world.disk.count == count)
        world.databaseFailsToSynchronize = false
        world.wait(seconds: 10)
        #expect(world.disk.count == count - 1)
    }

    @Test(
        "the first bytes of a file that was empty are kept if they are there",
        arguments: EngineWorld.PowerFailure.all)
    func firstBytes(_ failure: EngineWorld.PowerFailure) throws {
        var world = try Self.world(isFromCloud: false, "")
        let opened = try world.open("a", canWrite: true)
        try world.put("bytes", opened)
        world.step { $0.flush(opened.node, at: $1) }
        world.close(opened)
        world.failPower(failure)
        let expected = failure.keepsBytes ? "bytes" : ""
        #expect(try world.text("a") == expected)
        world.synchronize()
        #expect(world.cloudText("a") == expected)
    }

    enum Way: CaseIterable { case renameOver, truncate, remove }

    @Test(
        "what was durable is not deleted before it is durable what took its place",
        arguments: Way.allCases, [0, 1, 10])
    func replaced(_ way: Way, seconds: Int64) throws {
        var world = try Self.world(isFromCloud: true)
        world.networkIsDown = true
        try world.write("a", "second")
        world.makeDurable()
        switch way {
        case .renameOver:
            try world.write("new", "third")
            try world.rename("new", "a")
        case .truncate: try world.write("a", "third")
        case .remove: try world.remove("a")
        }
        world.wait(seconds: seconds)
        world.failPower(EngineWorld.PowerFailure(keepsRecords: false, keepsBytes: true))
        let isDone = seconds == 10
        switch way {
        case .renameOver, .truncate:
            #expect(try world.text("a") == (isDone ? "third" : "second"))
        case .remove:
            #expect(try world.paths() == (isDone ? [] : ["a"]))
        }
    }

    @Test(
        "a backup of a file whose bytes have just come is whole, or not there",
        arguments: [nil] + EngineWorld.PowerFailure.all)
    func backup(_ failure: EngineWorld.PowerFailure?) throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("doc", Array("first".utf8), now: world.now)
        world.synchronize()
        world.makeDurable()
        #expect(try world.text("doc") == "first")
        try world.rename("doc", "doc~")
        try world.write("doc", "second")
        try world.service.remoteEdit("doc", Array("elsewhere".utf8), now: world.now)
        if let failure { world.failPower(failure) } else { world.crash() }
        world.synchronize()
        world.synchronize()
        var texts: [String: String] = [:]
        for path in try world.paths() { texts[path] = try world.text(path) }
        #expect(texts["doc"] == "elsewhere")
        let isKept = failure.map { $0.keepsRecords && $0.keepsBytes } ?? true
        #expect(texts["doc~"] == (isKept ? "first" : nil))
        for (path, text) in texts { #expect(world.cloudText(path) == text) }
    }

    @Test("a backup that is open when its bytes turn out to be lost leaves the mount")
    func openBackup() throws {
        var world = EngineWorld()
        try world.service.remoteCreateFile("doc", Array("first".utf8), now: world.now)
        world.synchronize()
        world.makeDurable()
        #expect(try world.text("doc") == "first")
        try world.rename("doc", "doc~")
        try world.write("doc", "second")
        world.failPower(EngineWorld.PowerFailure(keepsRecords: true, keepsBytes: false))
        // Before anybody could look at the bytes.
        let opened = try world.open("doc~")
        world.synchronize()
        #expect(try world.paths() == ["doc"])
        #expect(throws: PosixError.stale) { try world.read(opened) }
        #expect(world.engine.check().isEmpty)
        world.close(opened)
        #expect(world.engine.check().isEmpty)
        #expect(world.cloudPaths == ["doc"])
    }

    @Test("a killed client leaves no content file that nobody needs")
    func leftovers() throws {
        var world = try Self.world(isFromCloud: false)
        try world.write("new", "third")
        try world.rename("new", "a")
        world.crash()
        world.synchronize()
        world.wait(seconds: 10)
        #expect(world.disk.values.map { String(decoding: $0, as: UTF8.self) } == ["third"])
        #expect(world.setAside == 0)
    }
}
