import Core
import Dispatch
import Glibc
import GraphSimulator
import Synchronization
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

    /// What a call says that may fail; zero if it succeeds.
    private static func error(of result: Int32) -> Int32 { result < 0 ? errno : 0 }

    /// Opens a file and closes it; -1 if it cannot be opened.
    private static func open(_ path: String, _ flags: Int32) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o644)
        return descriptor < 0 ? descriptor : close(descriptor)
    }

    /// Does something with names until it is refused, and takes what room is left each time: the client
    /// may just be giving some back.
    ///
    /// - Returns: The name for which it was refused, and why.
    private static func refusal(
        _ name: String, taking takeRoom: () throws -> Void, _ call: (String) -> Int32
    ) throws -> (name: String, error: Int32) {
        for number in 0..<1000 {
            try takeRoom()
            let error = error(of: call("\(name)\(number)"))
            if error != 0 { return ("\(name)\(number)", error) }
        }
        return (name, 0)
    }

    @Test("S21: what cannot be recorded is not made, and holds nothing up afterwards")
    func records() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        try await Self.with(disk) { world throws in
            let path = { (name: String) in "\(world.mount)/\(name)" }
            // The database has a reserve of its own.
            let calls: [(String, (String) -> Int32)] = [
                ("dir", { mkdir(path($0), 0o755) }),
                ("new", { Self.open(path($0), O_WRONLY | O_CREAT) }),
                ("node", { mknod(path($0), S_IFREG | 0o644, 0) }),
                ("link", { symlink("known", path($0)) }),
            ]
            for (name, call) in calls {
                let refused = try Self.refusal(name, taking: disk.fill, call)
                #expect(refused.error == ENOSPC)
                #expect(throws: PosixError.noEntry) { try Calls.stat(path(refused.name)) }
                #expect(try !Calls.names(in: world.mount).contains(refused.name))
            }
            // Whether these find room or not, nothing stays open by them.
            for (name, flags) in [("known", O_WRONLY), ("other", O_WRONLY | O_TRUNC)] {
                #expect([0, ENOSPC].contains(Self.error(of: Self.open(path(name), flags))))
            }
            try disk.empty()
            try world.shell("echo here >> known; echo again > other; echo 1 > new; mkdir dir")
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

    @Test("S16, S21: a write that finds no room takes nothing from what others write to the file")
    func twoWriters() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        try await Self.with(disk) { world throws in
            let path = "\(world.mount)/shared"
            close(try Calls.open(path, O_WRONLY | O_CREAT))
            let size = 90_001
            // Every writer has every second block of the file, and goes on after a refusal.
            let written = Mutex<[Int: UInt8]>([:])
            DispatchQueue.concurrentPerform(iterations: 2) { writer in
                let file = Glibc.open(path, O_WRONLY | O_CLOEXEC)
                defer { close(file) }
                for number in 0..<150 {
                    let index = number * 2 + writer
                    let block = [UInt8](repeating: UInt8(index % 251), count: size)
                    let count = pwrite(file, block, size, off_t(index * size))
                    if count == size { written.withLock { $0[index] = block[0] } }
                }
            }
            let blocks = written.withLock(\.self)
            #expect(blocks.count > 50 && blocks.count < 300)
            let file = try Calls.open(path, O_RDONLY)
            defer { close(file) }
            for (index, byte) in blocks {
                var bytes = [UInt8](repeating: 0, count: size)
                #expect(pread(file, &bytes, size, off_t(index * size)) == size)
                #expect(bytes.allSatisfy { $0 == byte })
            }
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
            let refused = try Self.refusal("more", taking: disk.crowd) {
                Self.open(path($0), O_WRONLY | O_CREAT)
            }
            #expect(refused.error == ENOSPC)
            #expect(throws: PosixError.noEntry) { try Calls.stat(path(refused.name)) }
            for (name, flags) in [("known", O_RDWR), ("emptied", O_WRONLY | O_TRUNC)] {
                // The kernel knows a size that may be no longer right.
                _ = try Calls.stat(path(name))
                #expect([0, ENOSPC].contains(Self.error(of: Self.open(path(name), flags))))
            }
            try world.shell("until test ! -s emptied; do :; done")
            try disk.disperse()
            try world.expectAgreement()
            #expect(world.cloudText("emptied") == "")
            try world.shell("echo more >> own")
            try world.shell("echo here >> known; echo 1 > new")
            try world.expectAgreement()
            #expect(world.cloudText("own") == "here\nmore\n")
            #expect(world.cloudText("known") == "cloudhere\n")
        }
    }
}
