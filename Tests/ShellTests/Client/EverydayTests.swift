import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// What people and their programs do with files every day, through a real client.
@Suite(
    "A mounted drive, every day",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(10)))
struct EverydayTests {
    /// A drive with a few folders and files.
    private static func drive() throws -> GraphService {
        var service = GraphService(profile: .business, seed: 7)
        let now = Timestamp(seconds: 1_767_000_000)
        for path in ["doc.txt", "a/one.txt", "a/b/two.txt", "a/b/c/three.txt", "d/four.txt"] {
            try service.remoteCreateFile(path, Array("\(path) of the cloud\n".utf8), now: now)
        }
        return service
    }

    @Test("S1, S5, S8, S78: a drive is listed at once, with sizes, and nothing is downloaded")
    func listing() async throws {
        try await ClientWorld.with(.demo()) { world throws in
            let listed = try world.shell("ls -lR; df . ; ls Archive/* | wc -l")
            #expect(listed.contains("メモ.txt"))
            #expect(listed.hasSuffix("1000\n"))
            let video = "\(world.mount)/Videos/Holiday in the mountains.mp4"
            #expect(try Calls.stat(video).st_size == 2 << 30)
            #expect(try Calls.stat(video).st_blocks == 0)
            close(try Calls.open(video, O_RDONLY))
            #expect(world.host.withService { $0.log.count(.download) } == 0)
            #expect(try world.shell("cat Welcome.md") == world.cloudText("Welcome.md"))
        }
    }

