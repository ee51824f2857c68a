import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// What other clients do, seen on a mount whose kernel has seen, read and cached everything before.
@Suite(
    "Changes from elsewhere on a mount",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(10)))
struct RemoteChangeTests {
    typealias Change =
        @Sendable (inout GraphService, Timestamp) throws(RemoteChangeRefused) -> Void

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        /// What `plan --dry-run` says beforehand.
        let plan: [String]
        let change: Change

        var testDescription: String { name }
    }

    private static func drive() throws -> GraphService {
        var service = GraphService(profile: .business, seed: 7)
        let now = Timestamp(seconds: 1_767_000_000)
        for path in ["doc.txt", "a/one.txt", "a/b/two.txt", "a/b/c/three.txt", "d/four.txt"] {
            try service.remoteCreateFile(path, Array("\(path) of the cloud\n".utf8), now: now)
        }
        return service
    }

    static let rows = [
        Row(name: "create a file", plan: ["device show /d/new.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteCreateFile("d/new.txt", Array("new".utf8), now: now)
        },
        Row(
            name: "create folders",
            plan: [
                "device show /new", "device show /new/er", "device show /new/er/file",
            ]
        ) { (service, now) throws(RemoteChangeRefused) in
            try service.remoteCreateFile("new/er/file", Array("new".utf8), now: now)
        },
        Row(name: "edit, as long as before", plan: ["device take version /doc.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteEdit("doc.txt", Array("DOC.TXT of the cloud\n".utf8), now: now)
        },
        Row(name: "edit, longer", plan: ["device take version /a/b/two.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteEdit(
                "a/b/two.txt", Blob(generatedFrom: 3, count: 300_000), now: now)
        },
        Row(name: "edit, to nothing", plan: ["device take version /doc.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteEdit("doc.txt", [], now: now)
        },
        Row(name: "rename a file", plan: ["device move /doc.txt > /Doc 2.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteRename("doc.txt", to: "Doc 2.txt", now: now)
        },
        Row(name: "change the case of a name", plan: ["device move /a > /A"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteRename("a", to: "A", now: now)
        },
        Row(
            name: "rename and edit",
            plan: [
                "device move /doc.txt > /paper.txt", "device take version /doc.txt",
            ]
        ) { (service, now) throws(RemoteChangeRefused) in
            try service.remoteRename("doc.txt", to: "paper.txt", now: now)
            try service.remoteEdit("paper.txt", Array("other".utf8), now: now)
        },
        Row(name: "move a folder", plan: ["device move /a/b > /d/b"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteMove("a/b", toFolder: "d", now: now)
        },
        Row(name: "move a file", plan: ["device move /a/b/c/three.txt > /3.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteMove("a/b/c/three.txt", toFolder: "", name: "3.txt", now: now)
        },
        Row(name: "delete a file", plan: ["device remove /doc.txt"]) {
            (service, now) throws(RemoteChangeRefused) in
            try service.remoteDelete("doc.txt", now: now)
        },
        Row(
            name: "delete a folder with all that is in it",
            plan: [
                "device remove /a", "device remove /a/b", "device remove /a/b/c",
                "device remove /a/b/c/three.txt", "device remove /a/b/two.txt",
                "device remove /a/one.txt",
            ]
        ) { (service, now) throws(RemoteChangeRefused) in
            try service.remoteDelete("a", now: now)
        },
        Row(
            name: "delete a file and put a folder there",
            plan: [
                "device remove /doc.txt", "device show /doc.txt", "device show /doc.txt/inside",
            ]
        ) { (service, now) throws(RemoteChangeRefused) in
            try service.remoteDelete("doc.txt", now: now)
            try service.remoteCreateFile("doc.txt/inside", Array("in".utf8), now: now)
        },
        Row(
            name: "exchange two names",
            plan: [
                "device move /a/one.txt > /doc.txt", "device move /doc.txt > /a/one.txt",
            ]
        ) { (service, now) throws(RemoteChangeRefused) in
            try service.remoteMove("doc.txt", toFolder: "d", name: "spare", now: now)
            try service.remoteMove("a/one.txt", toFolder: "", name: "doc.txt", now: now)
            try service.remoteMove("d/spare", toFolder: "a", name: "one.txt", now: now)
        },
    ]

    @Test(
        "S39, S40: it is planned, then seen, and nothing stale remains", arguments: rows)
    func change(_ row: Row) async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            // The kernel knows every name, attribute, byte, and what is not there.
            try world.shell("find . -type f -exec cat {} + > /dev/null; ls -lR > /dev/null")
            try world.shell("! ls new d/new.txt 'Doc 2.txt' d/b 3.txt paper.txt A 2> /dev/null")
            try world.expectAgreement()
            try world.elsewhere(row.change)
            #expect(try world.plan() == row.plan)
            try world.expectAgreement()
            #expect(try world.plan() == [])
            let writes = world.host.withService { service in
                service.log.records.filter { $0.method != "GET" }.count
            }
            #expect(writes == 0)
        }
    }

    @Test("S39: a folder of a thousand files appears, is renamed, edited and deleted")
    func thousand() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                for number in 0..<1000 {
                    try service.remoteCreateFile(
                        "crowd/file \(number)", Array("\(number)\n".utf8), now: now)
                }
            }
            #expect(try world.plan().count == 1001)
            try world.synchronize()
            #expect(try world.shell("ls crowd | wc -l; stat -c %s 'crowd/file 999'") == "1000\n4\n")
            let inode = try Calls.stat("\(world.mount)/crowd/file 500").st_ino
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteMove("crowd", toFolder: "a/b", name: "many", now: now)
                try service.remoteEdit("a/b/many/file 7", Array("seven\n".utf8), now: now)
            }
            try world.synchronize()
            #expect(
                try world.shell("ls a/b/many | wc -l; cat 'a/b/many/file 7'") == "1000\nseven\n")
            #expect(try Calls.names(in: world.mount) == ["a", "d", "doc.txt"])
            #expect(try Calls.stat("\(world.mount)/a/b/many/file 500").st_ino == inode)
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteDelete("a/b/many", now: now)
            }
            try world.expectAgreement()
        }
    }

    @Test("S39: what another client does is seen at the next poll, by itself")
    func polling() async throws {
        try await ClientWorld.with(try Self.drive(), settings: ["poll_interval": "1s"]) {
            world throws in
            try world.synchronize()
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("doc.txt", Array("polled".utf8), now: now)
            }
            try world.shell("timeout 120 sh -c 'until grep -q polled doc.txt; do sleep 0.1; done'")
        }
    }

    // MARK: Open files

    private static let large = (
        old: Blob(generatedFrom: 1, count: 900_000).bytes,
        new: Blob(generatedFrom: 2, count: 900_000).bytes
    )

    @Test("S12, S28, S41: who reads an old version keeps it, by descriptor and by map")
    func openForReading() async throws {
        try await ClientWorld.with { world throws in
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteCreateFile("large", Self.large.old, now: now)
            }
            try world.synchronize()
            let path = "\(world.mount)/large"
            let reader = try Calls.open(path, O_RDONLY)
            defer { close(reader) }
            #expect(try Calls.read(reader) == Self.large.old)
            let map = try #require(mmap(nil, 900_000, PROT_READ, MAP_SHARED, reader, 0))
            defer { munmap(map, 900_000) }
            let inode = try Calls.stat(path).st_ino
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("large", Self.large.new, now: now)
            }
            try world.synchronize()
            #expect(try Calls.read(path) == Self.large.new)
            #expect(try Calls.stat(path).st_ino != inode)
            lseek(reader, 0, SEEK_SET)
            #expect(try Calls.read(reader) == Self.large.old)
            #expect(
                UnsafeRawBufferPointer(start: map, count: 900_000).elementsEqual(Self.large.old))
            #expect(try world.plan() == [])
        }
    }

    @Test("S12: a version that went away before all of it came is not mixed with the next")
    func wholeVersions() async throws {
        try await ClientWorld.with { world throws in
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteCreateFile(
                    "video", Blob(generatedFrom: 1, count: 200 << 20), now: now)
            }
            try world.synchronize()
            let path = "\(world.mount)/video"
            let reader = try Calls.open(path, O_RDONLY)
            defer { close(reader) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            #expect(read(reader, &buffer, 4096) == 4096)
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit(
                    "video", Blob(generatedFrom: 2, count: (200 << 20) + 1), now: now)
            }
            try world.synchronize()
            // The service may still have the old version, or not; but it is that one, or none.
            let count = pread(reader, &buffer, 4096, 150 << 20)
            let code = errno
            let old = Blob(generatedFrom: 1, count: 200 << 20)
                .bytes(in: 150 << 20..<(150 << 20) + 4096)
            if count == 4096 { #expect(buffer == old) } else { #expect(code == ESTALE) }
            let again = try Calls.open(path, O_RDONLY)
            defer { close(again) }
            #expect(pread(again, &buffer, 4096, 150 << 20) == 4096)
            let expected = Blob(generatedFrom: 2, count: (200 << 20) + 1)
                .bytes(in: 150 << 20..<(150 << 20) + 4096)
            #expect(buffer == expected)
        }
    }

    @Test("S42: a file that is open for writing is not replaced until it is closed")
    func openForWriting() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.shell("cat doc.txt")
            try world.synchronize()
            let writer = try Calls.open("\(world.mount)/doc.txt", O_RDWR)
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("doc.txt", Array("elsewhere\n".utf8), now: now)
            }
            #expect(try world.onedrive("sync", "--wait").errors.contains("open for writing"))
            #expect(try world.text("doc.txt") == "doc.txt of the cloud\n")
            #expect(try world.onedrive("status").output.contains("/doc.txt  "))
            close(writer)
            try world.expectAgreement()
            #expect(try world.text("doc.txt") == "elsewhere\n")
        }
    }

    @Test("S42, S48: what was written meanwhile is kept beside the version of the cloud")
    func writtenMeanwhile() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let writer = try Calls.open("\(world.mount)/doc.txt", O_WRONLY | O_APPEND)
            #expect(write(writer, "mine\n", 5) == 5)
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("doc.txt", Array("elsewhere\n".utf8), now: now)
            }
            _ = try world.onedrive("sync", "--wait")
            #expect(write(writer, "more\n", 5) == 5)
            close(writer)
            try world.expectAgreement()
            #expect(try world.text("doc.txt") == "elsewhere\n")
            let names = try Calls.names(in: world.mount)
            let copy = try #require(names.first { $0.hasPrefix("doc (conflict ") })
            #expect(try world.text(copy) == "doc.txt of the cloud\nmine\nmore\n")
            #expect(names.count == 4)
        }
    }

    @Test("S43, S44: handles outlive a deletion and a move elsewhere")
    func openElsewhere() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.shell("cat doc.txt a/one.txt > /dev/null")
            let deleted = try Calls.open("\(world.mount)/doc.txt", O_RDONLY)
            defer { close(deleted) }
            let moved = try Calls.open("\(world.mount)/a/one.txt", O_RDONLY)
            defer { close(moved) }
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteDelete("doc.txt", now: now)
                try service.remoteMove("a/one.txt", toFolder: "d", name: "1.txt", now: now)
                try service.remoteRename("a", to: "z", now: now)
            }
            try world.expectAgreement()
            #expect(try Calls.read(deleted) == Array("doc.txt of the cloud\n".utf8))
            #expect(try Calls.read(moved) == Array("a/one.txt of the cloud\n".utf8))
            var status = stat()
            #expect(fstat(moved, &status) == 0)
            #expect(status.st_ino == (try Calls.stat("\(world.mount)/d/1.txt").st_ino))
        }
    }

    @Test("S45: a document is left alone while an application's lock file lies beside it")
    func lockFiles() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.shell("cat doc.txt > /dev/null; echo me > '.~lock.doc.txt#'")
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("doc.txt", Array("elsewhere\n".utf8), now: now)
            }
            let waiting = try world.onedrive("sync", "--wait")
            #expect(waiting.status == 0)
            #expect(waiting.errors.contains("/doc.txt"))
            #expect(try world.text("doc.txt") == "doc.txt of the cloud\n")
            try world.shell("rm '.~lock.doc.txt#'")
            try world.expectAgreement()
            #expect(try world.text("doc.txt") == "elsewhere\n")
        }
    }
}
