import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// What the documentation promises about directories, and about what outlives the client.
struct TreePromiseTests {
    private static func drive(_ paths: [String]) throws -> GraphService {
        var service = GraphService(profile: .business, seed: 11)
        let now = Timestamp(seconds: 1_767_000_000)
        for path in paths {
            try service.remoteCreateFile(path, Array("\(path)\n".utf8), now: now)
        }
        return service
    }

    @Test("S4: an open directory lists what it had when it was opened, and nothing twice")
    func openDirectory() async throws {
        let names = (0..<600).map { "d/file\($0)" }
        try await ClientWorld.with(try Self.drive(names)) { world throws in
            try world.synchronize()
            let stream = try #require(opendir(world.mount + "/d"))
            defer { closedir(stream) }
            var seen: [String] = []
            func next() -> Bool {
                guard let entry = readdir(stream) else { return false }
                let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { seen.append(name) }
                return true
            }
            while seen.count < 3, next() {}
            try world.shell("rm d/file59*; mv d/file588 .; echo new > d/new; mv d/file7 d/renamed")
            while next() {}
            #expect(Set(seen).count == seen.count)
            let before = Set(names.map { String($0.dropFirst(2)) })
            #expect(Set(seen).isSubset(of: before))
            let gone = Set((590...599).map { "file\($0)" } + ["file59", "file588", "file7"])
            #expect(before.subtracting(gone).isSubset(of: seen))
        }
    }

    @Test("S16, S17, S19: what the calls have done is there after a kill")
    func killed() async throws {
        try await ClientWorld.with(try Self.drive(["gone", "old", "d/x"])) { world throws in
            try world.synchronize()
            let descriptor = open(world.mount + "/open", O_CREAT | O_WRONLY, 0o600)
            #expect(descriptor >= 0 && write(descriptor, "12345", 5) == 5)
            try world.shell(
                """
                echo closed > closed; touch -d '2020-01-02 03:04:05.5 UTC' closed
                mkdir -p new/deep; mv old new/; rm gone; rmdir -p new/deep 2>&- || true
                ln -s closed link; mv d e
                """)
            world.kill()
            close(descriptor)
            try world.start()
            #expect(try world.text("open") == "12345")
            #expect(try world.text("closed") == "closed\n")
            let time = try Calls.stat(world.mount + "/closed").st_mtim
            #expect(time.tv_sec == 1_577_934_245 && time.tv_nsec == 500_000_000)
            #expect(
                try world.shell("find . | sort | tr '\\n' ' '; readlink link") == """
                    . ./closed ./e ./e/x ./link ./new ./new/old ./open closed

                    """)
            try world.expectAgreement { $0 == "link" }
        }
    }

    @Test("S26: nothing in the cloud is replaced by who does not know it")
    func conditions() async throws {
        try await ClientWorld.with(try Self.drive(["a", "b"])) { world throws in
            try world.shell("cat a b")
            try world.synchronize()
            world.host.withService { $0.clearLog() }
            try world.shell("echo mine >> a; echo mine > n")
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteEdit("a", Array("theirs".utf8), now: now)
                try service.remoteCreateFile("n", Array("theirs, too".utf8), now: now)
            }
            try world.expectAgreement()
            #expect(world.cloudText("a") == "theirs" && world.cloudText("n") == "theirs, too")
            let copies = world.host.withService { service in
                service.tree().map(\.path).filter { $0.contains("conflict") }
            }
            #expect(copies.compactMap(world.cloudText) == ["a\nmine\n", "mine\n"])
            try world.shell("echo again >> b")
            try world.synchronize()
            let replacing = world.host.withService { service in
                service.log.records.filter { record in
                    record.operation == .createSession && !record.target.contains(":/")
                        || record.operation == .upload && !record.target.contains(":/")
                }
            }
            #expect(!replacing.isEmpty)
            for record in replacing {
                #expect(record.headers.contains { $0.name.lowercased() == "if-match" })
            }
        }
    }

    @Test("S53: folders that are moved into each other stay where the cloud has them")
    func crossedMoves() async throws {
        try await ClientWorld.with(try Self.drive(["a/1", "b/2"])) { world throws in
            try world.synchronize()
            try world.shell("mv a b/")
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteMove("b", toFolder: "a", now: now)
            }
            try world.expectAgreement()
            #expect(
                world.host.withService { $0.tree().map(\.path) } == ["a", "a/1", "a/b", "a/b/2"])
        }
    }

    @Test(
        "S75: only who runs the client sees the mount, unless others are let in",
        arguments: [false, true])
    func others(allowOther: Bool) async throws {
        // Another user can only be had by root.
        guard geteuid() == 0 else { return }
        try await ClientWorld.with(
            try Self.drive(["a"]), settings: ["allow_other": "\(allowOther)"]
        ) { world throws in
            try world.synchronize()
            try world.shell("chmod 640 a; echo b > b")
            // From inside: what leads to the mount need not be open to others.
            func asOther(_ words: String...) throws -> Finished {
                try Program.run(
                    ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + words,
                    in: world.mount)
            }
            #expect(try asOther("ls", ".").status == (allowOther ? 0 : 2))
            #expect(try asOther("cat", "b").status == (allowOther ? 0 : 1))
            #expect(try asOther("cat", "a").status == 1)
            #expect(try asOther("touch", "c").status == 1)
        }
    }

    @Test("S77: times of folders and of access are those of this device")
    func timesOfFolders() async throws {
        try await ClientWorld.with(try Self.drive(["d/a"])) { world throws in
            try world.synchronize()
            try world.shell("touch -d '2019-01-02 03:04:05 UTC' d; cat d/a")
            #expect(try world.plan() == [])
            try world.expectAgreement()
            #expect(try Calls.stat(world.mount + "/d").st_mtim.tv_sec == 1_546_398_245)
            let file = try Calls.stat(world.mount + "/d/a")
            #expect(file.st_atim.tv_sec == file.st_mtim.tv_sec)
            try world.shell("echo x > d/b")
            let folder = try Calls.stat(world.mount + "/d")
            #expect(folder.st_mtim.tv_sec > 1_767_000_000)
        }
    }
}
