import Core
import GraphSimulator
import Simulation
import Testing

/// Which drive the sign-in leads to, and what follows from it.
struct EngineDriveTests {
    @Test("on another drive than before nothing is removed, nothing sent, nothing asked but which")
    func otherDrive() throws {
        var world = EngineWorld()
        try world.write("a.txt", "kept")
        world.settle()
        world.signIn(to: GraphService(profile: .business, seed: 8))
        world.crash()
        try world.write("b.txt", "waits")
        world.settle()
        #expect(try world.paths() == ["a.txt", "b.txt"])
        #expect(try world.text("a.txt") == "kept")
        #expect(world.cloudPaths == [])
        #expect(world.engine.status.pause == .otherDrive)
        #expect(world.reports.contains(.otherDrive))
        #expect(world.service.log.records.allSatisfy { $0.method == "GET" })
        let goesOn = world.step { $0.resume(at: $1) }
        #expect(!goesOn)
    }

    @Test("a drive that cannot be confirmed at first is asked for again at the next poll")
    func confirmedLater() throws {
        var world = EngineWorld()
        try world.write("a.txt", "one")
        world.settle()
        world.service.inject(
            Fault(.respond(status: 403, code: "accessDenied"), operation: .drive))
        world.crash()
        try world.write("a.txt", "two")
        world.synchronize()
        #expect(world.service.log.records.contains { $0.status == 403 })
        #expect(world.cloudText("a.txt") == "two")
    }

    @Test("a page that was asked for before a change of ours was answered does not undo it")
    func overtakenPage() throws {
        var world = EngineWorld()
        try world.write("a", "one")
        try world.write("gone", "two")
        world.settle()
        world.holds = {
            if case .delta = $0 { true } else { false }
        }
        world.step { _ = $0.synchronize(at: $1) }
        world.run(effects: 3)
        try world.rename("a", "b")
        try world.remove("gone")
        world.settle()
        #expect(world.cloudPaths == ["b"])
        world.deliver()
        world.settle()
        #expect(try world.paths() == ["b"])
        #expect(world.cloudPaths == ["b"])
        #expect(try world.text("b") == "one")
    }

    @Test("what was sent before a kill and moved after it is still the same item")
    func movedBeforeItsReply() throws {
        var world = EngineWorld()
        try world.makeDirectory("d")
        world.settle()
        world.service.inject(Fault(.loseReply, method: "PUT"))
        try world.write("big", "bytes")
        while !world.cloudPaths.contains("big") { world.run(effects: 1) }
        world.crash()
        try world.rename("big", "d/big")
        world.synchronize()
        #expect(world.cloudPaths == ["d/", "d/big"])
        #expect(try world.paths() == ["d/", "d/big"])
        #expect(try world.text("d/big") == "bytes")
    }

    @Test("the space of the drive is known after a start without network")
    func quotaIsKept() throws {
        var world = EngineWorld()
        world.settle()
        let quota = try #require(world.engine.status.quota)
        let engine = Engine(
            world.database.state, .init(), configuration: .test, at: world.now)
        #expect(engine.status.quota == quota)
    }

    @Test("items have an address for browsers", arguments: [true, false])
    func webAddress(isPersonal: Bool) throws {
        var world = EngineWorld(
            GraphService(profile: isPersonal ? .personal : .business, seed: 7))
        try world.makeDirectory("My Files")
        try world.write("My Files/50% #1.txt", "x")
        world.settle()
        let id = try world.node("My Files/50% #1.txt")
        let name = Array("user.onedrive.web_url".utf8)
        let address = String(
            decoding: try world.engine.attribute(id, name), as: UTF8.self)
        if isPersonal {
            #expect(address.hasPrefix("https://onedrive.live.com/redir?resid="))
        } else {
            #expect(address.hasSuffix("/My%20Files/50%25%20%231.txt"))
        }
    }

    @Test("every node tells of the configuration it belongs to, and takes no attribute of ours")
    func ownAttributes() throws {
        var configuration = EngineConfiguration.test
        configuration.file = "/home/me/two.yml"
        var world = EngineWorld(configuration: configuration)
        let name = Array("user.onedrive.configuration".utf8)
        #expect(try world.engine.attribute(.root, name) == Array("/home/me/two.yml".utf8))
        world.step { engine, now in engine.reconfigure(.test, at: now) }
        #expect(throws: PosixError.noAttribute) { try world.engine.attribute(.root, name) }
        #expect(throws: PosixError.notPermitted) {
            try world.step { engine, now throws(PosixError) in
                try engine.setAttribute(.root, name, [0x78], mode: .any, at: now)
            }
        }
    }
}
