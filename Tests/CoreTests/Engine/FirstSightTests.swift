import Core
import GraphSimulator
import Simulation
import Testing

/// A first enumeration shows items without a plan where it can, and the same items where it cannot.
struct FirstSightTests {
    private func service(_ change: (inout GraphService) throws -> Void) throws -> GraphService {
        var service = GraphService(profile: .business, seed: 9)
        let now = Timestamp(seconds: 1_767_299_000)
        for folder in 0..<5 {
            for file in 0..<20 {
                try service.remoteCreateFile(
                    "f\(folder)/g/\(file)", Array("\(folder) \(file)".utf8), now: now)
            }
        }
        try change(&service)
        return service
    }

    @Test("The order in which items are told, and the size of pages, make no difference")
    func orders() throws {
        var expected: [String]?
        for (size, shuffles) in [(200, false), (200, true), (7, false), (7, true), (1, true)] {
            var world = EngineWorld(
                try service {
                    $0.quirks.deltaPageSize = size
                    $0.quirks.pageSizeMax = size
                    $0.quirks.deltaShuffles = shuffles
                })
            world.settle()
            #expect(world.engine.status.pending == 0)
            let paths = try world.paths()
            #expect(paths == world.cloudPaths)
            #expect(paths == expected ?? paths)
            expected = paths
        }
    }

    @Test("While syncing is paused, what is looked into is shown, and nothing else")
    func paused() throws {
        var world = EngineWorld(try service { _ in })
        world.step { $0.pause(at: $1) }
        world.wait(seconds: 120)
        #expect(world.engine.tree.children(of: .root).isEmpty)
        #expect(try world.text("f1/g/7") == "1 7")
        #expect(world.engine.tree.children(of: .root).count == 5)
        let unseen = try world.node("f2/g")
        #expect(world.engine.tree.children(of: unseen).isEmpty)
        _ = world.step { $0.resume(at: $1) }
        world.settle()
        #expect(try world.paths() == world.cloudPaths)
    }

    private static let isDrive: @Sendable (GraphCall) -> Bool = {
        if case .drive = $0 { true } else { false }
    }

    @Test("A name is not absent while it is not known yet of which drive it was told")
    func unconfirmed() throws {
        var world = EngineWorld(try service { _ in })
        world.holds = Self.isDrive
        let name: Name = "f3"
        let answer = try world.step { engine, now throws(PosixError) in
            try engine.lookup(.root, name, at: now)
        }
        guard case .wait(let wait) = answer else {
            Issue.record("the name is known already")
            return
        }
        world.run(effects: 100)
        #expect(world.service.log.records.contains { $0.target.contains("/root/children") })
        #expect(world.woken[wait] == nil)
        world.deliver()
        #expect(try world.text("f3/g/19") == "3 19")
    }

    @Test("Where no answer tells which drive it is, whoever waits for a name is told so")
    func refused() throws {
        var world = EngineWorld(try service { _ in })
        world.service.inject(
            Fault(.respond(status: 403, code: "accessDenied"), operation: .drive, count: 9))
        world.holds = Self.isDrive
        let name: Name = "f3"
        _ = try world.step { engine, now throws(PosixError) in
            try engine.lookup(.root, name, at: now)
        }
        world.run(effects: 100)
        world.deliver()
        #expect(throws: PosixError.accessDenied) { try world.node("f3") }
    }

    @Test("Names of another drive than that of the mount are not shown")
    func otherDrive() throws {
        var world = EngineWorld(try service { $0.quirks.deltaPageSize = 7 })
        while world.database.state.settings[.drive] == nil { world.run(effects: 1) }
        var other = GraphService(profile: .business, seed: 10)
        try other.remoteCreateFile("theirs", [1], now: world.now)
        world.signIn(to: other)
        world.holds = Self.isDrive
        world.crash()
        let name: Name = "theirs"
        _ = try world.step { engine, now throws(PosixError) in
            try engine.lookup(.root, name, at: now)
        }
        world.run(effects: 100)
        world.deliver()
        #expect(throws: PosixError.accessDenied) { try world.node("theirs") }
        #expect(world.engine.tree.child(of: .root, named: name) == nil)
    }
}
