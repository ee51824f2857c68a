import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// Two clients on one library, each with programs that lock: with `remote_locks: checkout` they keep
/// each other out.
@Suite(
    "Locks on two clients",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(15)))
struct RemoteLockTests {
    enum Other: CaseIterable { case device, colleague }

    /// Adds one to the number in a file so often, under a lock.
    ///
    /// A lock on a version that another client has replaced is refused, and so is one that it has:
    /// then it is tried anew.
    private static func counting(_ count: Int) -> String {
        """
        n=0
        while [ $n -lt \(count) ]; do
            flock count sh -c 'v=$(cat count) && echo $((v + 1)) > count && echo > \(done)' 2> /dev/null || true
            if [ -e \(done) ]; then rm \(done); n=$((n + 1)); fi
        done
        """
    }

    /// A name beside the mount.
    private static let done = "../done"

    private static func with(
        _ other: Other, _ body: @escaping @Sendable (ClientWorld, ClientWorld) throws -> Void
    ) async throws {
        var service = GraphService(profile: .business, seed: 7)
        try service.remoteCreateFile(
            "count", Array("0\n".utf8), in: .library, now: Timestamp(seconds: 1_767_000_000))
        service.identitySettings.colleagueCookie = colleague
        let settings = [
            "drive": service.driveID(.library), "remote_locks": "checkout", "upload_delay": "0s",
            "poll_interval": "1s",
        ]
        try await ClientWorld.with(service, settings: settings) { one throws in
            let changes = other == .colleague ? ["cookie": colleague] : [:]
            try one.withAnother(settings: changes) { other throws in
                try one.synchronize()
                try other.synchronize()
                try body(one, other)
            }
        }
    }

    private static let colleague = "ESTSAUTH=colleague"

    /// How often each program counts; `LOCK_ROUNDS` in the environment says otherwise.
    private static let rounds =
        ProcessInfo.processInfo.environment["LOCK_ROUNDS"].flatMap(Int.init) ?? 30

    @Test(
        "S88, S90, S91: programs on both count to the same number", arguments: Other.allCases)
    func counting(_ other: Other) async throws {
        let rounds = Self.rounds
        try await Self.with(other) { one, other throws in
            let crew = [one, other].map { world in
                let ended = Semaphore()
                return (
                    ended,
                    Result {
                        try JoinableThread(name: "count") {
                            defer { ended.raise() }
                            _ = try? world.shell(Self.counting(rounds), limit: 600)
                        }
                    }
                )
            }
            for (ended, thread) in crew {
                ended.wait()
                try thread.get().join()
            }
            // The last one gives the file back when it has gone up; then both see it.
            for world in [one, other] {
                try world.shell("until grep -qx \(2 * rounds) count; do sleep 0.1; done")
            }
            #expect(try Calls.names(in: one.mount) == ["count"])
        }
    }

    @Test("S89, S93: what a killed client has checked out goes to the other when it has come back")
    func killedHolder() async throws {
        try await Self.with(.colleague) { one, other throws in
            let holder = try Calls.open("\(one.mount)/count", O_RDWR)
            #expect(flock(holder, LOCK_EX) == 0)
            #expect(pwrite(holder, "7", 1, 0) == 1)
            one.kill(isAlone: false)
            close(holder)
            let taken = try Program.run(["flock", "-n", "count", "true"], in: other.mount)
            #expect(taken.status == 1)
            try one.start()
            try other.shell(
                """
                until flock count sh -c 'v=$(cat count) && echo $((v + 1)) > count' 2> /dev/null; do
                    :
                done
                """)
            #expect(
                one.host.wait {
                    one.host.withService { service in
                        service.content("count", of: .library)?.bytes == Array("8\n".utf8)
                    }
                })
        }
    }

    @Test("S91: a lock ends with the process that has it, on the other client, too")
    func killedProgram() async throws {
        try await Self.with(.device) { one, other throws in
            try one.shell(
                """
                mkfifo ../wait
                sh -c 'exec 9<> count; flock 9; echo > ../locked; read line < ../wait' &
                echo $! > ../holder
                while [ ! -e ../locked ]; do :; done
                """)
            #expect(try Program.run(["flock", "-n", "count", "true"], in: other.mount).status == 1)
            try one.shell("kill -9 $(cat ../holder)")
            try other.shell("until flock count true 2> /dev/null; do :; done")
        }
    }
}
