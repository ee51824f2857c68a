import Core
import GraphSimulator
import Testing

/// Where small pictures lie, as a client asks for it.
struct EngineThumbnailTests {
    private static func world() throws -> EngineWorld {
        var world = EngineWorld()
        for name in ["a.jpg", "b.txt"] {
            try world.service.remoteCreateFile(name, Array("12345".utf8), now: world.now)
        }
        world.synchronize()
        world.service.clearLog()
        return world
    }

    private static func answer(
        _ name: String, in world: inout EngineWorld, seconds: Int64 = 60
    ) throws -> ThumbnailAnswer? {
        let node = try world.node(name)
        let asked = try world.step { engine, now throws(PosixError) in
            try engine.askThumbnail(of: node, at: now)
        }
        world.wait(seconds: seconds)
        #expect(world.woken[asked.wait] == .some(nil))
        defer { #expect(world.step { engine, _ in engine.takeThumbnail(asked.question) } == nil) }
        return world.step { engine, _ in engine.takeThumbnail(asked.question) }
    }

    @Test("the address of a picture comes without its bytes, and is no bytes of the file")
    func picture() throws {
        var world = try Self.world()
        guard case .lies(let url)? = try Self.answer("a.jpg", in: &world) else {
            Issue.record("no address")
            return
        }
        #expect(url.contains("/thumbnail/"))
        #expect(world.service.log.count(.thumbnail) == 1)
        #expect(world.service.log.count(.download) == 0)
        let name = Array("user.onedrive.state".utf8)
        let state = try world.engine.attribute(world.node("a.jpg"), name)
        #expect(state == Array("placeholder".utf8))
    }

    @Test("a file without a picture is no failure that anybody is told of")
    func none() throws {
        var world = try Self.world()
        #expect(try Self.answer("b.txt", in: &world) == .absent)
        #expect(world.engine.status.requests.last == nil)
    }

    @Test("a service that wants rest is not asked before")
    func throttled() throws {
        var world = try Self.world()
        world.service.inject(
            Fault(
                .respond(status: 429, code: "activityLimitReached", retryAfter: "30"),
                operation: .thumbnail, count: 1))
        let began = world.now
        guard case .lies? = try Self.answer("a.jpg", in: &world) else {
            Issue.record("no address")
            return
        }
        #expect(world.now >= began.advanced(byNanoseconds: 30_000_000_000))
        #expect(world.service.log.count(.thumbnail) == 2)
    }

    @Test("without a network nobody waits")
    func offline() throws {
        var world = try Self.world()
        world.networkIsDown = true
        #expect(
            try Self.answer("a.jpg", in: &world, seconds: 600) == .failed(.networkUnreachable))
        let node = try world.node("a.jpg")
        #expect(throws: PosixError.networkUnreachable) {
            try world.step { engine, now throws(PosixError) in
                _ = try engine.askThumbnail(of: node, at: now)
            }
        }
    }

    @Test("folders, and files that the cloud does not have, are not asked for")
    func nothingToAsk() throws {
        var world = try Self.world()
        try world.write("new.jpg", "x")
        for node in [NodeID.root, try world.node("new.jpg")] {
            #expect(throws: PosixError.noEntry) {
                try world.step { engine, now throws(PosixError) in
                    _ = try engine.askThumbnail(of: node, at: now)
                }
            }
        }
        #expect(world.service.log.count(.thumbnail) == 0)
    }
}
