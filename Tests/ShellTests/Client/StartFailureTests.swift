import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// What keeps a client from starting: one clear message, and the exit status that OPERATIONS.md says.
@Suite("A start that fails", .timeLimit(.minutes(10)))
struct StartFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let status: Int32
        /// Parts of the one message.
        let message: [String]
        var command = ["start"]
        var needsRoot = false
        /// Runs in a shell before the program, as `sh -c … sh PROGRAM ARGUMENTS`.
        var script = "exec \"$@\""
        var prepare: @Sendable (ClientWorld) throws -> Void = { _ in }

        var testDescription: String { name }
    }

    static let rows = [
        Row(
            name: "an unknown key", status: 78,
            message: ["config.yml:6:1: unknown key 'mount_directry'", "'mount_directory'"],
            prepare: { try $0.configure(["mount_directory": "", "mount_directry": "/x"]) }),
        Row(
            name: "a value that is none", status: 78,
            message: ["config.yml:7:16:", "poll_interval"],
            prepare: { try $0.configure(["poll_interval": "often"]) }),
        Row(
            name: "no configuration file", status: 78, message: ["config.yml", "No such file"],
            prepare: { unlink($0.configuration) }),
        Row(
            name: "a wrong secret", status: 77, message: ["client_secret"],
            prepare: { world throws in
                world.host.withService { service in
                    service.identitySettings.applications[0].clientSecret = "right"
                }
                try world.configure(["client_secret": "wrong"])
            }),
        Row(
            name: "a cookie that has expired", status: 77, message: ["cookie has expired"],
            prepare: { try $0.configure(["cookie": "ESTSAUTH=old"]) }),
        Row(
            name: "nobody signed in", status: 77, message: ["onedrive login"],
            prepare: { try $0.configure(["cookie": ""]) }),
        Row(
            name: "no network at the first sign-in", status: 69, message: ["cannot be reached"],
            prepare: {
                try $0.configure([
                    "graph_endpoint": "http://127.0.0.1:1", "login_endpoint": "http://127.0.0.1:1",
                ])
            }),
        Row(
            name: "a system directory that cannot be made", status: 73, message: ["/file/state"],
            prepare: { world throws in
                try Calls.write([], to: world.path + "/file")
                try world.configure(["system_directory": world.path + "/file/state"])
            }),
        Row(
            name: "a mount directory that cannot be made", status: 73, message: ["/file/mount"],
            prepare: { world throws in
                try Calls.write([], to: world.path + "/file")
                try world.configure(["mount_directory": world.path + "/file/mount"])
            }),
        Row(
            name: "a system directory on a disk that is read only", status: 73,
            message: ["/disk/state", "Read-only file system"], needsRoot: true,
            script: "mkdir disk; mount -t tmpfs -o ro test disk; exec \"$@\"",
            prepare: { try $0.configure(["system_directory": $0.path + "/disk/state"]) }),
        Row(
            name: "a mount directory with files in it", status: 71,
            message: ["/OneDrive", "not empty"],
            prepare: { world throws in
                try Calls.make(world.mount)
                try Calls.write([], to: world.mount + "/file")
            }),
        Row(
            name: "a mount directory that is a file", status: 71, message: ["/OneDrive"],
            prepare: { try Calls.write([], to: $0.mount) }),
        Row(
            name: "no FUSE", status: 71, message: ["/dev/fuse"], needsRoot: true,
            script: "mount -t tmpfs test /dev; exec \"$@\""),
        Row(
            name: "the state inside the mount", status: 78, message: ["system_directory"],
            prepare: { try $0.configure(["system_directory": $0.mount + "/state"]) }),
        Row(
            name: "an option that is none", status: 64, message: ["--frobnicate"],
            command: ["start", "--frobnicate"]),
        Row(
            name: "a command that is none", status: 64, message: ["frobnicate"],
            command: ["frobnicate"]),
        Row(
            name: "status without a client", status: 69, message: ["no client is running"],
            command: ["status"]),
        Row(
            name: "sync without a client", status: 69, message: ["no client is running"],
            command: ["sync", "--wait"]),
        Row(
            name: "plan before anything was ever synced, with a cookie that has expired",
            status: 77, message: ["cookie has expired"], command: ["plan", "--dry-run"],
            prepare: { try $0.configure(["cookie": "ESTSAUTH=old"]) }),
    ]

    @Test("it says what is wrong, once, with the documented status", arguments: rows)
    func failure(_ row: Row) async throws {
        guard !row.needsRoot || geteuid() == 0 else { return }
        try await ClientWorld.with(isStarted: false) { world throws in
            try row.prepare(world)
            let namespace = row.needsRoot ? ["unshare", "--mount"] : []
            let finished = try Program.run(
                namespace + ["sh", "-c", row.script, "sh", ClientWorld.program]
                    + ["-c", world.configuration] + row.command,
                in: world.path, environment: world.environment)
            #expect(finished.status == row.status, "\(finished.errors)")
            #expect(finished.output == "")
            for part in row.message {
                #expect(finished.errors.contains(part), "\(finished.errors)")
            }
            // Wrong use of the command line is answered with how to use it, on further lines.
            if row.status != 64 {
                #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
                #expect(finished.errors.hasPrefix("onedrive: "))
            }
            #expect(!world.isMounted)
            // Nothing of it stays in the way of a start that is right.
            guard row.command == ["start"], TestMount.isPossible else { return }
            _ = try? FileManager.default.removeItem(atPath: world.mount)
            world.host.withService { $0.identitySettings.applications = [.desktop] }
            try world.startOnline()
        }
    }

    @Test(
        "a second client on the same state is told of the first, which goes on",
        .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"))
    func twice() async throws {
        try await ClientWorld.with(.demo()) { world throws in
            let second = try world.onedrive("start")
            #expect(second.status == 75)
            #expect(second.errors.split(separator: "\n").count == 1)
            let process = try #require(world.process)
            #expect(second.errors.contains("\(process)"), "\(second.errors)")
            #expect(try world.text("Welcome.md") == world.cloudText("Welcome.md"))
        }
    }

    @Test(
        "S58: a start without network works, and shows what is here",
        .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"))
    func offline() async throws {
        try await ClientWorld.with(.demo()) { world throws in
            try world.shell("cat Welcome.md")
            try world.synchronize()
            try world.stop()
            try world.startOffline()
            #expect(
                try world.shell("ls Archive/* | wc -l; head -c 9 Welcome.md") == "1000\n# Welcome")
            try world.shell("echo offline > note; mv Documents Papers")
            #expect(try world.onedrive("plan", "--dry-run").status == 69)
            try world.stop()
            try world.startOnline()
            try world.synchronize()
            #expect(world.cloudText("note") == "offline\n")
            #expect(world.id("Papers/Shopping list.txt") != nil)
        }
    }

    @Test(
        "a state in a very deep directory can be used, and asked",
        .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"))
    func deep() async throws {
        try await ClientWorld.with(.demo(), isStarted: false) { world throws in
            let deep = (0..<6).reduce(world.path) { "\($0)/\($1) a long name in a long path" }
            try world.configure(["system_directory": "'\(deep)'"])
            try world.start()
            try world.synchronize()
            #expect(try world.onedrive("status").output.hasPrefix("online"))
        }
    }
}
