import GraphSimulator
import Simulation
import Testing

@testable import Core

/// How bytes come from the cloud: how many requests it takes, whose they are, and what goes wrong.
struct EngineDownloadTests {
    private static let size = 5 << 20

    /// A drive with one large file that has been listed.
    private static func world(_ size: Int = size) throws -> EngineWorld {
        var world = EngineWorld()
        try world.service.remoteCreateFile(
            "big", Blob(generatedFrom: 3, count: UInt64(size)), now: world.now)
        world.synchronize()
        world.clearLog()
        return world
    }

    @Test func theFirstByteTakesTwoRequestsAndLittleElse() throws {
        var world = try Self.world()
        let opened = try world.open("big")
        #expect(world.service.log.count(.item) + world.service.log.count(.download) == 0)
        let middle: Int64 = 3 << 20
        #expect(
            try world.bytes(opened, middle..<middle + 4096)
                == world.expected("big", middle..<middle + 4096))
        #expect(world.service.log.count(.item) == 1)
        #expect(world.service.log.count(.download) == 1)
        #expect(world.service.log.records.reduce(0) { $0 + $1.bytesSent } <= 2 << 20)
        // The address is known by now.
        _ = try world.bytes(opened, 0..<4096)
        #expect(world.service.log.count(.item) == 1)
        #expect(world.service.log.count(.download) == 2)
    }

    @Test func readingInOrderTakesFewRequests() throws {
        var world = try Self.world()
        let opened = try world.open("big")
        var offset: Int64 = 0
        while offset < Self.size {
            let range = offset..<min(offset + 131_072, Int64(Self.size))
            #expect(try world.bytes(opened, range) == world.expected("big", range))
            offset = range.upperBound
        }
        #expect(world.service.log.count(.item) == 1)
        #expect(world.service.log.count(.download) <= 12)
        let sent = world.service.log.records.reduce(0) { $0 + $1.bytesSent }
        #expect(sent < UInt64(Self.size) + (1 << 20))
    }

    @Test(
        "What is on its way for a handle is given up with it, unless it is little",
        arguments: [1, 2])
    func closedWhileReading(megabytes: Int) throws {
        var world = try Self.world(megabytes << 20)
        let opened = try world.open("big")
        let answer = try world.step { engine, now throws(PosixError) in
            try engine.read(opened.handle, 0..<4096, at: now)
        }
        world.runUntil { !$0.engine.downloads.fetches.isEmpty }
        guard case .wait(let wait) = answer else {
            Issue.record("nobody has fetched this")
            return
        }
        world.step { _ = $0.cancelWait(wait, at: $1) }
        world.close(opened)
        #expect(world.engine.downloads.fetches.isEmpty == (megabytes > 1))
        let isStopped = world.queue.contains { if case .cancel = $0 { true } else { false } }
        #expect(isStopped == (megabytes > 1))
    }

    @Test("Who needs the whole file gets it, also if the reader for whom it came closes it")
    func closedWhileAllIsWanted() throws {
        var world = try Self.world(2 << 20)
        let reader = try world.open("big")
        let writer = try world.open("big", canWrite: true)
        let reading = try world.step { engine, now throws(PosixError) in
            try engine.read(reader.handle, 0..<4096, at: now)
        }
        let writing = try world.step { engine, now throws(PosixError) in
            try engine.prepareChange(writer.node, at: now)
        }
        guard case .wait(let readerWait) = reading, case .wait(let wait) = writing else {
            Issue.record("all of it is here")
            return
        }
        world.step { _ = $0.cancelWait(readerWait, at: $1) }
        world.close(reader)
        world.runUntil { $0.woken[wait] != nil }
        #expect(world.woken[wait] == .some(nil))
    }

    @Test func readersShareWhatIsOnItsWay() throws {
        var world = try Self.world()
        let opened = try (0..<5).map { _ in try world.open("big") }
        for handle in opened {
            _ = try world.step { engine, now throws(PosixError) in
                try engine.read(handle.handle, 0..<131_072, at: now)
            }
        }
        _ = try world.bytes(opened[0], 0..<131_072)
        world.runEffects()
        #expect(world.service.log.count(.item) == 1)
        #expect(world.service.log.count(.download) == 1)
    }

    @Test func theFirstChangeFetchesInParallelAndVerifies() throws {
        var world = try Self.world()
        let opened = try world.open("big", canWrite: true)
        try world.put("changed", opened)
        #expect(world.downloadsAtOnce >= 3)
        world.close(opened)
        world.settle()
        #expect(world.service.log.count(.item) == 1)
        #expect(world.cloudText("big")?.hasPrefix("changed") == true)
        #expect(world.service.entry("big")?.size == UInt64(Self.size))
    }

    @Test("wrong bytes are fetched once more before a file may be changed")
    func verification() throws {
        var world = try Self.world(2 << 20)
        let opened = try world.open("big", canWrite: true)
        world.spoilsNextContent = true
        try world.put("changed", opened)
        world.close(opened)
        world.settle()
        let there = try #require(world.service.content("big")?.bytes)
        let original = Blob(generatedFrom: 3, count: 2 << 20).bytes
        #expect(there.dropFirst(7) == original.dropFirst(7))
    }

    @Test("wrong bytes that came at once are never seen")
    func verificationBeforeReading() throws {
        var world = try Self.world(4096)
        let opened = try world.open("big")
        world.spoilsNextContent = true
        #expect(try world.bytes(opened, 0..<4096) == world.expected("big", 0..<4096))
        #expect(!opened.isComplete)
    }

    /// A world in which all bytes of the file `doc` have come, and have not been hashed yet.
    private static func unverified(_ text: String, isSpoilt: Bool) throws -> EngineWorld {
        var world = EngineWorld()
        try world.service.remoteCreateFile("doc", Array(text.utf8), now: world.now)
        world.synchronize()
        let opened = try world.open("doc")
        world.spoilsNextContent = isSpoilt
        _ = try world.step { engine, now throws(PosixError) in
            try engine.read(opened.handle, 0..<4096, at: now)
        }
        world.runUntil { world in
            world.queue.contains { if case .hash = $0 { true } else { false } }
        }
        world.step { $0.release(opened.handle, at: $1) }
        return world
    }

    @Test("a backup made before the bytes were found to be wrong gets the right ones")
    func backupOfWrongBytes() throws {
        var world = try Self.unverified("first", isSpoilt: true)
        try world.rename("doc", "doc~")
        try world.write("doc", "second")
        world.synchronize()
        for (path, text) in [("doc~", "first"), ("doc", "second")] {
            #expect(try world.text(path) == text)
            #expect(world.cloudText(path) == text)
        }
    }

    @Test("bytes that cannot be verified are not shown, and not until they are", arguments: [1, 3])
    func unreadable(failures: Int) throws {
        var world = try Self.unverified("first", isSpoilt: true)
        world.unreadableHashes = failures
        for _ in 0..<failures {
            #expect(throws: PosixError.inputOutput) { try world.text("doc") }
        }
        #expect(try world.text("doc") == "first")
        let opened = try world.open("doc", canWrite: true)
        try world.put("FIRST", opened)
        world.close(opened)
        world.synchronize()
        #expect(world.cloudText("doc") == "FIRST")
    }

    @Test(
        "what becomes a file of its own before it is verified goes up when it is, and not before",
        arguments: [0, 2])
    func detachedUnverified(failures: Int) throws {
        var world = try Self.unverified("first", isSpoilt: false)
        world.unreadableHashes = failures
        let id = try world.node("doc")
        world.step { engine, _ in engine.detach(id) }
        #expect(world.engine.isUnproven(id))
        world.synchronize()
        #expect(!world.engine.isUnproven(id))
        #expect(try world.text("doc") == "first")
    }

    @Test(
        "a new version in the midst of reading is never mixed in: ESTALE",
        arguments: [2 << 20, 4 << 20], [true, false])
    func newVersion(newSize: Int, keepsSize: Bool) throws {
        var world = try Self.world(keepsSize ? newSize : 3 << 20)
        let opened = try world.open("big")
        let size = Int64(try world.engine.attributes(of: opened.node).size)
        let head = try world.bytes(opened, 0..<4096)
        #expect(head == world.expected("big", 0..<4096))
        try world.service.remoteEdit(
            "big", Blob(generatedFrom: 4, count: UInt64(newSize)), now: world.now)
        #expect(throws: PosixError.stale) { try world.bytes(opened, size - 4096..<size) }
        world.close(opened)
        world.synchronize()
        let again = try world.open("big")
        #expect(
            try world.bytes(again, 0..<4096)
                == Array(Blob(generatedFrom: 4, count: UInt64(newSize)).bytes.prefix(4096)))
    }

    @Test(
        "a service that ignores ranges, refuses fresh addresses or lets them expire is coped with")
    func oddities() throws {
        let changes: [(inout Quirks) -> Void] = [
            { $0.ignoresRange = true }, { $0.downloadsToRefuse = 2 }, { $0.downloadURLLife = 0 },
        ]
        for change in changes {
            var world = try Self.world(3 << 20)
            change(&world.service.quirks)
            let opened = try world.open("big")
            for offset in [2 << 20, 0, (3 << 20) - 4096] as [Int64] {
                let range = offset..<offset + 4096
                #expect(try world.bytes(opened, range) == world.expected("big", range))
            }
            world.close(opened)
        }
    }

    @Test func addressesThatNeverServeEndInAnError() throws {
        var world = try Self.world(3 << 20)
        world.service.quirks.downloadsToRefuse = .max
        let opened = try world.open("big")
        #expect(throws: PosixError.inputOutput) { try world.bytes(opened, 0..<4096) }
        #expect(world.service.log.count(.download) < 10)
    }

    @Test func aHashThatTheServiceTellsLateIsNoNewVersion() throws {
        var world = EngineWorld()
        world.service.quirks.hashesLateSeconds = 60
        try world.service.remoteCreateFile(
            "a", Blob(generatedFrom: 3, count: 3 << 20), now: world.now)
        world.synchronize()
        let opened = try world.open("a")
        #expect(try world.bytes(opened, 0..<4096) == world.expected("a", 0..<4096))
        // By then the address has expired, and the item is asked again.
        world.wait(seconds: 400)
        let tail: Range<Int64> = 2 << 20..<(2 << 20) + 4096
        #expect(try world.bytes(opened, tail) == world.expected("a", tail))
    }

    @Test("what has come counts as here in the database only once it is durable")
    func durability() throws {
        var world = try Self.world()
        world.losesUnsynchronizedContent = true
        let opened = try world.open("big")
        _ = try world.bytes(opened, 0..<4096)
        world.crash()
        let again = try world.open("big")
        #expect(try world.bytes(again, 0..<4096) == world.expected("big", 0..<4096))
        world.wait(seconds: 5)
        world.crash()
        world.clearLog()
        let third = try world.open("big")
        #expect(try world.bytes(third, 0..<4096) == world.expected("big", 0..<4096))
        #expect(world.service.log.count(.download) == 0)
    }

    @Test("a hash that is told meanwhile makes no byte durable")
    func lateHashAndPowerFailure() throws {
        var world = EngineWorld()
        world.losesUnsynchronizedContent = true
        world.service.quirks.hashesMissing = true
        try world.service.remoteCreateFile(
            "a", Blob(generatedFrom: 3, count: 3 << 20), now: world.now)
        world.synchronize()
        let opened = try world.open("a")
        #expect(try world.bytes(opened, 0..<4096) == world.expected("a", 0..<4096))
        world.service.quirks.hashesMissing = false
        try world.service.remoteRename("a", to: "b", now: world.now)
        let began = world.now
        world.synchronize()
        #expect(world.now < began.advanced(byNanoseconds: 2_000_000_000))
        #expect(try world.state("b", "user.onedrive.hash") != "")
        world.crash()
        let again = try world.open("b")
        #expect(try world.bytes(again, 0..<4096) == world.expected("b", 0..<4096))
    }
}
