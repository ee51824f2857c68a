import Core
import GraphSimulator
import Testing

extension EngineWorld {
    /// Whether the text has arrived; it is too long to be shown where it has not.
    fileprivate var hasArrived: Bool { cloudText("big") == EngineUploadTests.text }
}

/// Bytes on their way up: interrupted, taken up again, given up.
struct EngineUploadTests {
    fileprivate static let text = String(repeating: "0123456789abcdef", count: 700_000)

    @Test(
        "an upload that is killed often goes on where it was, and arrives once", arguments: [1, 3])
    func resumption(kills: Int) throws {
        var world = EngineWorld()
        try world.write("big", Self.text)
        for _ in 0..<kills {
            world.runUntil {
                $0.service.log.count(.fragment) > 0 || $0.cloudPaths == ["big"]
            }
            world.clearLog()
            world.crash()
        }
        world.settle()
        #expect(world.hasArrived)
        #expect(world.cloudPaths == ["big"])
        // The first run opened the only session.
        #expect(world.service.log.count(.createSession) == 0)
        #expect(world.service.log.count(.sessionCancel) == 0)
    }

    @Test("a file that was changed before the restart gets a session of its own")
    func changedMeanwhile() throws {
        var world = EngineWorld()
        try world.write("big", Self.text)
        world.runUntil { $0.service.log.count(.fragment) > 0 }
        world.crash()
        try world.write("big", "small by now")
        world.settle()
        #expect(world.cloudText("big") == "small by now")
        #expect(world.service.log.count(.sessionCancel) >= 1)
        #expect(world.cloudPaths == ["big"])
    }

    @Test("a session that ended while the client was away is replaced by another")
    func expiredMeanwhile() throws {
        var world = EngineWorld()
        try world.write("big", Self.text)
        world.runUntil { $0.service.log.count(.fragment) > 0 }
        world.now = world.now.advanced(byNanoseconds: 3_600_000_000_000)
        world.crash()
        world.settle()
        #expect(world.hasArrived)
        #expect(world.cloudPaths == ["big"])
    }

    @Test("the upload of a file that was removed is given up")
    func removedMeanwhile() throws {
        var world = EngineWorld()
        try world.write("big", Self.text)
        world.runUntil { $0.service.log.count(.createSession) > 0 }
        try world.remove("big")
        world.synchronize()
        #expect(world.cloudPaths.isEmpty)
        #expect(world.service.log.count(.sessionCancel) == 1)
        #expect(world.service.log.count(.fragment) <= 2)
        world.wait(seconds: 5)
        #expect(world.disk.isEmpty)
    }

    @Test("a file that is renamed and edited while it goes up arrives under its name, as it is")
    func renamedMeanwhile() throws {
        var world = EngineWorld()
        try world.write("big", Self.text)
        world.runUntil { $0.service.log.count(.fragment) > 0 }
        try world.rename("big", "other")
        let opened = try world.open("other", canWrite: true)
        try world.put("EDIT", opened)
        world.close(opened)
        world.settle()
        #expect(world.cloudPaths == ["other"])
        #expect(world.cloudText("other") == "EDIT" + Self.text.dropFirst(4))
    }

    @Test("of many files few sessions are open at a time")
    func fewSessions() throws {
        var world = EngineWorld()
        for number in 0..<40 { try world.write("file \(number)", "text \(number)") }
        var most = 0
        world.runUntil { world in
            most = max(most, world.service.openSessionCount)
            return world.cloudPaths.count == 40
        }
        #expect(most <= 20)
        world.settle()
        #expect(world.service.log.count(.createSession) == 40)
        #expect(world.service.log.count(.fragment) == 40)
    }

    @Test("a network that comes and goes costs few requests")
    func flaps() throws {
        var world = EngineWorld()
        world.settle()
        for number in 0..<50 { try world.write("file \(number)", "text \(number)") }
        world.clearLog()
        world.networkIsDown = true
        world.wait(seconds: 3600)
        #expect(world.attempts < 120)
        world.networkIsDown = false
        world.settle()
        #expect(world.cloudPaths.count == 50)
        #expect(world.service.log.records.count < 50 * 2 + 80)
    }

