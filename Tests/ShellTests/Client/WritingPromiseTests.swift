import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// Promises of SEMANTICS.md about writing, several programs, conflicts, attributes and space.
@Suite(
    "Promises about writing",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(10)))
struct WritingPromiseTests {
    private static func drive() throws -> GraphService {
        var service = GraphService(profile: .business, seed: 7)
        let now = Timestamp(seconds: 1_767_000_000)
        for path in ["doc.txt", "a/one.txt", "a/b/two.txt"] {
            try service.remoteCreateFile(path, Array("\(path)\n".utf8), now: now)
        }
        return service
    }

    // MARK: Several programs

    @Test("S27: two programs that append to one file lose nothing of each other")
    func appending() async throws {
        try await ClientWorld.with { world throws in
            try world.shell(
                """
                for w in one two three; do
                    (i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "$w $i" >> log; done) &
                done
                wait
                """)
            let lines = try world.text("log").split(separator: "\n")
            #expect(lines.count == 600 && Set(lines).count == 600)
            try world.expectAgreement()
        }
    }

    @Test("S27, S28: programs see each other's writes at once, through descriptors and maps")
    func sharing() async throws {
        try await ClientWorld.with { world throws in
            let path = "\(world.mount)/shared"
            try Calls.write([UInt8](repeating: 0, count: 8192), to: path)
            let first = try Calls.open(path, O_RDWR)
            defer { close(first) }
            let second = try Calls.open(path, O_RDWR)
            defer { close(second) }
            let map = try #require(
                mmap(nil, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, second, 0))
            defer { munmap(map, 8192) }
            #expect(pwrite(first, "written", 7, 4096) == 7)
            #expect(memcmp(map + 4096, "written", 7) == 0)
            (map + 100).copyMemory(from: Array("mapped".utf8), byteCount: 6)
            var buffer = [UInt8](repeating: 0, count: 6)
            #expect(pread(first, &buffer, 6, 100) == 6)
            #expect(buffer == Array("mapped".utf8))
            #expect(msync(map, 8192, MS_SYNC) == 0)
            try world.shell("grep -qa mapped shared; grep -qa written shared")
        }
    }

    @Test(
        "S30, S36: files that are open are replaced and removed, and go on for those who have them")
    func openFiles() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            let id = world.id("doc.txt")
            try world.shell("cat doc.txt a/one.txt > /dev/null; echo new > new.txt")
            let replaced = try Calls.open("\(world.mount)/doc.txt", O_RDWR)
            let removed = try Calls.open("\(world.mount)/a/one.txt", O_RDWR)
            try world.shell("mv new.txt doc.txt; rm a/one.txt")
            #expect(pwrite(replaced, "DOC", 3, 0) == 3)
            #expect(pwrite(removed, "A", 1, 0) == 1)
            try world.expectAgreement()
            #expect(try Calls.read(replaced) == Array("DOC.txt\n".utf8))
            #expect(try Calls.read(removed) == Array("A/one.txt\n".utf8))
            var status = stat()
            #expect(fstat(removed, &status) == 0 && status.st_nlink == 0)
            close(replaced)
            close(removed)
            try world.expectAgreement()
            #expect(world.cloudText("doc.txt") == "new\n")
            #expect(world.id("doc.txt") == id)
        }
    }

    @Test("S20, S24: a file that stays open for writing waits, visibly, and close never fails")
    func openForWriting() async throws {
        try await ClientWorld.with { world throws in
            let writer = try Calls.open("\(world.mount)/log", O_WRONLY | O_CREAT)
            #expect(write(writer, "one", 3) == 3)
            #expect(try world.onedrive("sync", "--wait").errors.contains("/log"))
            #expect(world.id("log") == nil)
            #expect(try world.onedrive("status").output.contains("/log  "))
            world.host.withService {
                $0.inject(Fault(.respond(status: 403, code: "accessDenied"), method: "POST"))
            }
            #expect(close(writer) == 0)
            _ = try world.onedrive("sync", "--wait")
            world.host.withService { $0.clearFaults() }
            #expect(try world.text("log") == "one")
        }
    }

    @Test("S23: who writes while the file goes up is not held up; both versions go up whole")
    func writingWhileUploading() async throws {
        try await ClientWorld.with(settings: ["upload_delay": "0s"]) { world throws in
            try world.synchronize()
            world.host.withService {
                $0.inject(Fault(.delay(milliseconds: 1500), operation: .fragment, count: 1))
            }
            let old = [UInt8](repeating: 1, count: 3_000_000)
            let new = [UInt8](repeating: 2, count: 3_000_001)
            try Calls.write(old, to: "\(world.mount)/file")
            #expect(world.host.wait { world.host.withService { $0.log.count(.createSession) > 0 } })
            try Calls.write(new, to: "\(world.mount)/file")
            try world.expectAgreement()
            #expect(world.host.withService { $0.content("file")?.bytes == new })
        }
    }

    // MARK: Conflicts

    struct Conflict: Sendable, CustomTestStringConvertible {
        let name: String
        let here: String
        let there: RemoteChangeTests.Change
        /// All files afterwards, with what they hold; a conflict copy by its first words.
        let files: [String: String]

        var testDescription: String { name }
    }

    static let conflicts = [
        Conflict(
            name: "S47: edited to the same bytes", here: "echo same > doc.txt",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("doc.txt", Array("same\n".utf8), now: now)
            },
            files: [
                "doc.txt": "same\n", "a/one.txt": "a/one.txt\n", "a/b/two.txt": "a/b/two.txt\n",
            ]),
        Conflict(
            name: "S48: edited to different bytes", here: "echo mine > doc.txt",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("doc.txt", Array("theirs\n".utf8), now: now)
            },
            files: [
                "doc.txt": "theirs\n", "doc (conflict": "mine\n", "a/one.txt": "a/one.txt\n",
                "a/b/two.txt": "a/b/two.txt\n",
            ]),
        Conflict(
            name: "S50: edited here, deleted there with its folder",
            here: "echo mine > a/b/two.txt",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteDelete("a", now: now)
            },
            files: ["doc.txt": "doc.txt\n", "a/b/two.txt": "mine\n"]),
        Conflict(
            name: "S37, S50: deleted here with its folder, edited there", here: "rm -r a",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("a/b/two.txt", Array("theirs\n".utf8), now: now)
            },
            files: ["doc.txt": "doc.txt\n", "a/b/two.txt": "theirs\n"]),
        Conflict(
            name: "S51: renamed here, moved and edited there", here: "mv doc.txt paper.txt",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteMove("doc.txt", toFolder: "a", now: now)
                try service.remoteEdit("a/doc.txt", Array("theirs\n".utf8), now: now)
            },
            files: [
                "a/paper.txt": "theirs\n", "a/one.txt": "a/one.txt\n",
                "a/b/two.txt": "a/b/two.txt\n",
            ]),
        Conflict(
            name: "S52: renamed here, deleted there", here: "mv doc.txt paper.txt",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteDelete("doc.txt", now: now)
            },
            files: ["a/one.txt": "a/one.txt\n", "a/b/two.txt": "a/b/two.txt\n"]),
        Conflict(
            name: "S54: two new files of one name", here: "echo mine > new; mkdir f; echo 1 > f/1",
            there: { (service, now) throws(RemoteChangeRefused) in
                try service.remoteCreateFile("NEW", Array("theirs\n".utf8), now: now)
                try service.remoteCreateFile("f/2", Array("2\n".utf8), now: now)
            },
            files: [
                "NEW": "theirs\n", "new (conflict": "mine\n", "f/1": "1\n", "f/2": "2\n",
                "doc.txt": "doc.txt\n", "a/one.txt": "a/one.txt\n", "a/b/two.txt": "a/b/two.txt\n",
            ]),
    ]

    @Test("S55: conflicts keep every byte that somebody wrote", arguments: conflicts)
    func conflict(_ row: Conflict) async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.shell("cat doc.txt a/one.txt a/b/two.txt > /dev/null")
            try world.synchronize()
            try world.shell(row.here)
            try world.elsewhere(row.there)
            _ = try world.plan()
            try world.expectAgreement()
            var left = row.files
            for (path, entry) in try FileTree(below: world.mount).entries {
                guard case .file(let bytes) = entry else { continue }
                let key = left.keys.first { path == $0 || path.hasPrefix($0 + " ") } ?? path
                #expect(
                    left.removeValue(forKey: key) == String(decoding: bytes, as: UTF8.self),
                    "\(path)")
            }
            #expect(left == [:])
            #expect(try world.plan() == [])
        }
    }

    @Test("S38: too many deletions wait for approve, and the plan says so")
    func deleteGuard() async throws {
        try await ClientWorld.with(settings: ["delete_guard": "5"]) { world throws in
            try world.shell("mkdir d; for i in 1 2 3 4 5 6 7 8; do echo $i > d/$i; done")
            try world.expectAgreement()
            try world.shell("rm d/*; echo other > other")
            try world.synchronize()
            #expect(world.host.withService { $0.tree().count } == 10)
            #expect(world.cloudText("other") == "other\n")
            let plan = try world.onedrive("plan", "--dry-run")
            #expect(plan.status == 2)
            #expect(plan.output.contains("'onedrive approve'"), "\(plan.output)")
            #expect(try world.onedrive("approve").status == 0)
            try world.expectAgreement()
            #expect(world.host.withService { $0.tree().count } == 2)
        }
    }

    // MARK: Attributes

    @Test("S60: names that differ only by case are refused, and a change of case works")
    func cases() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let id = world.id("doc.txt")
            let path = world.mount
            #expect(open("\(path)/DOC.txt", O_CREAT | O_WRONLY, 0o644) == -1 && errno == EEXIST)
            #expect(mkdir("\(path)/A", 0o755) == -1 && errno == EEXIST)
            #expect(rename("\(path)/a/one.txt", "\(path)/Doc.txt") == -1 && errno == EEXIST)
            #expect(rename("\(path)/doc.txt", "\(path)/Doc.txt") == 0)
            try world.expectAgreement()
            #expect(try Calls.names(in: path) == ["Doc.txt", "a"])
            #expect(world.id("Doc.txt") == id)
        }
    }

    @Test("S61: with 'names: reject' forbidden names are refused")
    func rejectedNames() async throws {
        try await ClientWorld.with(settings: ["names": "reject"]) { world throws in
            #expect(mkdir("\(world.mount)/a:b", 0o755) == -1 && errno == EINVAL)
            #expect(mkdir("\(world.mount)/CON", 0o755) == -1 && errno == EINVAL)
        }
    }

    @Test("S65, S66, S67: what stays here is listed, survives, and goes up under another name")
    func localOnly() async throws {
        try await ClientWorld.with(settings: ["exclude": "[\"*.iso\"]"]) { world throws in
            try world.shell(
                """
                echo lock > '~$other'; echo image > big.iso; ln -s big.iso link
                mkdir cache.iso; echo inside > cache.iso/file; echo text > doc
                """)
            try world.synchronize()
            #expect(world.host.withService { $0.tree().map(\.path) } == ["doc"])
            let status = try world.onedrive("status").output
            for name in ["~$other", "big.iso", "link", "cache.iso"] {
                #expect(status.contains("/\(name)  "), "\(status)")
            }
            world.kill()
            try world.start()
            #expect(try world.shell("cat '~$other' link cache.iso/file") == "lock\nimage\ninside\n")
            let id = world.id("doc")
            try world.shell("mv big.iso big.img; mv cache.iso cache; mv doc doc.iso")
            try world.synchronize()
            #expect(
                world.host.withService { $0.tree().map(\.path) }
                    == ["big.img", "cache", "cache/file", "doc"])
            #expect(world.id("doc") == id)
        }
    }

    @Test("S68 to S73: owner, modes, attributes and links")
    func attributes() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let path = "\(world.mount)/doc.txt"
            let status = try Calls.stat(path)
            #expect(status.st_uid == geteuid() && status.st_gid == getegid())
            #expect(status.st_mode == S_IFREG | 0o644)
            #expect(try Calls.stat("\(world.mount)/a").st_mode == S_IFDIR | 0o755)
            #expect(chown(path, 12345, 12345) == -1 && errno == EPERM)
            #expect(chmod(path, 0o4750) == 0)
            let calls = try ExtendedAttributeCalls()
            #expect(calls.setxattr(path, "user.note", "value", 5, 0) == 0)
            #expect(calls.setxattr(path, "user.onedrive.id", "x", 1, 0) == -1 && errno == EPERM)
            if geteuid() == 0 {
                #expect(calls.setxattr(path, "trusted.x", "x", 1, 0) == -1 && errno == EOPNOTSUPP)
            }
            #expect(link(path, path + "2") == -1 && errno == EPERM)
            #expect(mkfifo(path + "2", 0o644) == -1 && errno == EPERM)
            #expect(try world.plan() == [])
            world.kill()
            try world.start()
            #expect(try Calls.stat(path).st_mode & 0o7777 == 0o4750)
            func value(_ name: String) -> String? {
                var buffer = [UInt8](repeating: 0, count: 200)
                let count = calls.getxattr(path, name, &buffer, 200)
                return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
            }
            #expect(value("user.note") == "value")
            #expect(value("user.onedrive.id") == world.id("doc.txt"))
            #expect(value("user.onedrive.state") == "placeholder")
            _ = try world.text("doc.txt")
            #expect(value("user.onedrive.state") == "hydrated")
            try world.shell("echo more >> doc.txt")
            #expect(value("user.onedrive.state") == "pending")
        }
    }

    @Test("S74: a read-only client refuses every change and changes nothing")
    func readOnly() async throws {
        try await ClientWorld.with(try Self.drive(), settings: ["read_only": "true"]) {
            world throws in
            #expect(try world.text("doc.txt") == "doc.txt\n")
            #expect(mkdir("\(world.mount)/x", 0o755) == -1 && errno == EROFS)
            #expect(open("\(world.mount)/doc.txt", O_WRONLY) == -1 && errno == EROFS)
            #expect(unlink("\(world.mount)/doc.txt") == -1 && errno == EROFS)
            try world.expectAgreement()
        }
    }

    @Test("S76: times go both ways in whole seconds, and move no bytes")
    func times() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            world.host.withService { $0.clearLog() }
            try world.shell("touch -d '2021-03-04 05:06:07.89 UTC' doc.txt")
            #expect(try world.plan() == ["cloud set time /doc.txt"])
            try world.synchronize()
            #expect(
                world.host.withService { $0.entry("doc.txt")?.modified }
                    == Timestamp(seconds: 1_614_834_367))
            #expect(try Calls.stat("\(world.mount)/doc.txt").st_mtim.tv_nsec == 890_000_000)
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteSetModified(
                    "doc.txt", to: Timestamp(seconds: 1_500_000_000), now: now)
            }
            try world.synchronize()
            #expect(try Calls.stat("\(world.mount)/doc.txt").st_mtim.tv_sec == 1_500_000_000)
            let moved = world.host.withService { service in
                [.download, .upload, .createSession].map { service.log.count($0) }
            }
            #expect(moved == [0, 0, 0])
        }
    }

    // MARK: Space and size

    @Test("S78, S79: df shows the quota; a full one fails no write, and the upload waits")
    func quota() async throws {
        var service = GraphService(profile: .business, seed: 7)
        service.setQuota(1 << 20)
        try await ClientWorld.with(service) { world throws in
            try world.synchronize()
            #expect(try world.shell("df -B1 --output=size . | tail -1").contains("\(1 << 20)"))
            try world.shell("head -c 3000000 /dev/zero > large; echo small > small")
            let waiting = try world.onedrive("sync", "--wait")
            #expect(waiting.status == 0)
            #expect(waiting.errors.contains("/large"), "\(waiting.errors)")
            #expect(world.cloudText("small") == "small\n")
            world.host.withService { $0.setQuota(10 << 20) }
            try world.expectAgreement()
        }
    }

    @Test("S21: a full disk fails the write that needed it, and nothing that was written before")
    func fullDisk() async throws {
        guard SmallDisk.isAvailable else { return }
        let disk = try SmallDisk(kibibytes: 16 << 10)
        try await ClientWorld.with(settings: ["system_directory": disk.path + "/state"]) {
            world throws in
            try Calls.write([UInt8](repeating: 7, count: 1 << 20), to: disk.path + "/ballast")
            try world.shell("head -c 1000000 /dev/urandom > first; cp first ../first")
            let file = try Calls.open("\(world.mount)/large", O_WRONLY | O_CREAT)
            let block = [UInt8](repeating: 7, count: 1 << 20)
            var written = 0
            while true {
                let count = write(file, block, block.count)
                guard count > 0 else { break }
                written += count
            }
            #expect(errno == ENOSPC)
            close(file)
            #expect(try Calls.stat("\(world.mount)/large").st_size == written)
            // Removing needs a little space, too, for the database.
            unlink(disk.path + "/ballast")
            _ = mkdir("\(world.mount)/dir", 0o755)
            try world.shell("cmp first ../first; rm large")
            try world.shell("echo again > again")
            try world.expectAgreement()
            world.kill()
            try world.start()
            try world.shell("cmp first ../first; grep -q again again")
            try world.stop()
        }
    }

    @Test("deep trees, long names and crowded folders")
    func extremes() async throws {
        try await ClientWorld.with { world throws in
            let name = String(repeating: "n", count: 250)
            try world.shell(
                """
                mkdir -p deep; cd deep
                for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do mkdir \(name)$i; cd \(name)$i; done
                echo bottom > file; cd \(world.mount)
                mkdir -p l/e/v/e/l/s/l/e/v/e/l/s/l/e/v/e/l/s/l/e/v/e/l/s/l/e/v/e/l/s; echo 1 > l/e/v/e/l/s/1
                mkdir crowd; cd crowd; i=0
                while [ $i -lt 300 ]; do i=$((i+1)); : > f$i; done
                test "$(ls | wc -l)" = 300
                """)
            try world.shell("mv deep/*1 moved; rm -r crowd l; find . -name file | grep -q moved")
            try world.synchronize()
            #expect(try world.shell("ls") == "deep\nmoved\n")
        }
    }
}
