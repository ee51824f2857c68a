import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// What stays on this device, what goes, and what happens when the disk is full or fails.
@Suite(.enabled(if: TestMount.isPossible, "needs /dev/fuse"), .timeLimit(.minutes(5)))
struct CacheTests {
    /// A drive with files of so many bytes, in `docs`.
    private static func service(_ files: [String: Int]) throws -> GraphService {
        var service = GraphService(profile: .business, seed: 5)
        let now = Timestamp(seconds: 1_767_299_000)
        for (name, size) in files.sorted(by: { $0.key < $1.key }) {
            try service.remoteCreateFile("docs/\(name)", bytes(name, size), now: now)
        }
        return service
    }

    private static func bytes(_ name: String, _ size: Int) -> [UInt8] {
        MountedClient.bytes(size, seed: name.utf8.first ?? 0)
    }

    @Test("what is pinned comes by itself, also later, stays, and goes when it is let go")
    func pins() async throws {
        try await MountedClient.with(try Self.service(["a": 300_000, "b": 2_000_000])) { client in
            #expect(try client.presence("docs/a") == "placeholder")
            try client.order(.pin, "docs")
            for name in ["docs/a", "docs/b"] {
                try client.wait("\(name) is here") { try client.presence(name) == "hydrated" }
            }
            let bytes = Self.bytes("c", 100_000)
            _ = try client.host.withService {
                try $0.remoteCreateFile("docs/c", bytes, now: Timestamp(seconds: 1_767_299_100))
            }
            try client.synchronize()
            try client.wait("docs/c is here") { try client.presence("docs/c") == "hydrated" }
            // Nothing was read; now it is, and comes from this disk.
            let downloads = client.count(.download)
            #expect(try Calls.read(client.path("docs/b")) == Self.bytes("b", 2_000_000))
            #expect(try Calls.read(client.path("docs/c")) == bytes)
            #expect(client.count(.download) == downloads)
            let kept = try client.order(.free, "docs")
            #expect(kept["files"] == 0)
            #expect(kept["kept_count"] == 3)
            #expect(try client.presence("docs/b") == "hydrated")
            try client.order(.unpin, "docs")
            #expect(try client.presence("docs/b") == "hydrated")
            #expect(try client.order(.free, "docs")["files"] == 3)
            #expect(try client.presence("docs/b") == "placeholder")
            try client.wait("the space is given back") { try client.contentSize() == 0 }
            #expect(try Calls.read(client.path("docs/a")) == Self.bytes("a", 300_000))
        }
    }

    @Test("beyond the limit the least recently used go, and nothing that is only here")
    func eviction() async throws {
        let size = 512 << 10
        let names = ["a", "b", "c", "d", "e", "f"]
        let service = try Self.service(Dictionary(uniqueKeysWithValues: names.map { ($0, size) }))
        try await MountedClient.with(
            service, configure: { $0.cacheLimit = Int64(3 * size) }
        ) { client in
            try client.synchronize()
            try client.ask(.pause)
            let own = MountedClient.bytes(3 * size, seed: 99)
            try Calls.write(own, to: client.path("only here"))
            for name in names {
                #expect(try Calls.read(client.path("docs/\(name)")) == Self.bytes(name, size))
            }
            // What is only here takes all the room there is, and stays; of the others none is needed.
            try client.wait("the others are gone") {
                try names.allSatisfy { try client.presence("docs/\($0)") == "placeholder" }
            }
            #expect(try Calls.read(client.path("only here")) == own)
            try client.ask(.resume)
            try client.synchronize()
            #expect(client.host.withService { $0.content("only here")?.bytes } == own)
            // Now it can be had again, so it is as good as the others.
            for name in names {
                #expect(try Calls.read(client.path("docs/\(name)")) == Self.bytes(name, size))
            }
            try client.wait("it is within the limit") {
                try client.contentSize() <= Int64(3 * size)
            }
            #expect(try Calls.read(client.path("only here")) == own)
        }
    }

    @Test("a file in use is never evicted")
    func openFiles() async throws {
        let size = 512 << 10
        let service = try Self.service(["a": size, "b": size, "c": size])
        try await MountedClient.with(
            service, configure: { $0.cacheLimit = Int64(size) }
        ) { client in
            let descriptor = try Calls.open(client.path("docs/a"), O_RDONLY)
            defer { close(descriptor) }
            #expect(try Calls.read(descriptor) == Self.bytes("a", size))
            for name in ["b", "c"] {
                #expect(try Calls.read(client.path("docs/\(name)")) == Self.bytes(name, size))
            }
            try client.wait("the others are gone") {
                try ["b", "c"].allSatisfy { try client.presence("docs/\($0)") == "placeholder" }
            }
            #expect(try client.presence("docs/a") == "hydrated")
            #expect(try client.order(.free, "docs/a")["kept_count"] == 1)
            lseek(descriptor, 0, SEEK_SET)
            #expect(try Calls.read(descriptor) == Self.bytes("a", size))
        }
    }
}

