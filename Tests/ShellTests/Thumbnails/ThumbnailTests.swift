import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// `onedrive thumbnails`, with the program that makes PNG files of what the service gives.
@Suite(
    .enabled(
        if: TestMount.isPossible
            && access("/usr/bin/\(PictureConverter.program)", X_OK) == 0,
        "needs /dev/fuse and gdk-pixbuf-thumbnailer (libgdk-pixbuf2.0-bin)"), .serialized)
struct ThumbnailTests {
    private static func stage() async throws -> Stage {
        var service = GraphService(profile: .business, seed: 1)
        let now = Timestamp(seconds: 1_767_300_000)
        for name in ["a b é.jpg", "c.png", "none.bmp", "note.txt", "here.jpg"] {
            try service.remoteCreateFile("Photos/\(name)", Array("12345".utf8), now: now)
        }
        return try await Stage(service)
    }

    @Test("a folder of pictures gets its thumbnails without a download of any of them")
    func folder() async throws {
        let stage = try await Self.stage()
        let configuration = try stage.account("one")
        let client = try await Client(configuration, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        let first = try await stage.run(
            """
            mkdir tmp && export TMPDIR="$PWD/tmp"
            cat one/Photos/here.jpg && echo
            onedrive -c one.yml thumbnails one/Photos
            for name in "a%20b%20%C3%A9.jpg" c.png; do
                sum=$(printf %s "file://$PWD/one/Photos/$name" | md5sum)
                stat -c "%a %F" ".cache/thumbnails/large/${sum%% *}.png"
            done
            stat -c %a .cache .cache/thumbnails .cache/thumbnails/large
            ls -A .cache/thumbnails/large | wc -l
            ls -A tmp | wc -l
            """)
        #expect(first.status == 0 && first.errors.isEmpty, "\(first.text)")
        #expect(
            first.output == """
                12345
                2 thumbnails made, 1 here already, 1 without one
                600 regular file
                600 regular file
                700
                700
                700
                2
                0

                """, "\(first.text)")
        #expect(stage.host.withService { $0.log.count(.download) } == 1)
        let cache = ThumbnailCache(environment: ["HOME": stage.directory.path])
        let uri = FileURI(path: configuration.mountDirectory + "/Photos/c.png")
        let notes = try #require(cache.notes(of: uri))
        #expect(notes["Thumb::URI"] == uri.text && notes["Thumb::MTime"] == "1767300000")
        let second = try await stage.run(
            "cd one/Photos && onedrive -c ../../one.yml thumbnails . c.png /Photos/note.txt --json")
        try await onThread { client.stop() }
        await stage.host.stop()
        #expect(second.status == 0, "\(second.text)")
        let answer = try JSONValue(parsing: Array(second.output.utf8))
        let results = (answer["results"]?.array ?? []).map { result in
            [result["path"], result["result"], result["reason"]].compactMap { $0?.string }
        }
        let current = ThumbnailRequest.Obstacle.isUpToDate.rawValue
        #expect(
            results == [
                ["/Photos/a b é.jpg", "skipped", current], ["/Photos/c.png", "skipped", current],
                ["/Photos/here.jpg", "skipped", ThumbnailRequest.Obstacle.isHere.rawValue],
                ["/Photos/none.bmp", "none"], ["/Photos/c.png", "skipped", current],
                ["/Photos/note.txt", "none"],
            ], "\(second.text)")
    }

    @Test("what keeps a thumbnail from being made is said")
    func failures() async throws {
        let stage = try await Self.stage()
        let configuration = try stage.account("one")
        let client = try await Client(configuration, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        stage.host.withService {
            // Graph says where the picture lies; what lies there is none.
            $0.inject(
                Fault(
                    .respondText(status: 200, body: "no picture"), operation: .thumbnail, skip: 1))
        }
        let outcomes = try await [
            stage.run("onedrive -c one.yml thumbnails Photos/none.jpg"),
            stage.run("onedrive -c one.yml thumbnails Photos/c.png"),
            stage.run("PATH=\(UserScript.programs) onedrive -c one.yml thumbnails Photos"),
        ]
        try await onThread { client.stop() }
        await stage.host.stop()
        #expect(outcomes.map(\.status) == [1, 1, 1], "\(outcomes.map(\.text))")
        #expect(outcomes[0].errors.contains("/Photos/none.jpg: "), "\(outcomes[0].text)")
        #expect(outcomes[1].errors.contains("/Photos/c.png: "), "\(outcomes[1].text)")
        #expect(outcomes[2].errors.contains("apt install"), "\(outcomes[2].text)")
        let without = try await stage.run("onedrive -c one.yml thumbnails Photos")
        #expect(without.status == 69 && without.errors.contains("no client is running"))
    }
}
