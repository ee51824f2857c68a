import Core
import GraphSimulator
import Testing

struct SimulatedTransferTests {
    private static let unit = 327_680

    /// Opens a session and returns its URL.
    private func open(
        _ client: inout SimulatedClient, _ address: String = "root:/big.bin:",
        _ body: JSONValue = [:], headers: [HTTPHeader] = []
    ) -> (response: SimulatedResponse, url: String) {
        let response = client.send(
            "POST", "/me/drive/\(address)/createUploadSession", body, headers: headers)
        return (response, response.json?["uploadUrl"]?.string ?? "")
    }

    private func put(
        _ client: inout SimulatedClient, _ url: String, _ first: Int, _ bytes: [UInt8], _ total: Int
    ) -> SimulatedResponse {
        client.sendRaw(
            "PUT", url, bytes: bytes,
            headers: [
                HTTPHeader("Content-Range", "bytes \(first)-\(first + bytes.count - 1)/\(total)")
            ])
    }

    // MARK: Simple uploads

    @Test(
        "A simple upload creates, replaces, renames or fails",
        arguments: [
            ("", 200, "f.txt"), ("replace", 200, "f.txt"), ("rename", 201, "f 1.txt"),
            ("fail", 409, ""),
        ])
    func simpleUpload(behavior: String, status: Int, name: String) throws {
        var client = SimulatedClient()
        let target = "/me/drive/root:/new/f.txt:/content"
        #expect(client.send("PUT", target, bytes: [1]).status == 201)
        let query = behavior.isEmpty ? "" : "?@microsoft.graph.conflictBehavior=\(behavior)"
        let second = client.send("PUT", target + query, bytes: [1, 2, 3])
        #expect(second.status == status)
        if status != 409 {
            #expect(second.json?["name"]?.string == name)
            #expect(second.json?["size"]?.integer == 3)
            let hash = second.json?["file"]?["hashes"]?["quickXorHash"]?.string
            #expect(hash == QuickXorHash.hash(of: [1, 2, 3]).base64)
        }
    }

