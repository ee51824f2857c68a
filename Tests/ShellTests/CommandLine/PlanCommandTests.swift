import Core
import Foundation
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// `onedrive plan`, as a user calls it while no client is running.
@Suite(.serialized)
struct PlanCommandTests {
    private static func service() throws -> GraphService {
        var service = GraphService(profile: .business, seed: 3)
        let now = Timestamp(seconds: 1_767_300_000)
        try service.remoteCreateFile("Letters/june.txt", Array("dear".utf8), now: now)
        return service
    }

    @Test("a plan is shown, agreed to, and carried out once without a client")
    func once() async throws {
        let stage = try await Stage(Self.service())
        let configuration = try stage.account("one")
        let first = try await stage.run("onedrive -c one.yml plan --dry-run")
        #expect(first.status == 2, "\(first.text)")
        #expect(first.output.contains("+ show  june.txt  (4 B)  [new in the cloud]"))
        let nobody = try await stage.run("onedrive -c one.yml plan")
        #expect(nobody.status == 1)
        #expect(nobody.errors.contains("nobody can be asked here"))
        let done = try await stage.run("onedrive -c one.yml plan --yes")
        #expect(done.status == 0, "\(done.text)")
        #expect(done.output == first.output)
        #expect(done.errors.contains("done: both sides agree"))
        let second = try await stage.run("onedrive -c one.yml plan --dry-run")
        #expect(second.status == 0, "\(second.text)")
        #expect(second.output == "Nothing to do: both sides agree.\n")
        #expect(!FileManager.default.fileExists(atPath: configuration.mountDirectory))
        await stage.host.stop()
    }

    @Test("a running client asks the service before it explains, as it does for a plan")
    func explanation() async throws {
        let stage = try await Stage(Self.service())
        let configuration = try stage.account("one", "poll_interval: 7d")
        let client = try await Client(
            configuration, isMounted: false, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        let now = Timestamp(seconds: 1_767_300_100)
        try stage.host.withService { service in
            try service.remoteEdit("Letters/june.txt", Array("edited".utf8), now: now)
        }
        let explain = "onedrive -c one.yml plan --dry-run --explain /Letters/june.txt"
        let asked = try await stage.run(explain)
        #expect(asked.status == 2, "\(asked.text)")
        #expect(asked.output.contains("in the cloud edited"), "\(asked.text)")
        // Without the service, what is known is told.
        await stage.host.stop()
        let known = try await stage.run(explain)
        try await onThread { client.stop() }
        #expect(known.status == 0, "\(known.text)")
        #expect(known.output.contains("in the cloud none"), "\(known.text)")
    }

    @Test(
        "what was written on the mount goes up without one",
        .enabled(if: TestMount.isPossible, "needs /dev/fuse"))
    func upload() async throws {
        let stage = try await Stage(Self.service())
        let configuration = try stage.account("one", "upload_delay: 7d")
        let client = try await Client(configuration, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        try await onThread {
            try Data("written here".utf8).write(
                to: URL(fileURLWithPath: configuration.mountDirectory + "/Letters/july.txt"))
        }
        try await onThread { client.stop() }
        #expect(stage.host.withService { $0.content("Letters/july.txt") == nil })
        let plan = try await stage.run("onedrive -c one.yml plan --yes --json")
        #expect(plan.status == 0, "\(plan.text)")
        let json = try JSONValue(parsing: Array(plan.output.utf8))
        #expect(json["actions"]?.array?.map { $0["path"]?.string } == ["/Letters/july.txt"])
        let there = stage.host.withService { $0.content("Letters/july.txt")?.bytes }
        #expect(there == Array("written here".utf8))
        await stage.host.stop()
    }

    @Test("a client that runs carries it out itself, and a paused one says so")
    func running() async throws {
        let stage = try await Stage(Self.service())
        let configuration = try stage.account("one")
        let client = try await Client(
            configuration, isMounted: false, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        _ = try await stage.ask(configuration, .pause)
        _ = try stage.host.withService { service throws in
            try service.remoteDelete("Letters", now: stage.host.now)
        }
        let dry = try await stage.run("onedrive -c one.yml plan --dry-run")
        #expect(dry.status == 2, "\(dry.text)")
        #expect(dry.output.contains("- remove  june.txt"))
        let paused = try await stage.run("onedrive -c one.yml plan --yes")
        #expect(paused.status == 69, "\(paused.text)")
        #expect(paused.errors.contains("paused"))
        _ = try await stage.ask(configuration, .resume)
        let done = try await stage.run("onedrive -c one.yml plan --yes; onedrive -c one.yml plan")
        #expect(done.status == 0, "\(done.text)")
        try await onThread { client.stop() }
        await stage.host.stop()
    }

    @Test("a service that cannot be reached is status 69, and nobody signed in is 77")
    func failures() async throws {
        let stage = try await Stage(Self.service())
        _ = try stage.account("one")
        await stage.host.stop()
        let unreachable = try await stage.run("onedrive -c one.yml plan --dry-run")
        #expect(unreachable.status == 69, "\(unreachable.text)")
        let nobody = try await stage.run(
            "grep -v cookie one.yml >two.yml; onedrive -c two.yml plan --dry-run")
        #expect(nobody.status == 77, "\(nobody.text)")
        #expect(nobody.errors.contains("onedrive login"))
    }
}
