import Core
import Foundation
import Glibc
import GraphSimulator
import Shell
import Testing

/// A client whose database cannot be made durable for a while.
@Suite(
    "A disk that makes nothing durable",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(10)))
struct StuckDiskTests {
    private static func put(_ text: String, _ file: Int32) -> Int32 {
        pwrite(file, text, text.utf8.count, 0) == text.utf8.count ? 0 : errno
    }

    private static func contents(_ client: MountedClient) throws -> [String] {
        let files = FileManager.default.enumerator(atPath: client.state + "/content")
        return (files?.allObjects as? [String] ?? []).sorted()
    }

    @Test("S18, S21: then no byte of a version is changed, and no bytes are deleted")
    func editing() async throws {
        try await MountedClient.with { client throws in
            for name in ["a", "other", "gone"] {
                try Calls.write(Array("before".utf8), to: client.path(name))
            }
            try client.synchronize()
            let log = try StuckLog(in: client.state)
            let before = try Self.contents(client)
            let file = try Calls.open(client.path("a"), O_RDWR)
            defer { close(file) }
            for _ in 0..<3 {
                #expect(Self.put("AFTER", file) == EIO)
                #expect(fsync(file) == -1)
                #expect(try Calls.read(client.path("a")) == Array("before".utf8))
            }
            _ = try Calls.check(Int(unlink(client.path("gone"))))
            // Gives back at once what can be.
            try client.order(.free, "other")
            #expect(try Self.contents(client) == before)
            try log.free()
            #expect(Self.put("AFTER", file) == 0)
            #expect(fsync(file) == 0)
            try client.wait("the bytes that nobody needs are gone") {
                try Self.contents(client).count == before.count - 2
            }
        }
    }

    @Test("a log that could not be made durable is written anew before it counts as durable")
    func writtenAnew() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit([.setting(.cursor, "first")])
        try store.sync()
        let log = try StuckLog(in: directory.path)
        try store.commit([.setting(.cursor, "second")])
        for _ in 0..<2 { #expect(throws: StoreError.self) { try store.sync() } }
        var longAgo = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        _ = try Calls.check(Int(utimensat(AT_FDCWD, log.path, &longAgo, 0)))
        let size = try Calls.stat(log.path).st_size
        try log.free()
        try store.sync()
        #expect(try Calls.stat(log.path).st_mtim.tv_sec > 1)
        #expect(try Calls.stat(log.path).st_size == size)
        _ = try Calls.check(Int(utimensat(AT_FDCWD, log.path, &longAgo, 0)))
        try store.sync()
        #expect(try Calls.stat(log.path).st_mtim.tv_sec == 1)
        #expect(try store.load().settings == [.cursor: "second"])
        try store.close()
        let again = try StateStore(directory: directory.system(), mode: .readWrite)
        #expect(try again.load().settings == [.cursor: "second"])
        try again.close()
    }
}
