import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// A client that is killed at some moment, and started again.
@Suite(
    "A client that is killed",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(10)))
struct KilledClientTests {
    @Test(
        "S25: killed in the midst of uploads, and after replies that were lost, nothing is doubled")
    func uploads() async throws {
        try await ClientWorld.with { world throws in
            try world.shell(
                "for i in 1 2 3 4 5 6; do head -c 900000 /dev/urandom > large$i; done; mkdir d; mv large1 d"
            )
            for skip in 0..<4 {
                world.host.withService { service in
                    service.inject(Fault(.loseReply, method: "POST", skip: skip, count: 2))
                    service.inject(Fault(.loseReply, method: "PUT", skip: skip, count: 1))
                }
                let syncing = try Program.spawn(
                    [ClientWorld.program, "-c", world.configuration, "sync", "--wait"],
                    in: world.path, environment: world.environment, output: 2, errors: 2)
                #expect(
                    world.host.wait {
                        world.host.withService { service in
                            service.log.records.count { $0.method != "GET" } >= skip + 2
                        }
                    })
                world.kill()
                waitpid(syncing, nil, 0)
                world.host.withService { service in
                    service.clearFaults()
                    service.clearLog()
                }
                try world.start()
                try world.shell("echo \(skip) >> d/note; mv large$((\(skip) + 2)) d/")
            }
            try world.expectAgreement()
            let paths = world.host.withService { $0.tree().map(\.path) }
            #expect(
                paths == [
                    "d", "d/large1", "d/large2", "d/large3", "d/large4", "d/large5", "d/note",
                    "large6",
                ])
        }
    }

    @Test("S18: what was synchronised is in the files of the state, and a start needs nothing else")
    func again() async throws {
        try await ClientWorld.with { world throws in
            try world.shell("echo one > a; sync a; mkdir d; mv a d/b; sync d")
            for _ in 0..<3 {
                world.kill()
                try world.start()
            }
            #expect(try world.text("d/b") == "one\n")
            try world.stop()
            try world.start()
            #expect(try world.text("d/b") == "one\n")
            try world.expectAgreement()
        }
    }

    @Test(
        "a client that is killed while it waits for its own mount does not keep the next out",
        .enabled(if: TestMount.canEnd, "needs the list of mounts (fusectl)"))
    func abandoned() async throws {
        var service = GraphService(profile: .business, seed: 7)
        try service.remoteCreateFile("slow", [1, 2, 3], now: Timestamp(seconds: 1_767_000_000))
        try await ClientWorld.with(service) { world throws in
            try world.synchronize()
            try world.shell("echo kept > kept")
            world.host.withService {
                $0.inject(Fault(.delay(milliseconds: 600_000), operation: .download, count: 100))
            }
            // It reads its configuration anew from the mount.
            unlink(world.configuration)
            symlink(world.mount + "/slow", world.configuration)
            let process = try #require(world.process)
            kill(process, SIGHUP)
            #expect(
                world.host.wait {
                    world.host.withService { $0.log.count(.download) + $0.log.count(.content) > 0 }
                })
            world.abandon()
            unlink(world.configuration)
            world.host.withService { $0.clearFaults() }
            try world.configure()
            try world.start()
            #expect(Program.wait(process) == 128 + SIGKILL)
            #expect(try world.text("kept") == "kept\n")
            try world.expectAgreement()
        }
    }
}