    @Test("S14, S22: a copied tree goes up as it is, and is the same here")
    func copies() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.shell(
                """
                mkdir -p ../source/deep/er ../source/empty
                printf 'one\\n' > ../source/one; printf '' > ../source/nothing
                head -c 5000000 /dev/urandom > ../source/deep/er/large
                chmod 700 ../source/one; touch -d '2020-02-02 02:02:02 UTC' ../source/deep/er/large
                ln -s one ../source/link
                cp -a ../source here
                diff -r --no-dereference ../source here
                test "$(stat -c %a%Y here/one)" = "$(stat -c %a%Y ../source/one)"
                """)
            #expect(
                try world.plan() == [
                    "cloud create folder /here", "cloud create folder /here/deep",
                    "cloud create folder /here/deep/er", "cloud upload /here/deep/er/large",
                    "cloud create folder /here/empty", "cloud upload /here/nothing",
                    "cloud upload /here/one",
                ])
            try world.expectAgreement { $0 == "here/link" }
            #expect(
                world.host.withService { $0.entry("here/deep/er/large")?.modified }
                    == Timestamp(seconds: 1_580_608_922))
            #expect(try world.plan() == [])
        }
    }

    @Test("git works inside the mount, and its repository goes up whole")
    func git() async throws {
        try await ClientWorld.with { world throws in
            let identity = "-c user.name=Somebody -c user.email=somebody@example.org"
            try world.shell(
                """
                git init -q project; cd project
                for i in 1 2 3; do mkdir -p d$i; echo text $i > d$i/file; done
                git add .; git \(identity) commit -q -m 'First things'
                test -z "$(git status --porcelain)"
                """)
            #expect(try world.plan().contains("cloud upload /project/.git/HEAD"))
            try world.expectAgreement()
            try world.shell(
                """
                cd project
                git mv d1 d4; echo more >> d2/file; git \(identity) commit -q -a -m 'Second things'
                git gc -q; git fsck; test -z "$(git status --porcelain)"
                git clone -q . ../copy; diff -r -x .git . ../copy
                """)
            try world.expectAgreement()
            #expect(world.cloudText("project/d4/file") == "text 1\n")
        }
    }

    @Test("tar and rsync bring trees in and find them unchanged")
    func archives() async throws {
        try await ClientWorld.with { world throws in
            try world.shell(
                """
                mkdir -p ../source/sub
                for i in $(seq 40); do echo "file $i" > ../source/sub/$i.txt; done
                tar -C .. -cf ../source.tar source
                tar xf ../source.tar; diff -r ../source source
                rsync -a ../source/ synced
                test -z "$(rsync -ani ../source/ synced)"
                """)
            try world.expectAgreement()
            // What goes up changes nothing here.
            #expect(try world.shell("rsync -ani ../source/ synced; tar df ../source.tar") == "")
            try world.shell(
                "echo changed > ../source/sub/7.txt; rm ../source/sub/9.txt; "
                    + "rsync -a --delete ../source/ synced")
            #expect(
                try world.plan() == [
                    "cloud upload version /synced/sub/7.txt", "cloud delete /synced/sub/9.txt",
                ])
            try world.expectAgreement()
        }
    }

    /// How a program saves `doc.txt`, and what stays beside it.
    struct Save: Sendable, CustomTestStringConvertible {
        let program: String
        let script: String
        var backup: String?

        var testDescription: String { program }
    }

    static let saves = [
        Save(program: "cp", script: "cp ../new doc.txt"),
        Save(
            program: "vim",
            script: """
                : > .doc.txt.swp; : > 4913; rm 4913
                mv doc.txt doc.txt~; cat ../new > doc.txt; sync doc.txt; rm doc.txt~ .doc.txt.swp
                """),
        Save(
            program: "emacs",
            script: """
                ln -s 'somebody@host.1:1' '.#doc.txt'; mv doc.txt doc.txt~; cat ../new > doc.txt
                rm '.#doc.txt'
                """, backup: "doc.txt~"),
        Save(
            program: "LibreOffice",
            script: """
                echo lock > '.~lock.doc.txt#'; cat ../new > lu1a2b3c.tmp; sync lu1a2b3c.tmp
                mv lu1a2b3c.tmp doc.txt; rm '.~lock.doc.txt#'
                """),
        Save(
            program: "Word",
            script: """
                printf user > '~$doc.txt'; cat ../new > '~WRD0000.tmp'
                mv doc.txt '~WRL0001.tmp'; mv '~WRD0000.tmp' doc.txt
                rm '~WRL0001.tmp' '~$doc.txt'
                """),
        Save(
            program: "gedit",
            script: "cat ../new > .goutputstream-A1B2C3; mv .goutputstream-A1B2C3 doc.txt"),
        Save(program: "sed -i", script: "sed -i 's/.*/new bytes/' doc.txt"),
        Save(program: "delete and write anew", script: "rm doc.txt; cat ../new > doc.txt"),
    ]

    @Test(
        "S32, S33: however a program saves, it becomes a new version of the item", arguments: saves)
    func saving(_ save: Save) async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            let id = world.id("doc.txt")
            try world.shell("cat doc.txt > /dev/null; echo 'new bytes' > ../new")
            try world.shell(save.script)
            #expect(
                try world.plan() == ["cloud upload version /doc.txt"]
                    + (save.backup.map { ["cloud upload /\($0)"] } ?? []))
            try world.expectAgreement()
            #expect(world.cloudText("doc.txt") == "new bytes\n")
            #expect(world.id("doc.txt") == id)
            #expect(world.host.withService { $0.recycleBin().isEmpty })
            #expect(
                try Calls.names(in: world.mount) == ["a", "d", "doc.txt"]
                    + [save.backup].compactMap(\.self))
        }
    }

    @Test("S6, S31, S34: folders and files that are moved are moved in the cloud, by id")
    func moves() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let ids = ["a/b", "a/b/two.txt", "a/b/c", "a/b/c/three.txt", "d/four.txt", "d"]
                .map { world.id($0) }
            let inode = try Calls.stat("\(world.mount)/a/b/two.txt").st_ino
            world.host.withService { $0.clearLog() }
            try world.shell(
                """
                mkdir new; mv a/b new/moved; mv new/moved/two.txt '2.txt'; mv d/four.txt d/4.txt
                mv d D
                """)
            #expect(
                try world.plan() == [
                    "cloud move /a/b > /new/moved", "cloud move /a/b/two.txt > /2.txt",
                    "cloud move /d > /D", "cloud move /d/four.txt > /D/4.txt",
                    "cloud create folder /new",
                ])
            try world.expectAgreement()
            let moved = [
                "new/moved", "2.txt", "new/moved/c", "new/moved/c/three.txt", "D/4.txt", "D",
            ]
            #expect(moved.map { world.id($0) } == ids)
            #expect(try Calls.stat("\(world.mount)/2.txt").st_ino == inode)
            world.host.withService { service in
                #expect(service.log.count(.delete) == 0)
                #expect(service.log.count(.upload) + service.log.count(.createSession) == 0)
                #expect(service.recycleBin().isEmpty)
            }
        }
    }

    @Test("S30, S31: two files and two folders exchange their names in the cloud, too")
    func exchanges() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let ids = ["a", "d", "doc.txt", "a/one.txt"].map { world.id($0) }
            try world.shell(
                """
                mv a spare; mv d a; mv spare d
                mv doc.txt spare; mv d/one.txt doc.txt; mv spare d/one.txt
                """)
            try world.expectAgreement()
            #expect(["d", "a", "d/one.txt", "doc.txt"].map { world.id($0) } == ids)
        }
    }

    @Test("S35: what is removed goes to the recycle bin, a folder as a whole")
    func removal() async throws {
        try await ClientWorld.with(try Self.drive()) { world throws in
            try world.synchronize()
            let id = world.id("a")
            try world.shell("rm -r a; rm d/four.txt; ! ls a 2> /dev/null; test -z \"$(ls d)\"")
            #expect(try world.plan() == ["cloud delete /a", "cloud delete /d/four.txt"])
            try world.expectAgreement()
            #expect(
                world.host.withService { $0.recycleBin().map(\.id) }.contains { $0 == id })
        }
    }

    @Test("S59, S61, S62, S64: names go up as themselves or under look-alikes, or stay here")
    func names() async throws {
        try await ClientWorld.with { world throws in
            let long = String(repeating: "n", count: 255)
            try world.shell(
                """
                echo 1 > 'what: "this"?'; echo 2 > 'ends with a dot.'; echo 3 > ' spaces '
                echo 4 > CON; echo 5 > ünï; echo 6 > \(long); echo 7 > "$(printf 'in\\377valid')"
                ! echo 8 > n\(long) 2> /dev/null; ! echo 9 > con 2> /dev/null
                echo 10 > '#100%'; echo 11 > "$(printf 'new\\nline')"
                """)
            try world.synchronize()
            let names = world.host.withService { $0.tree().map(\.path) }
            #expect(
                Set(names) == [
                    "what： ＂this＂？", "ends with a dot．", "␠spaces␠", "‛CON", "ünï", long, "#100%",
                    "new␊line",
                ])
            let status = try world.onedrive("status")
            #expect(status.output.contains("only on this device:"), "\(status.output)")
            world.kill()
            try world.start()
            #expect(
                try world.shell(
                    "cat 'what: \"this\"?' 'ends with a dot.' ' spaces ' CON ünï \(long)"
                        + " \"$(printf 'in\\377valid')\" '#100%' \"$(printf 'new\\nline')\"")
                    == "1\n2\n3\n4\n5\n6\n7\n10\n11\n")
            #expect(try world.plan() == [])
        }
    }
}
