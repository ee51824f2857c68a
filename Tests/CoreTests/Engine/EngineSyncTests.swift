import Core
import GraphSimulator
import Testing

/// The whole client against the simulated service: what happens on one side arrives on the other.
struct EngineSyncTests {
    @Test func aNewDriveIsShownWhole() throws {
        var world = EngineWorld(.demo())
        world.settle()
        #expect(try world.paths() == world.cloudPaths)
        #expect(world.engine.status.pending == 0)
    }

    @Test func filesWrittenHereArriveThere() throws {
        var world = EngineWorld()
        try world.makeDirectory("Documents")
        try world.write("Documents/a.txt", "hello")
        try world.write("empty.txt", "")
        world.settle()
        #expect(world.cloudPaths == ["Documents/", "Documents/a.txt", "empty.txt"])
        #expect(world.cloudText("Documents/a.txt") == "hello")
        #expect(world.engine.status.pending == 0)
        #expect(try world.text("Documents/a.txt") == "hello")
    }

    @Test func filesMadeThereAreReadHere() throws {
        var world = EngineWorld()
        world.settle()
        try world.service.remoteCreateFile(
            "Reports/q1.txt", Array("numbers".utf8), now: world.now)
        world.synchronize()
        #expect(try world.paths() == ["Reports/", "Reports/q1.txt"])
        #expect(world.disk.isEmpty)
        #expect(try world.text("Reports/q1.txt") == "numbers")
    }

    @Test func anEditGoesUpAsAVersionOfTheSameItem() throws {
        var world = EngineWorld()
        try world.write("a.txt", "one")
        world.settle()
        let item = try #require(world.service.entry("a.txt")).id
        try world.write("a.txt", "two, longer")
        world.settle()
        #expect(world.cloudText("a.txt") == "two, longer")
        #expect(try #require(world.service.entry("a.txt")).id == item)
        #expect(world.service.tree().count == 1)
    }

    @Test func anEditThereReplacesWhatIsHere() throws {
        var world = EngineWorld()
        try world.write("a.txt", "one")
        world.settle()
        try world.service.remoteEdit("a.txt", Array("from elsewhere".utf8), now: world.now)
        world.synchronize()
        #expect(try world.text("a.txt") == "from elsewhere")
    }

    @Test func movesAreMovesByID() throws {
        var world = EngineWorld()
        try world.makeDirectory("a")
        try world.makeDirectory("b")
        try world.write("a/x.txt", "x")
        world.settle()
        let item = try #require(world.service.entry("a/x.txt")).id
        try world.rename("a/x.txt", "b/y.txt")
        try world.rename("b", "a/c")
        world.settle()
        #expect(world.cloudPaths == ["a/", "a/c/", "a/c/y.txt"])
        #expect(try #require(world.service.entry("a/c/y.txt")).id == item)
    }

    @Test func deletionsGoBothWays() throws {
        var world = EngineWorld()
        try world.makeDirectory("a")
        try world.write("a/x.txt", "x")
        try world.write("a/y.txt", "y")
        try world.write("z.txt", "z")
        world.settle()
        try world.remove("a/x.txt")
        try world.service.remoteDelete("z.txt", now: world.now)
        world.synchronize()
        #expect(world.cloudPaths == ["a/", "a/y.txt"])
        #expect(try world.paths() == ["a/", "a/y.txt"])
        try world.remove("a/y.txt")
        try world.removeDirectory("a")
        world.synchronize()
        #expect(world.cloudPaths.isEmpty)
        #expect(world.engine.tree.count == 1)
    }

    @Test func editsOnBothSidesAreBothKept() throws {
        var world = EngineWorld()
        try world.write("a.txt", "base")
        world.settle()
        try world.service.remoteEdit("a.txt", Array("theirs".utf8), now: world.now)
        try world.write("a.txt", "mine")
        world.synchronize()
        world.synchronize()
        #expect(world.cloudText("a.txt") == "theirs")
        #expect(try world.text("a.txt") == "theirs")
        let copies = world.cloudPaths.filter { $0.contains("conflict laptop") }
        #expect(copies.count == 1)
        #expect(try world.text(try #require(copies.first)) == "mine")
        #expect(world.cloudText(try #require(copies.first)) == "mine")
    }

    @Test(
        "a program saves by renaming: the item stays",
        arguments: [
            SaveDance.temporaryFile, .backup, .backupDeleted, .deleted,
        ])
    func savesKeepTheItem(_ dance: SaveDance) throws {
        var world = EngineWorld()
        try world.write("doc.txt", "one")
        world.settle()
        let item = try #require(world.service.entry("doc.txt")).id
        try dance.perform(&world)
        world.settle()
        #expect(try #require(world.service.entry("doc.txt")).id == item)
        #expect(world.cloudText("doc.txt") == "two")
        #expect(try world.text("doc.txt") == "two")
        #expect(try world.paths() == world.cloudPaths)
    }

    enum SaveDance: Sendable {
        case temporaryFile, backup, backupDeleted, deleted