    @Test(
        "fragments that get an upload no further are followed by pauses, and the session goes on",
        // Fifteen minutes after the last fragment that was taken the service forgets the session.
        arguments: [(8, 1), (27, 1), (36, 2)])
    func fruitlessFragments(count: Int, sessions: Int) throws {
        var world = EngineWorld()
        world.wait(seconds: 60)
        try world.write("big", "some text")
        world.service.inject(
            Fault(
                .respond(status: 500, code: "generalException"), operation: .fragment,
                count: count))
        world.wait(seconds: 3600)
        #expect(world.cloudText("big") == "some text")
        #expect(world.service.log.count(.createSession) == sessions)
        #expect(world.service.log.count(.sessionCancel) == sessions - 1)
        let fragments = world.service.log.records.filter { $0.operation == .fragment }
        let started = try #require(fragments.first).time
        let early = fragments.filter { $0.time < started.advanced(byNanoseconds: 1_500_000_000) }
        #expect(early.count <= 4)
        #expect(fragments.count <= count + 12)
    }

    @Test("a session that cannot be asked for a while is not given up")
    func silentSession() throws {
        var world = EngineWorld()
        try world.write("big", Self.text)
        world.service.inject(Fault(.loseReply, operation: .fragment))
        world.service.inject(
            Fault(
                .respond(status: 500, code: "generalException"), operation: .sessionStatus,
                count: 12))
        world.wait(seconds: 3600)
        #expect(world.hasArrived)
        #expect(world.service.log.count(.createSession) == 1)
        #expect(world.service.log.count(.sessionCancel) == 0)
    }

    @Test("an upload of many bytes succeeds although its session changes the tag it is to find")
    func ownTagChanged() throws {
        var world = EngineWorld()
        try world.write("big", "short")
        world.settle()
        world.service.quirks.sessionChangesEntityTag = true
        world.service.quirks.simpleUploadLimit = 1
        try world.write("big", "some text")
        world.clearLog()
        world.wait(seconds: 3600)
        #expect(world.cloudText("big") == "some text")
        #expect(world.cloudPaths == ["big"])
        #expect(world.service.log.count(.fragment) <= 6)
    }

    @Test("bytes that arrive damaged are sent once more, and not taken from the cloud")
    func damagedUpload() throws {
        var world = EngineWorld()
        try world.write("a.txt", "text")
        world.service.quirks.rewrittenExtensions = ["txt"]
        world.runUntil { $0.cloudPaths == ["a.txt"] }
        world.service.quirks.rewrittenExtensions = []
        world.wait(seconds: 600)
        #expect(world.cloudText("a.txt") == "text")
        #expect(try world.text("a.txt") == "text")
        #expect(world.service.log.count(.createSession) == 2)
        #expect(world.engine.status.pending == 0)
    }

    @Test("bytes that arrive changed twice are what the service makes of them")
    func stubbornService() throws {
        var world = EngineWorld()
        world.service.quirks.rewrittenExtensions = ["txt"]
        try world.write("a.txt", "text")
        world.wait(seconds: 600)
        #expect(world.service.log.count(.createSession) == 2)
        #expect(try world.text("a.txt") == world.cloudText("a.txt"))
        #expect(world.cloudPaths == ["a.txt"])
        #expect(world.engine.status.pending == 0)
    }

    @Test(
        "the service is expected to rewrite some kinds of files",
        arguments: [
            ("a.docx", Core.DriveKind.business, true), ("A.PDF", .documentLibrary, true),
            ("a.docx", .personal, false), ("a.heic", .personal, true), ("a.txt", .business, false),
            ("docx", .business, false),
        ])
    func rewriting(name: String, kind: Core.DriveKind, isExpected: Bool) throws {
        #expect(
            ServerRewriting.isExpected(of: try #require(Name(name)), on: kind) == isExpected)
    }

    @Test func whatTheServiceRewritesIsTakenFromItOnce() throws {
        var world = EngineWorld()
        world.service.quirks.rewrittenExtensions = ["docx"]
        try world.write("a.docx", "text")
        world.settle()
        world.synchronize()
        world.wait(seconds: 600)
        #expect(world.service.log.count(.createSession) == 1)
        #expect(world.cloudText("a.docx") != "text")
        #expect(try world.text("a.docx") == world.cloudText("a.docx"))
        #expect(world.cloudPaths == ["a.docx"])
        #expect(world.engine.status.pending == 0)
    }

    @Test(
        "fragments grow while they are quick and shrink when they are slow or lost",
        arguments: [
            (10 << 20, 0, 20 << 20), (10 << 20, 5, 10 << 20), (10 << 20, 60, 5 << 20),
            (191 * 327_680, 0, 191 * 327_680), (4 * 327_680, 60, 4 * 327_680),
        ] as [(Int64, Int64, Int64)])
    func fragmentSizes(size: Int64, seconds: Int64, next: Int64) {
        let result = UploadWay.fragmentSize(after: size, taking: seconds * 1_000_000_000)
        #expect(result == next)
        #expect(result % UploadWay.fragmentUnit == 0)
        #expect(result < 60 << 20)
    }
}