    @Test("Uploads below an id need the folder; conditions, quota and size are checked")
    func uploadChecks() throws {
        var client = SimulatedClient(quota: 100)
        let folder = try client.service.remoteCreateFolder("d", now: client.now)
        #expect(
            client.send("PUT", "/me/drive/items/\(folder):/x/y:/content", bytes: [1]).status == 404)
        #expect(
            client.send("PUT", "/me/drive/items/\(folder):/y:/content", bytes: [1]).status == 201)
        #expect(
            client.send(
                "PUT", "/me/drive/root:/new:/content", bytes: [1],
                headers: [HTTPHeader("If-Match", "\"x\"")]
            ).status == 412)
        #expect(
            client.send(
                "PUT", "/me/drive/items/\(folder):/y:/content", bytes: [2],
                headers: [HTTPHeader("If-None-Match", "*")]
            ).status == 412)
        let full = [UInt8](repeating: 0, count: 101)
        #expect(
            client.send("PUT", "/me/drive/root:/full:/content", bytes: full).errorCodes.first
                == "quotaLimitReached")
        client.service.quirks.simpleUploadLimit = 10
        #expect(client.send("PUT", "/me/drive/root:/full:/content", bytes: full).status == 413)
        #expect(client.send("PUT", "/me/drive/root:/d:/content", bytes: [1]).status == 409)
    }

    // MARK: Sessions

    @Test("A session takes fragments in order and commits with the last byte")
    func session() throws {
        var client = SimulatedClient()
        let blob = Blob(generatedFrom: 1, count: UInt64(2 * Self.unit + 5))
        let total = Int(blob.count)
        let (opened, url) = open(
            &client, "root:/big.bin:",
            ["item": ["fileSystemInfo": ["lastModifiedDateTime": "2020-01-02T03:04:05Z"]]])
        #expect(opened.json?["nextExpectedRanges"]?.array == ["0-"])
        #expect(client.service.entry("big.bin") == nil, "visible only when it is whole")
        let bytes = blob.bytes
        let first = put(&client, url, 0, Array(bytes[..<Self.unit]), total)
        #expect(first.status == 202)
        #expect(first.json?["nextExpectedRanges"]?.array == [.string("\(Self.unit)-")])
        #expect(
            put(&client, url, 0, [1], total).errorCodes == ["invalidRange", "fragmentOverlap"])
        #expect(
            put(&client, url, 2 * Self.unit, [1], total).errorCodes
                == ["invalidRange", "fragmentOutOfOrder"])
        #expect(
            put(&client, url, Self.unit, [1], total + 1).errorCodes
                == ["invalidRange", "fragmentLengthMismatch"])
        let status = client.sendRaw("GET", url)
        #expect(status.json?["nextExpectedRanges"]?.array == [.string("\(Self.unit)-")])
        let last = put(&client, url, Self.unit, Array(bytes[Self.unit...]), total)
        #expect(last.status == 201)
        let entry = try #require(client.service.entry("big.bin"))
        #expect(entry.hash == blob.quickXorHash)
        #expect(entry.modified == Timestamp(rfc3339: "2020-01-02T03:04:05Z"))
        #expect(entry.versionCount == 0, "times of the session make no version")
        #expect(client.sendRaw("GET", url).errorCodes.last == "uploadSessionNotFound")
    }

    @Test("A token must not go to an upload URL")
    func tokenLeak() {
        var client = SimulatedClient()
        let (_, url) = open(&client)
        #expect(client.follow(url).status == 401)
    }

    @Test("Fragments of the wrong size: too large at once, unaligned at the end")
    func fragmentSizes() {
        var client = SimulatedClient()
        var (_, url) = open(&client)
        let huge = [UInt8](repeating: 0, count: 62_914_560)
        #expect(
            put(&client, url, 0, huge, huge.count).errorCodes.last == "maxFragmentLengthExceeded")
        #expect(put(&client, url, 0, [1, 2], 5).status == 202)
        #expect(put(&client, url, 2, [3, 4, 5], 5).status == 400)
        (_, url) = open(&client)
        #expect(client.sendRaw("PUT", url, bytes: [1]).status == 400, "no Content-Range")
    }

    @Test("A fragment that arrived in part goes on where it ended")
    func partialFragment() throws {
        var client = SimulatedClient()
        let (_, url) = open(&client)
        let bytes = Blob(generatedFrom: 2, count: UInt64(2 * Self.unit)).bytes
        client.service.inject(Fault(.shortenFragment(to: 1_000), operation: .fragment))
        #expect(put(&client, url, 0, Array(bytes[..<Self.unit]), bytes.count).status == 500)
        #expect(client.sendRaw("GET", url).json?["nextExpectedRanges"]?.array == ["1000-"])
        #expect(
            put(&client, url, 1_000, Array(bytes[1_000..<Self.unit]), bytes.count).status == 202)
        #expect(put(&client, url, Self.unit, Array(bytes[Self.unit...]), bytes.count).status == 201)
        #expect(client.service.content("big.bin")?.bytes == bytes)
    }

    @Test("A lost reply leaves the work done")
    func lostReply() {
        var client = SimulatedClient()
        let (_, url) = open(&client)
        client.service.inject(Fault(.loseReply, operation: .fragment))
        #expect(put(&client, url, 0, [1, 2], 2).delivery.dropsConnection)
        #expect(client.service.content("big.bin")?.bytes == [1, 2])
        #expect(client.sendRaw("GET", url).status == 404)
        #expect(client.service.log.count(.fragment) == 1)
        #expect(client.service.log.records.last { $0.operation == .fragment }?.status == nil)
    }

    @Test("Conflicts when a session is opened, and when it is committed")
    func sessionConflicts() throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("big.bin", [0], now: client.now)
        #expect(open(&client).response.errorCodes == ["nameAlreadyExists"])
        #expect(
            open(&client, "root:/big.bin:", ["item": ["name": "other"]]).response.status == 400)
        let (_, url) = open(&client, "root:/fresh:")
        try client.service.remoteCreateFile("fresh", [0], now: client.now)
        #expect(put(&client, url, 0, [1], 1).status == 409)
        #expect(client.sendRaw("GET", url).status == 200, "kept, so that it can be resolved")
        #expect(client.service.content("fresh")?.bytes == [0])
        #expect(client.sendRaw("DELETE", url).status == 204)
    }

    @Test("If-Match holds until the commit")
    func sessionCondition() throws {
        var client = SimulatedClient()
        let id = try client.service.remoteCreateFile("big.bin", [0], now: client.now)
        let tag = try #require(client.service.entry("big.bin")?.entityTag)
        let condition = [HTTPHeader("If-Match", tag)]
        let (_, first) = open(&client, "items/\(id)", [:], headers: condition)
        #expect(put(&client, first, 0, [1], 1).status == 200)
        #expect(open(&client, "items/\(id)", [:], headers: condition).response.status == 412)
        let newTag = try #require(client.service.entry("big.bin")?.entityTag)
        let (_, second) = open(
            &client, "items/\(id)", [:], headers: [HTTPHeader("If-Match", newTag)])
        try client.service.remoteEdit("big.bin", [7], now: client.now)
        #expect(put(&client, second, 0, [2], 1).status == 412)
        #expect(client.service.content("big.bin")?.bytes == [7])
        client.sendRaw("DELETE", second)
        client.service.quirks.sessionChangesEntityTag = true
        let last = try #require(client.service.entry("big.bin")?.entityTag)
        let (_, third) = open(&client, "items/\(id)", [:], headers: [HTTPHeader("If-Match", last)])
        #expect(put(&client, third, 0, [3], 1).status == 412, "the session itself moved the tag")
    }

    @Test("Sessions end: Business after a quarter of an hour of silence, others after a week")
    func sessionExpiry() {
        for (profile, life) in [(AccountProfile.business, 900), (.personal, 604_800)]
            as [(AccountProfile, Int64)]
        {
            var client = SimulatedClient(profile)
            let (_, url) = open(&client)
            client.advance(seconds: life - 1)
            #expect(
                put(&client, url, 0, [UInt8](repeating: 0, count: Self.unit), 2 * Self.unit).status
                    == 202)
            client.advance(seconds: 1)
            #expect(client.sendRaw("GET", url).status == (profile == .business ? 200 : 404))
            client.advance(seconds: life)
            #expect(client.sendRaw("GET", url).status == 404)
        }
    }

    @Test("A second session for a name is refused on Business drives")
    func secondSession() {
        var client = SimulatedClient()
        let (_, url) = open(&client)
        #expect(open(&client, "root:/BIG.bin:").response.status == 409)
        client.sendRaw("DELETE", url)
        #expect(open(&client).response.status == 200)
        var personal = SimulatedClient(.personal)
        #expect(open(&personal).response.status == 200)
        #expect(open(&personal).response.status == 200)
    }

    @Test("A deferred session commits when it is told to")
    func deferredCommit() {
        var client = SimulatedClient()
        let (_, url) = open(&client, "root:/big.bin:", ["deferCommit": true])
        #expect(client.sendRaw("POST", url).status == 400)
        #expect(put(&client, url, 0, [1], 1).status == 202)
        #expect(client.service.entry("big.bin") == nil)
        #expect(client.sendRaw("POST", url).status == 201)
        #expect(client.service.entry("big.bin") != nil)
    }

    @Test("Oddities of sessions")
    func sessionQuirks() {
        var quirks = Quirks()
        quirks.sessionRotatesURL = true
        quirks.finalFragmentEmptyBody = true
        quirks.sessionLagMilliseconds = 5_000
        quirks.sessionHidesRanges = true
        var client = SimulatedClient(quirks: quirks)
        let (opened, url) = open(&client)
        #expect(opened.json?["nextExpectedRanges"] == nil)
        #expect(client.sendRaw("GET", url).status == 404)
        client.advance(seconds: 6)
        let fresh = client.sendRaw("GET", url).json?["uploadUrl"]?.string ?? ""
        #expect(client.sendRaw("GET", url).status == 404)
        let end = put(&client, fresh, 0, [1], 1)
        #expect(end.status == 201)
        #expect(end.bytes.isEmpty)
    }

    @Test("Office documents are not kept as they were sent, on Business drives")
    func rewriting() throws {
        var quirks = Quirks()
        quirks.rewrittenExtensions = ["docx"]
        var client = SimulatedClient(quirks: quirks)
        let answer = client.send("PUT", "/me/drive/root:/a.DOCX:/content", bytes: [1, 2, 3])
        #expect(answer.json?["size"]?.integer != 3)
        let stored = try #require(client.service.content("a.docx"))
        #expect(
            answer.json?["file"]?["hashes"]?["quickXorHash"]?.string == stored.quickXorHash.base64)
    }

    // MARK: Downloads

    /// Makes a file of a hundred bytes and returns its download URL.
    private func downloadURL(_ client: inout SimulatedClient) throws -> String {
        let id = try client.service.remoteCreateFile(
            "f.bin", Blob(generatedFrom: 1, count: 100), now: client.now)
        let response = client.send("GET", "/me/drive/items/\(id)/content")
        #expect(response.status == 302)
        return try #require(response.header("Location"))
    }

    @Test(
        "Ranges",
        arguments: [
            ("bytes=0-0", 206, 0..<1), ("bytes=10-19", 206, 10..<20), ("bytes=90-", 206, 90..<100),
            ("bytes=90-500", 206, 90..<100), ("bytes=-7", 206, 93..<100),
            ("bytes=1-18446744073709551615", 206, 1..<100),
            ("bytes=-500", 206, 0..<100), ("bytes=100-", 416, 0..<0), ("bytes=5-3", 200, 0..<100),
            ("lines=1-2", 200, 0..<100), ("bytes=1-2,4-5", 200, 0..<100),
        ])
    func ranges(header: String, status: Int, range: Range<UInt64>) throws {
        var client = SimulatedClient()
        let url = try downloadURL(&client)
        let response = client.sendRaw("GET", url, headers: [HTTPHeader("Range", header)])
        #expect(response.status == status)
        #expect(response.bytes == Blob(generatedFrom: 1, count: 100).bytes(in: range))
        if status == 206 {
            #expect(
                response.header("Content-Range")
                    == "bytes \(range.lowerBound)-\(range.upperBound - 1)/100")
        }
        client.service.quirks.ignoresRange = true
        #expect(client.sendRaw("GET", url, headers: [HTTPHeader("Range", header)]).status == 200)
    }

    @Test("A download URL is for anybody without a token, for a while, and for what is there")
    func downloadURLs() throws {
        var client = SimulatedClient()
        let url = try downloadURL(&client)
        #expect(client.follow(url).status == 401)
        #expect(client.sendRaw("GET", url + "0").status == 401)
        client.service.quirks.downloadsToRefuse = 1
        #expect(client.sendRaw("GET", url).status == 401)
        #expect(client.sendRaw("GET", url).status == 200)
        try client.service.remoteEdit("f.bin", [1, 2], now: client.now)
        #expect(client.sendRaw("GET", url).bytes == [1, 2], "it names the item, not a content")
        client.advance(seconds: 3_601)
        #expect(client.sendRaw("GET", url).status == 401)
    }

    @Test("Folders have no content, deleted files none either")
    func noContent() throws {
        var client = SimulatedClient()
        let url = try downloadURL(&client)
        #expect(client.send("GET", "/me/drive/root/content").status == 404)
        try client.service.remoteDelete("f.bin", now: client.now)
        #expect(client.sendRaw("GET", url).status == 404)
    }
}