        func perform(_ world: inout EngineWorld) throws(PosixError) {
            switch self {
            case .temporaryFile:
                try world.write("doc.txt.new", "two")
                try world.rename("doc.txt.new", "doc.txt")
            case .backup:
                try world.rename("doc.txt", "doc.txt~")
                try world.write("doc.txt", "two")
            case .backupDeleted:
                try world.write("doc.tmp", "two")
                try world.rename("doc.txt", "doc.bak")
                try world.rename("doc.tmp", "doc.txt")
                try world.remove("doc.bak")
            case .deleted:
                try world.remove("doc.txt")
                try world.write("doc.txt", "two")
            }
        }
    }

    @Test func namesAreSwapped() throws {
        var world = EngineWorld()
        try world.write("a", "1")
        try world.write("b", "2")
        world.settle()
        try world.rename("a", "b", .exchange)
        world.settle()
        #expect(world.cloudText("a") == "2")
        #expect(world.cloudText("b") == "1")
        #expect(world.cloudPaths == ["a", "b"])
        #expect(try world.paths() == ["a", "b"])
    }

    @Test func aReaderKeepsTheVersionHeOpened() throws {
        var world = EngineWorld()
        try world.write("a.txt", "one")
        world.settle()
        let opened = try world.open("a.txt")
        try world.service.remoteEdit("a.txt", Array("two".utf8), now: world.now)
        world.synchronize()
        #expect(try world.read(opened) == "one")
        #expect(try world.text("a.txt") == "two")
        world.close(opened)
        world.settle()
        #expect(try world.text("a.txt") == "two")
        #expect(world.engine.tree.count == 2)
    }

    @Test func aFileOpenForWritingIsLeftAlone() throws {
        var world = EngineWorld()
        try world.write("a.txt", "one")
        world.settle()
        let opened = try world.open("a.txt", canWrite: true)
        try world.service.remoteEdit("a.txt", Array("theirs".utf8), now: world.now)
        world.synchronize()
        #expect(try world.read(opened) == "one")
        try world.put("mine", opened)
        world.close(opened)
        world.synchronize()
        #expect(world.cloudText("a.txt") == "theirs")
        #expect(world.cloudPaths.count == 2)
    }

    @Test("the engine goes on after a crash at any effect", arguments: 0..<40)
    func survivesCrashes(after steps: Int) throws {
        var world = EngineWorld()
        try world.write("keep.txt", "kept")
        try world.write("edit.txt", "old")
        world.settle()
        try world.makeDirectory("new")
        try world.write("new/a.txt", "aaa")
        try world.write("edit.txt", "new text")
        try world.rename("keep.txt", "new/kept.txt")
        world.run(effects: steps)
        world.crash()
        world.settle()
        world.synchronize()
        #expect(world.cloudPaths == ["edit.txt", "new/", "new/a.txt", "new/kept.txt"])
        #expect(world.cloudText("new/a.txt") == "aaa")
        #expect(world.cloudText("edit.txt") == "new text")
        #expect(world.cloudText("new/kept.txt") == "kept")
        #expect(try world.paths() == world.cloudPaths)
    }

    @Test(
        "S53: folders that are moved into each other stay where the cloud has them",
        arguments: [false, true])
    func crossedMoves(isUnseen: Bool) throws {
        var world = EngineWorld()
        for path in ["a/1", "b/2"] {
            try world.service.remoteCreateFile(path, [1], now: world.now)
        }
        world.synchronize()
        try world.rename("a", "b/a")
        try world.service.remoteMove("b", toFolder: "a", now: world.now)
        if isUnseen {
            // The move is refused before the change from elsewhere is heard of.
            world.holds = {
                if case .delta = $0 { true } else { false }
            }
            _ = world.step { $0.synchronize(at: $1) }
            while !world.service.log.records.contains(where: { $0.method == "PATCH" }) {
                world.run(effects: 1)
            }
            world.run(effects: 20)
            world.deliver()
            world.settle()
        } else {
            world.synchronize()
        }
        #expect(world.cloudPaths == ["a/", "a/1", "a/b/", "a/b/2"])
        #expect(try world.paths() == world.cloudPaths)
        #expect(world.engine.status.pending == 0)
    }

    @Test("S46: nothing is removed here before the service has told all its changes")
    func removedLast() throws {
        var world = EngineWorld()
        for path in ["a", "b", "c"] {
            try world.service.remoteCreateFile(path, [1], now: world.now)
        }
        world.service.quirks.deltaPageSize = 1
        world.service.quirks.pageSizeMax = 1
        world.synchronize()
        try world.service.remoteDelete("a", now: world.now)
        try world.service.remoteEdit("b", [2, 2], now: world.now)
        try world.service.remoteCreateFile("d", [3], now: world.now)
        _ = world.step { $0.synchronize(at: $1) }
        let (first, last): (Name, Name) = ("a", "d")
        while world.engine.tree.child(of: .root, named: first) != nil { world.run(effects: 1) }
        #expect(world.engine.tree.child(of: .root, named: last) != nil)
        let pages = world.service.log.records.count { $0.target.contains("delta") }
        #expect(pages > 6)
    }
}
