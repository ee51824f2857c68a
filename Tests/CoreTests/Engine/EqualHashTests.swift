import Core
import GraphSimulator
import Testing

/// Other bytes of the same size and the same quickXorHash.
struct EqualHashTests {
    private static let row = String(repeating: "-", count: 159) + "\n"
    private static let marked = String(repeating: "x", count: 159) + "\n"
    private static let before = marked + row + row
    private static let after = row + row + marked
    private static let between = row + marked + row

    private func world() throws -> EngineWorld {
        var world = EngineWorld()
        try world.service.remoteCreateFile("a", Array(Self.before.utf8), now: world.now)
        world.synchronize()
        #expect(try world.text("a") == Self.before)
        return world
    }

    @Test("Blocks that change places leave the hash as it is")
    func hash() {
        let hashes = [Self.before, Self.between, Self.after].map {
            QuickXorHash.hash(of: Array($0.utf8))
        }
        #expect(Set(hashes).count == 1)
    }

    @Test("S22: what is written goes up, whatever its hash", arguments: [false, true])
    func edited(isReplaced: Bool) throws {
        var world = try world()
        if isReplaced {
            try world.write("a.new", Self.after)
            try world.rename("a.new", "a")
        } else {
            try world.write("a", Self.after)
        }
        world.synchronize()
        #expect(world.cloudText("a") == Self.after)
        #expect(world.cloudPaths == ["a"])
        #expect(world.engine.status.pending == 0)
        let attempts = world.attempts
        world.crash()
        world.synchronize()
        #expect(try world.text("a") == Self.after)
        #expect(world.cloudText("a") == Self.after)
        // The drive, the changes, and the item of no file.
        #expect(world.attempts - attempts < 6)
    }

    @Test("What is written while the same hash goes up goes up, too")
    func editedMeanwhile() throws {
        var world = try world()
        try world.write("a", Self.between)
        while world.cloudText("a") != Self.between { world.run(effects: 1) }
        try world.write("a", Self.after)
        world.synchronize()
        #expect(world.cloudText("a") == Self.after)
    }

    @Test(
        "A lost reply, and a crash before or after an upload, lose nothing", arguments: [1, 2, 3])
    func interrupted(_ way: Int) throws {
        var world = try world()
        if way == 1 { world.service.inject(Fault(.loseReply, method: "PUT")) }
        try world.write("a", Self.after)
        if way == 2 { world.crash() }
        if way == 3 {
            while world.cloudText("a") != Self.after { world.run(effects: 1) }
            world.crash()
        }
        world.synchronize()
        #expect(world.cloudText("a") == Self.after)
        #expect(try world.text("a") == Self.after)
        #expect(world.cloudPaths == ["a"])
    }

    @Test("Edited here and, to other bytes, there: both are kept")
    func conflict() throws {
        var world = try world()
        try world.write("a", Self.after)
        try world.service.remoteEdit("a", Array("theirs".utf8), now: world.now)
        world.synchronize()
        #expect(world.cloudText("a") == "theirs")
        let copy = try #require(world.cloudPaths.first { $0 != "a" })
        #expect(world.cloudText(copy) == Self.after)
    }
}
