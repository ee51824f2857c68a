import Core
import Glibc
import GraphSimulator
import Testing

/// A client whose disk has no room left.
@Suite(
    "A full disk",
    .enabled(if: TestMount.isPossible && SmallDisk.isAvailable, "needs root and /dev/fuse"),
    .timeLimit(.minutes(15)))
struct FullDiskTests {
    private static func with(
        _ disk: SmallDisk, _ body: @escaping @Sendable (ClientWorld) throws -> Void
    ) async throws {
        var service = GraphService(profile: .business, seed: 7)
        for name in ["known", "other"] {
            try service.remoteCreateFile(
                name, Array("cloud".utf8), now: Timestamp(seconds: 1_767_000_000))
        }
        let settings = ["system_directory": disk.path + "/state"]
        try await ClientWorld.with(service, settings: settings) { world throws in
            try world.synchronize()
            try body(world)
        }
    }

    /// What a call that must fail says; zero if it succeeds.
    private static func error(of result: Int32) -> Int32 {
        guard result < 0 else {
            close(result)
            return 0
        }
        return errno
    }

    @Test("S21: what cannot be recorded is not made, and holds nothing up afterwards")
    func records() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        try await Self.with(disk) { world throws in
            // The database has a reserve of its own.
            var made = 0
            repeat {
                try disk.fill()
                made += 1
                try #require(made < 1000)
            } while mkdir("\(world.mount)/dir\(made)", 0o755) == 0
            #expect(errno == ENOSPC)
            let names = try Calls.names(in: world.mount)
            #expect(!names.contains("dir\(made)"))
            let path = { (name: String) in "\(world.mount)/\(name)" }
            #expect(Self.error(of: open(path("known"), O_WRONLY)) == ENOSPC)
            #expect(Self.error(of: open(path("other"), O_WRONLY | O_TRUNC)) == ENOSPC)
            #expect(Self.error(of: open(path("new"), O_WRONLY | O_CREAT, 0o644)) == ENOSPC)
            #expect(Self.error(of: mknod(path("node"), S_IFREG | 0o644, 0)) == ENOSPC)
            #expect(Self.error(of: symlink("known", path("link"))) == ENOSPC)
            #expect(try Calls.names(in: world.mount) == names)
            for name in ["new", "node", "link", "dir\(made)"] {
                #expect(throws: PosixError.noEntry) { try Calls.stat(path(name)) }
            }
            try disk.empty()
            try world.shell(
                "echo here >> known; echo again > other; echo 1 > new; mkdir dir\(made)")
            try world.expectAgreement()
            #expect(world.cloudText("known") == "cloudhere\n")
            #expect(world.cloudText("other") == "again\n")
        }
    }

    @Test("S16, S21: what a full disk did not take is not there after a crash, either")
    func crash() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        try await Self.with(disk) { world throws in
            let path = "\(world.mount)/large"
            let file = try Calls.open(path, O_WRONLY | O_CREAT)
            // Of an odd length, so that the last of them finds room for a part.
            let block = [UInt8](repeating: 7, count: 900_001)
            var written = 0
            while true {
                let count = write(file, block, block.count)
                guard count > 0 else { break }
                written += count
            }
            #expect(errno == ENOSPC && written > 0)
            world.kill()
            close(file)
            try world.start()
            #expect(try Calls.stat(path).st_size == written)
            unlink(path)
        }
    }

    @Test("S21: a file that finds no room for its bytes is not made, or goes up when there is room")
    func contentFiles() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10, files: 600)
        try await Self.with(disk) { world throws in
            try world.shell("echo here > own; echo here > emptied")
            try world.synchronize()
            let path = { (name: String) in "\(world.mount)/\(name)" }
            // The client may just be giving some back.
            var made = 0
            repeat {
                try disk.crowd()
                made += 1
                try #require(made < 1000)
            } while Self.error(of: open(path("more\(made)"), O_WRONLY | O_CREAT, 0o644)) == 0
            #expect(throws: PosixError.noEntry) { try Calls.stat(path("more\(made)")) }
            #expect(Self.error(of: open(path("known"), O_RDWR)) == ENOSPC)
            #expect(Self.error(of: open(path("new"), O_WRONLY | O_CREAT, 0o644)) == ENOSPC)
            #expect(throws: PosixError.noEntry) { try Calls.stat(path("new")) }
            #expect(Self.error(of: open(path("emptied"), O_WRONLY | O_TRUNC)) == ENOSPC)
            try world.shell("echo more >> own; test ! -s emptied")
            try disk.disperse()
            try world.expectAgreement()
            #expect(world.cloudText("own") == "here\nmore\n")
            #expect(world.cloudText("emptied") == "")
            try world.shell("echo here >> known; echo 1 > new")
            try world.expectAgreement()
        }
    }
}
