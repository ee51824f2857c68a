import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// Promises of SEMANTICS.md about listing, reading and being offline.
@Suite(
    "Promises about listing and reading",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(10)))
struct ReadingPromiseTests {
    private static let video = Blob(generatedFrom: 5, count: 64 << 20)

    private static func drive() throws -> GraphService {
        var service = GraphService(profile: .business, seed: 7)
        let now = Timestamp(seconds: 1_767_000_000)
        try service.remoteCreateFile("video", video, now: now)
        try service.remoteCreateFile("d/doc.txt", Array("doc\n".utf8), now: now)
        try service.remoteCreatePackage("Notebook", now: now)
        return service
    }

    @Test("S2: before the drive is enumerated, a folder is listed when it is looked into")
    func beforeEnumeration() async throws {
        var service = try Self.drive()
        service.inject(
            Fault(.delay(milliseconds: 3_600_000), operation: .delta, count: 1000))
        try await ClientWorld.with(service) { world throws in
            #expect(
                try world.shell("ls; ls d; cat d/doc.txt") == "Notebook\nd\nvideo\ndoc.txt\ndoc\n")
        }
    }

    @Test("S3, S57: after it, names and attributes need no network, also after a restart")
    func afterEnumeration() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            world.kill()
            try world.startOffline()
            try world.shell(
                "test \"$(ls -R | wc -l)\" = 9; df . > /dev/null; stat d/doc.txt > /dev/null")
            let video = try Calls.open("\(world.mount)/video", O_RDONLY)
            defer { close(video) }
            var buffer = [UInt8](repeating: 0, count: 10)
            // The first read finds out that there is no network; from then on they fail at once.
            #expect(read(video, &buffer, 10) == -1 && errno == ENETUNREACH)
            #expect(read(video, &buffer, 10) == -1 && errno == ENETUNREACH)
        }
    }

    @Test("S7: a notebook is a directory that cannot be changed")
    func notebooks() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            #expect(try Calls.stat("\(world.mount)/Notebook").st_mode & S_IFMT == S_IFDIR)
            #expect(mkdir("\(world.mount)/Notebook/x", 0o755) == -1 && errno == EACCES)
            #expect(open("\(world.mount)/Notebook/x", O_CREAT | O_WRONLY, 0o644) == -1)
            #expect(errno == EACCES)
        }
    }

    @Test("S9, S10: a read fetches what it needs and no more, and only once")
    func onDemand() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            let video = try Calls.open("\(world.mount)/video", O_RDONLY)
            defer { close(video) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            for offset in [40 << 20, 10 << 20, 63 << 20] {
                #expect(pread(video, &buffer, 4096, offset) == 4096)
                let expected = Self.video.bytes(in: UInt64(offset)..<UInt64(offset) + 4096)
                #expect(buffer == expected)
            }
            let fetched = world.host.withService { service in
                service.log.records.filter { $0.operation == .download }.map(\.bytesSent)
                    .reduce(0, +)
            }
            #expect(fetched < 16 << 20)
            #expect(try Calls.stat("\(world.mount)/video").st_blocks > 0)
            #expect(try Calls.read("\(world.mount)/video") == Self.video.bytes)
            world.host.withService { $0.clearLog() }
            try world.stop()
            try world.start()
            #expect(try Calls.read("\(world.mount)/video") == Self.video.bytes)
            #expect(world.host.withService { $0.log.count(.download) } == 0)
        }
    }

    @Test("S11: a read that waits is interrupted by a signal")
    func interruption() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            world.host.withService {
                $0.inject(Fault(.delay(milliseconds: 600_000), operation: .download, count: 100))
            }
            let reader = try Program.spawn(
                ["head", "-c", "10", "video"], in: world.mount, environment: [:], output: 2,
                errors: 2)
            #expect(
                world.host.wait {
                    world.host.withService { $0.log.count(.download) + $0.log.count(.content) > 0 }
                })
            kill(reader, SIGTERM)
            #expect(Program.wait(reader) == 128 + SIGTERM)
        }
    }

    @Test("S83: a program that is named gets what is here, also if only a reload names it")
    func refusedProgram() async throws {
        try await ClientWorld.with(
            try Self.drive(), settings: ["no_hydrate": "[]"]
        ) { world throws in
            try world.synchronize()
            let head = ["head", "-c", "2"]
            let program = { (file: String) throws in
                try Program.run(head + [file], in: world.mount, environment: [:])
            }
            #expect(try program("video").status == 0)
            try world.configure(["no_hydrate": "[head]"])
            kill(try #require(world.process), SIGHUP)
            #expect(world.host.wait { world.log.contains("configuration read again") })
            let refused = try program("d/doc.txt")
            #expect(refused.output.isEmpty && refused.errors.contains("Permission denied"))
            #expect(try world.text("d/doc.txt") == "doc\n")
            #expect(try program("d/doc.txt").output == "do")
        }
    }

    @Test("S13: a download that was spoilt is fetched again")
    func spoiltDownload() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            world.host.withService {
                $0.inject(Fault(.cutBody(after: 1000), operation: .download, count: 2))
            }
            #expect(try Calls.read("\(world.mount)/video") == Self.video.bytes)
        }
    }

    @Test("S15: the first change to a placeholder waits until all of it is here")
    func firstChange() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let path = "\(world.mount)/video"
            let writer = try Calls.open(path, O_RDWR)
            #expect(pwrite(writer, "change", 6, 1000) == 6)
            close(writer)
            var expected = Self.video.bytes
            expected.replaceSubrange(1000..<1006, with: Array("change".utf8))
            #expect(try Calls.read(path) == expected)
            try world.expectAgreement()
        }
    }

    @Test("S15: offline it fails, and a truncation to nothing works")
    func firstChangeOffline() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            try world.stop()
            try world.startOffline()
            let path = "\(world.mount)/d/doc.txt"
            let writer = try Calls.open(path, O_RDWR)
            #expect(pwrite(writer, "change", 6, 0) == -1 && errno == ENETUNREACH)
            close(writer)
            try Calls.write(Array("new".utf8), to: path)
            #expect(try world.text("d/doc.txt") == "new")
            try world.stop()
            try world.startOnline()
            try world.expectAgreement()
        }
    }

    @Test("S56: offline everything works on what is here, and goes up in its order afterwards")
    func offline() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.shell("cat d/doc.txt")
            try world.synchronize()
            let id = world.id("d/doc.txt")
            try world.stop()
            try world.startOffline()
            try world.shell(
                """
                ! head -c 10 video 2> /dev/null
                mkdir -p new/er; echo text > new/er/file; cat d/doc.txt > /dev/null
                echo more >> d/doc.txt; mv d new/moved; mv new/moved/doc.txt new/paper.txt
                rm video; rmdir new/moved
                """)
            #expect(try world.onedrive("status").output.hasPrefix("offline"))
            world.kill()
            try world.start()
            #expect(try world.text("new/paper.txt") == "doc\nmore\n")
            world.kill()
            try world.startOnline()
            try world.expectAgreement()
            #expect(world.id("new/paper.txt") == id)
        }
    }
}