/// Disks that have no room, or fail.
@Suite(
    .enabled(if: TestMount.isPossible && SmallDisk.isAvailable, "needs root and /dev/fuse"),
    .timeLimit(.minutes(5)))
struct FailingDiskTests {
    private func service() throws -> GraphService {
        var service = GraphService(profile: .business, seed: 5)
        let now = Timestamp(seconds: 1_767_299_000)
        for (name, size) in [("large", 24 << 20), ("a", 1 << 20), ("b", 1 << 20), ("c", 1 << 20)] {
            try service.remoteCreateFile(name, Self.bytes(name, size), now: now)
        }
        return service
    }

    private static func bytes(_ name: String, _ size: Int) -> [UInt8] {
        MountedClient.bytes(size, seed: name.utf8.first ?? 0)
    }

    @Test("a full disk is an error of the program that writes, and nothing is lost")
    func fullForWriters() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        let state = disk.path + "/state"
        try await MountedClient.with(
            try service(), configure: { $0.systemDirectory = state }
        ) { client in
            let saved = Self.bytes("s", 1 << 20)
            try Calls.write(saved, to: client.path("saved"))
            #expect(throws: PosixError.noSpace) {
                try Calls.write(Self.bytes("x", 24 << 20), to: client.path("too large"))
            }
            // Everything else goes on, and what was written before it is whole.
            let removed = unlink(client.path("too large"))
            #expect(removed == 0, "errno \(errno)")
            #expect(try Calls.read(client.path("saved")) == saved)
            // The room is there again when the kernel has let go of the file.
            try client.wait("there is room again") {
                (try? Calls.write(saved, to: client.path("saved later"))) != nil
            }
            try client.synchronize()
            for name in ["saved", "saved later"] {
                #expect(client.host.withService { $0.content(name)?.bytes } == saved)
            }
            #expect(client.host.withService { $0.content("too large") } == nil)
            withExtendedLifetime(disk) {}
        }
    }

    @Test("what the cloud has as well makes room for what is written")
    func roomForWriters() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        let state = disk.path + "/state"
        try await MountedClient.with(
            try service(), configure: { $0.systemDirectory = state }
        ) { client in
            for name in ["a", "b", "c"] {
                #expect(try Calls.read(client.path(name)) == Self.bytes(name, 1 << 20))
            }
            try disk.fill()
            let saved = Self.bytes("s", 1 << 20)
            try Calls.write(saved, to: client.path("saved"))
            #expect(try Calls.read(client.path("saved")) == saved)
            try disk.empty()
            try client.synchronize()
            #expect(client.host.withService { $0.content("saved")?.bytes } == saved)
            for name in ["a", "b", "c"] {
                #expect(try Calls.read(client.path(name)) == Self.bytes(name, 1 << 20))
            }
        }
    }

    @Test("a full disk is an error of the program that reads, for as long as it is full")
    func fullForReaders() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        let state = disk.path + "/state"
        try await MountedClient.with(
            try service(), configure: { $0.systemDirectory = state }
        ) { client in
            #expect(throws: PosixError.noSpace) { try Calls.read(client.path("large")) }
            // What came of the large one gives way to what is wanted now.
            try disk.fill()
            try client.wait("the kernel has let go of the large file") {
                (try? Calls.read(client.path("a"))) == Self.bytes("a", 1 << 20)
            }
            try disk.empty()
            for name in ["a", "b", "c"] {
                #expect(try Calls.read(client.path(name)) == Self.bytes(name, 1 << 20))
            }
        }
    }

    @Test("a disk that takes nothing any more is told to programs, and what is here can be read")
    func readOnly() async throws {
        let disk = try SmallDisk(kibibytes: 16 << 10)
        let state = disk.path + "/state"
        try await MountedClient.with(
            try service(), configure: { $0.systemDirectory = state }
        ) { client in
            #expect(try Calls.read(client.path("a")) == Self.bytes("a", 1 << 20))
            // Read to its end and let go, so that nothing is written any more when the disk turns.
            try client.synchronize()
            sync()
            guard (try? disk.makeReadOnly()) != nil else { return }
            #expect(try Calls.read(client.path("a")) == Self.bytes("a", 1 << 20))
            #expect(throws: PosixError.self) { try Calls.read(client.path("b")) }
            #expect(throws: PosixError.self) {
                try Calls.write([1, 2, 3], to: client.path("new"))
            }
            #expect(client.host.withService { $0.content("new") } == nil)
        }
    }
}
