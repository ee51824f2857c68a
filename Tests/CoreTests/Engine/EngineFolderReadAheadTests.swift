import GraphSimulator
import Simulation
import Testing

@testable import Core

/// What comes ahead of programs that read the small files of a folder, and what must not.
struct EngineFolderReadAheadTests {
    /// A drive with a folder of small files that has been listed.
    private static func world(_ configuration: EngineConfiguration = .test) throws -> EngineWorld {
        var world = EngineWorld(configuration: configuration)
        for number in 0..<40 {
            try world.service.remoteCreateFile(
                path(number), Array("text \(number)".utf8), now: world.now)
        }
        world.synchronize()
        world.clearLog()
        return world
    }

    private static func path(_ number: Int) -> String { "docs/\(number).txt" }

    @Test("The files of a folder come before a program that reads all of them asks")
    func aFolderReadInOrder() throws {
        var world = try Self.world()
        var waits = 0
        for number in 0..<40 {
            let opened = try world.open(Self.path(number))
            if !opened.isComplete { waits += 1 }
            #expect(try world.read(opened) == "text \(number)")
            world.close(opened)
            world.settle()
        }
        #expect(waits == 2)
        #expect(world.service.log.count(.download) == 40)
        #expect(world.service.log.count(.item) == 40)
    }

    @Test("Two files of a folder that are read make only a few others come")
    func twoFilesOfAFolder() throws {
        var world = try Self.world()
        for number in 20...21 { _ = try world.text(Self.path(number)) }
        world.settle()
        #expect(world.service.log.count(.download) == 6)
    }

    @Test("S83: an indexer that comes behind makes nothing come")
    func indexerBehind() throws {
        var configuration = EngineConfiguration.test
        configuration.hydration = HydrationPolicy(refusing: HydrationPolicy.usual)
        var world = try Self.world(configuration)
        for number in 0...1 { _ = try world.text(Self.path(number)) }
        world.settle()
        world.program = "tracker-extract-3"
        for number in 2...5 {
            let opened = try world.open(Self.path(number))
            #expect(opened.isComplete && opened.isExpected)
            world.close(opened)
            world.settle()
        }
        #expect(world.service.log.count(.download) == 6)
        world.program = "cat"
        #expect(try world.text(Self.path(2)) == "text 2")
        world.settle()
        #expect(world.service.log.count(.download) == 7)
    }

    @Test("What has changed since the folder was looked through is not fetched by mistake")
    func changesMeanwhile() throws {
        var world = try Self.world()
        for number in 0...1 { _ = try world.text(Self.path(number)) }
        world.settle()
        try world.service.remoteEdit(
            Self.path(6), Blob(generatedFrom: 1, count: 3 << 20), now: world.now)
        try world.service.remoteDelete(Self.path(7), now: world.now)
        world.synchronize()
        try world.remove(Self.path(8))
        world.clearLog()
        for number in 2...5 { _ = try world.text(Self.path(number)) }
        world.settle()
        #expect(world.service.log.count(.download) == 1)
        #expect(try world.state(Self.path(6), "user.onedrive.state") == "placeholder")
        #expect(try world.state(Self.path(9), "user.onedrive.state") == "hydrated")
    }

    @Test("While the service wants rest nothing is fetched ahead, however many reads are given up")
    func givenUp() throws {
        var world = try Self.world()
        world.service.inject(
            Fault(
                .respond(status: 429, code: "tooManyRequests", retryAfter: "30"), operation: .item,
                count: 1))
        for number in 0..<10 {
            let opened = try world.open(Self.path(number))
            let answer = try world.step { engine, now throws(PosixError) in
                try engine.read(opened.handle, 0..<4096, at: now)
            }
            world.runEffects()
            guard case .wait(let wait) = answer else {
                Issue.record("nobody has fetched this")
                return
            }
            world.step { _ = $0.cancelWait(wait, at: $1) }
            world.close(opened)
        }
        #expect(world.engine.downloads.questions.count == 10)
    }
}
