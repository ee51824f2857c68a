import Core
import GraphSimulator
import Testing

/// What a user hears of how a client fares.
struct EngineStatusTests {
    private func world() throws -> EngineWorld {
        var service = GraphService(profile: .business, seed: 17)
        let now = Timestamp(seconds: 1_767_299_000)
        try service.remoteCreateFile("docs/a.txt", Array("text".utf8), now: now)
        var world = EngineWorld(service)
        world.synchronize()
        return world
    }

    @Test("requests are counted by what came of them")
    func counts() throws {
        var world = try world()
        let before = world.engine.status.requests
        #expect(before.sent == before.answered && before.last == nil)
        let code = "activityLimitReached"
        world.service.inject(
            Fault(.respond(status: 429, code: code, retryAfter: "1"), operation: .delta))
        world.service.inject(
            Fault(.respond(status: 403, code: "accessDenied"), operation: .createSession))
        world.service.inject(Fault(.dropConnection, operation: .fragment))
        try world.write("docs/b.txt", "written")
        world.wait(seconds: 300)
        let after = world.engine.status.requests
        #expect(after.throttled == 1)
        #expect(after.refused == 1)
        #expect(after.lost == 1)
        #expect(after.sent == after.answered + after.refused + after.throttled + after.lost)
        #expect(world.cloudText("docs/b.txt") == "written")
    }

    @Test("the last error says what, when and of which file; daily work is none")
    func lastError() throws {
        var world = try world()
        // Somebody else was faster: a conflict, no error.
        world.service.inject(
            Fault(.respond(status: 412, code: "resourceModified"), operation: .createSession))
        try world.write("docs/a.txt", "edited")
        world.wait(seconds: 120)
        #expect(world.engine.status.requests.refused > 0)
        #expect(world.engine.status.requests.last == nil)
        let begin = world.now
        world.service.inject(
            Fault(.respond(status: 423, code: "resourceLocked"), operation: .createSession))
        try world.write("docs/a.txt", "edited again")
        world.wait(seconds: 10)
        let last = try #require(world.engine.status.requests.last)
        #expect(last.path == "/docs/a.txt")
        #expect(last.message.contains("423"))
        #expect(last.time >= begin)
    }

    @Test("why there is no way to the service is told of, also where only the sign-in knows")
    func offline() throws {
        var world = try world()
        world.service.expireAccessTokens()
        world.tokenTrouble = "no word of it"
        world.wait(seconds: 120)
        #expect(world.reports.last == .offline(.noToken("no word of it")))
        #expect(world.engine.status.requests.last?.message == "no word of it")
        world.tokenTrouble = nil
        world.wait(seconds: 120)
        #expect(world.reports.last == .online)
    }

    @Test("the quota is asked for again after changes, and not without them")
    func quota() throws {
        var world = try world()
        let used = try #require(world.engine.status.quota?.used)
        world.service.clearLog()
        world.wait(seconds: 1200)
        #expect(world.service.log.counts[.drive] == nil)
        _ = try world.service.remoteCreateFile(
            "large.bin", Blob(generatedFrom: 1, count: 50_000_000), now: world.now)
        world.wait(seconds: 1200)
        #expect(world.service.log.counts[.drive] == 1)
        #expect(world.engine.status.quota?.used == used + 50_000_000)
    }

    @Test("whoever waits for what is kept hears when it is here, or why not")
    func kept() throws {
        var world = try world()
        let node = try world.node("docs/a.txt")
        world.step { engine, now in try? engine.pin(node, at: now) }
        let wait = world.step { engine, now in engine.awaitKept(at: now) }
        #expect(world.woken[wait] == nil)
        world.wait(seconds: 10)
        #expect(world.woken[wait] == .some(nil))
        #expect(try world.state("docs/a.txt", "user.onedrive.state") == "hydrated")
        let atOnce = world.step { engine, now in engine.awaitKept(at: now) }
        world.wait(seconds: 1)
        #expect(world.woken[atOnce] == .some(nil))
        world.step { engine, now in engine.pause(at: now) }
        let paused = world.step { engine, now in engine.awaitKept(at: now) }
        world.wait(seconds: 1)
        #expect(world.woken[paused] == .some(.busy))
    }

    @Test("what was removed is named by where it lay, and does not hide what else waits")
    func heldBack() throws {
        var configuration = EngineConfiguration.test
        configuration.deleteGuard = 1
        var service = GraphService(profile: .business, seed: 17)
        let now = Timestamp(seconds: 1_767_299_000)
        for name in ["z/a.txt", "z/b.txt", "kept.txt"] {
            try service.remoteCreateFile(name, Array("text".utf8), now: now)
        }
        var world = EngineWorld(service, configuration: configuration)
        world.synchronize()
        try world.remove("z/a.txt")
        try world.remove("z/b.txt")
        try world.removeDirectory("z")
        try world.write("kept.txt", "edited")
        try world.write(".~lock.kept.txt#", "me")
        world.wait(seconds: 30)
        let status = world.engine.status
        #expect(status.suspension?.remoteDeletions == 3)
        #expect(status.waiting.first?.path == "/kept.txt")
        #expect(status.waiting.dropFirst().map(\.path).sorted() == ["/z", "/z/a.txt", "/z/b.txt"])
    }
}
