import Core
import GraphSimulator
import Testing

/// Which bytes are believed to be those of a file, and which are not.
struct BelievedBytesTests {
    private static let text = "the text of the file"

    /// A drive with one file that has been listed.
    private static func world(
        hasHashes: Bool, name: String = "a", _ text: String = text
    ) throws -> EngineWorld {
        var world = EngineWorld()
        world.service.quirks.hashesMissing = !hasHashes
        try world.service.remoteCreateFile(name, Array(text.utf8), now: world.now)
        world.synchronize()
        return world
    }

    // MARK: What comes in place of the service

    struct Portal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head: HTTPResponse

        init(_ description: String, _ status: Int, _ headers: [String: String]) {
            testDescription = description
            head = HTTPResponse(
                status: status,
                headers: headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) },
                body: Array(repeating: UInt8(ascii: "p"), count: BelievedBytesTests.text.count))
        }
    }

    @Test(
        "the page of a portal or a proxy never becomes the content of a file",
        arguments: [
            Portal("a page", 200, ["Content-Type": "text/html", "Content-Length": "20"]),
            Portal("a text of another size", 200, ["Content-Length": "19", "ETag": "\"p\""]),
            Portal("a text of no size", 200, ["Content-Type": "text/plain"]),
            Portal("compressed", 200, ["Content-Length": "20", "Content-Encoding": "gzip"]),
            Portal("no range", 206, ["Content-Length": "20"]),
            Portal("another range", 206, ["Content-Range": "bytes 1-20/21"]),
            Portal("part of another file", 206, ["Content-Range": "bytes 0-18/19"]),
            Portal(
                "a range of another length", 206,
                ["Content-Range": "bytes 0-19/20", "Content-Length": "19"]),
        ], [true, false])
    func portals(_ portal: Portal, hasHashes: Bool) throws {
        var world = try Self.world(hasHashes: hasHashes)
        world.portal = portal.head
        #expect(throws: PosixError.self) { try world.text("a") }
        #expect(!world.disk.values.contains { $0.contains(UInt8(ascii: "p")) })
        world.portal = nil
        world.wait(seconds: 120)
        #expect(try world.text("a") == Self.text)
    }

    @Test("a web page is the content of a web page")
    func webPages() throws {
        var world = try Self.world(hasHashes: false, name: "a.html", "<html></html>")
        world.service.quirks.ignoresRange = true
        #expect(try world.text("a.html") == "<html></html>")
    }

    @Test("an answer with less than was asked for is followed by the rest", arguments: [1, 7, 19])
    func shortAnswers(count: Int) throws {
        var world = try Self.world(hasHashes: false)
        world.portal = HTTPResponse(
            status: 206,
            headers: [
                HTTPHeader("Content-Range", "bytes 0-\(count - 1)/20"),
                HTTPHeader("Content-Length", String(count)),
            ], body: Array(Self.text.utf8.prefix(count)))
        world.portalCount = 1
        #expect(try world.text("a") == Self.text)
        #expect(world.service.log.count(.download) == 2)
    }

    // MARK: Damage

    @Test("bytes that come damaged twice, each time in another way, are not believed")
    func damagedTwice() throws {
        var world = try Self.world(hasHashes: true)
        world.damages = [1, 2]
        #expect(try world.text("a") == Self.text)
        #expect(world.service.log.count(.download) == 3)
    }

    @Test("bytes that come damaged in the same way are how the service serves the file")
    func servedOtherwise() throws {
        var world = try Self.world(hasHashes: true)
        world.damages = [1, 1, 1, 1, 1, 1]
        #expect(try world.text("a").dropFirst() == Self.text.dropFirst())
        #expect(world.service.log.count(.download) == 2)
    }

    @Test(
        "a file whose bytes always come damaged can be read once they do not",
        arguments: [true, false])
    func alwaysDamaged(writes: Bool) throws {
        var world = try Self.world(hasHashes: true)
        world.damages = Array(1...100)
        let opened = try world.open("a", canWrite: writes)
        #expect(throws: PosixError.inputOutput) {
            if writes { try world.put("changed", opened) } else { _ = try world.read(opened) }
        }
        #expect(try world.paths() == ["a"])
        world.damages = []
        if writes {
            try world.put("THE", opened)
            world.close(opened)
            world.synchronize()
            #expect(world.cloudText("a") == "THE text of the file")
        } else {
            #expect(try world.read(opened) == Self.text)
        }
    }

    // MARK: What was sent

    @Test(
        "somebody's edit is never taken for damage on the way up, and overwritten",
        arguments: ["them", "somebody's longer text"])
    func editAfterUpload(edit: String) throws {
        var world = EngineWorld()
        world.service.quirks.finalFragmentEmptyBody = true
        try world.write("a.txt", "mine")
        // The answer says that it is done and not what came of it.
        world.runUntil { $0.cloudPaths == ["a.txt"] }
        try world.service.remoteEdit("a.txt", Array(edit.utf8), now: world.now)
        world.wait(seconds: 600)
        #expect(world.cloudText("a.txt") == edit)
        #expect(try world.text("a.txt") == edit)
        // An edit of the same length could be damage all the same: then what was here is kept, too.
        let copies = world.cloudPaths.filter { $0.contains("conflict") }
        #expect(copies.compactMap { world.cloudText($0) } == (edit.count == 4 ? ["mine"] : []))
    }

    @Test("a document that the service rewrites is no conflict when it is saved again meanwhile")
    func savedWhileRewritten() throws {
        var world = EngineWorld()
        world.service.quirks.rewrittenExtensions = ["docx"]
        try world.write("a.docx", "first")
        world.runUntil { $0.cloudPaths == ["a.docx"] }
        try world.write("a.docx", "second")
        world.wait(seconds: 600)
        #expect(world.cloudPaths == ["a.docx"])
        #expect(world.cloudText("a.docx")?.hasPrefix("second") == true)
        #expect(try world.text("a.docx") == world.cloudText("a.docx"))
    }

    @Test("a document that the service rewrites does not come back when it is deleted meanwhile")
    func deletedWhileRewritten() throws {
        var world = EngineWorld()
        world.service.quirks.rewrittenExtensions = ["docx"]
        try world.write("a.docx", "first")
        world.runUntil { $0.cloudPaths == ["a.docx"] }
        try world.remove("a.docx")
        world.wait(seconds: 600)
        #expect(world.cloudPaths.isEmpty)
        #expect(try world.paths().isEmpty)
    }

    @Test("somebody's edit of a document is a conflict although the service rewrites it")
    func editedWhileRewritten() throws {
        var world = EngineWorld()
        world.service.quirks.rewrittenExtensions = ["docx"]
        try world.write("a.docx", "first")
        world.runUntil { $0.cloudPaths == ["a.docx"] }
        try world.write("a.docx", "second")
        try world.service.remoteEdit("a.docx", Array("theirs".utf8), now: world.now)
        world.wait(seconds: 600)
        #expect(world.cloudText("a.docx")?.hasPrefix("theirs") == true)
        let texts = world.cloudPaths.compactMap { world.cloudText($0) }
        #expect(texts.contains { $0.hasPrefix("second") })
    }

    @Test("a rewritten document whose upload tells of no item, and that shows late, has no copies")
    func rewrittenAndLate() throws {
        var world = EngineWorld()
        world.service.quirks.rewrittenExtensions = ["docx"]
        world.service.quirks.finalFragmentEmptyBody = true
        world.service.quirks.pathReadLagMilliseconds = 5_000
        try world.write("a.docx", "first")
        world.wait(seconds: 900)
        #expect(world.cloudPaths == ["a.docx"])
        #expect(try world.text("a.docx") == world.cloudText("a.docx"))
    }

    // MARK: No hashes

    @Test("bytes without a hash go up when they become a file of their own")
    func backupWithoutHash() throws {
        var world = try Self.world(hasHashes: false)
        #expect(try world.text("a") == Self.text)
        world.wait(seconds: 5)
        try world.rename("a", "a~")
        try world.write("a", "saved anew")
        world.wait(seconds: 600)
        #expect(world.cloudPaths == ["a", "a~"])
        #expect(world.cloudText("a~") == Self.text)
        #expect(world.cloudText("a") == "saved anew")
        #expect(world.engine.status.pending == 0)
    }

    @Test("an edit of the same size is told by its time, also after a power failure")
    func timeAfterPowerFailure() throws {
        var world = try Self.world(hasHashes: false)
        var other = try Self.world(hasHashes: false)
        #expect(try world.text("a") == Self.text)
        world.wait(seconds: 100)
        world.makeDurable()
        let before = try #require(world.service.entry("a")?.modified)
        let opened = try world.open("a", canWrite: true)
        try world.put("THE", opened)
        world.failPower(EngineWorld.PowerFailure(keepsRecords: false, keepsBytes: true))
        world.synchronize()
        #expect(world.cloudText("a") == "THE text of the file")
        #expect(try #require(world.service.entry("a")?.modified) > before)
        other.service = world.service
        other.now = world.now
        other.synchronize()
        #expect(try other.text("a") == "THE text of the file")
    }

    @Test("a hash that is told late is compared with the bytes that came before")
    func lateHash() throws {
        var world = try Self.world(hasHashes: false)
        world.damages = [1]
        #expect(try world.text("a") != Self.text)
        world.service.quirks.hashesMissing = false
        try world.service.remoteRename("a", to: "b", now: world.now)
        world.synchronize()
        #expect(try world.state("b", "user.onedrive.hash") != "")
        #expect(try world.text("b") == Self.text)
    }
}
