import Core
import GraphSimulator
import Testing

struct SimulatedActionTests {
    @Test("A copy is accepted, watched, and in the end there", arguments: AccountProfile.allCases)
    func copying(profile: AccountProfile) throws {
        var client = SimulatedClient(profile)
        try client.service.remoteCreateFile("a/b/c", [1], now: client.now)
        let a = try #require(client.service.entry("a")?.id)
        let accepted = client.send(
            "POST", "/me/drive/items/\(a)/copy",
            ["name": "copy", "parentReference": ["id": .string(client.service.rootID())]])
        #expect(accepted.status == 202)
        let monitor = try #require(accepted.header("Location"))
        #expect(client.sendRaw("GET", monitor).json?["status"]?.string == "inProgress")
        let end = client.sendRaw("GET", monitor)
        #expect(end.json?["status"]?.string == "completed")
        #expect(end.json?["resourceId"]?.string == client.service.entry("copy")?.id)
        #expect(client.service.content("copy/b/c")?.bytes == [1])
        #expect(client.service.entry("copy/b/c")?.id != client.service.entry("a/b/c")?.id)
        let again = client.send("POST", "/me/drive/items/\(a)/copy", ["name": "copy"])
        let second = try #require(again.header("Location"))
        client.sendRaw("GET", second)
        #expect(client.sendRaw("GET", second).json?["errorCode"]?.string == "nameAlreadyExists")
        client.service.quirks.copyMonitorsGone = true
        #expect(client.sendRaw("GET", second).status == 404)
    }

    @Test(
        "A generated folder is what was asked for, and a wrong wish is refused",
        arguments: [
            ("tree", 3, 2, 10, 204), ("tree", 0, 5, 10, 204), ("sub/tree", 3, 2, 10, 400),
            ("taken", 3, 2, 10, 400), ("tree", -1, 2, 10, 400), ("tree", 1 << 40, 2, 10, 400),
            ("tree", 3, 2, -1, 400),
        ])
    func generating(name: String, folders: Int64, files: Int64, size: Int64, status: Int) throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("taken", [1], now: client.now)
        let wish: JSONValue = [
            [
                "op": "generate", "path": .string(name), "folders": .integer(folders),
                "files": .integer(files), "size": .integer(size),
            ]
        ]
        let answer = client.sendRaw("POST", "/simulator/mutate", bytes: wish.serialized())
        #expect(answer.status == status)
        let tree = client.service.tree().filter { $0.path.hasPrefix("tree") }
        let expected = status == 204 ? 1 + folders + folders * files : 0
        #expect(tree.count == Int(expected))
        #expect(tree.allSatisfy { $0.kind != .file || $0.size == UInt64(size) })
    }

    @Test("Checking out keeps others away, and the other way round")
    func checkout() throws {
        var client = SimulatedClient()
        let id = try client.service.remoteCreateFile("d/x.docx", [1], now: client.now)
        let item = "/me/drive/items/\(id)"
        #expect(client.send("POST", item + "/discardCheckout").status == 400)
        #expect(client.send("POST", item + "/checkout").status == 204)
        #expect(
            client.send("GET", item + "?$select=publication").json?["publication"]?["level"]?.string
                == "checkout")
        #expect(throws: RemoteChangeRefused(status: 423, code: "resourceLocked", path: "d/x.docx"))
        {
            try client.service.remoteEdit("d/x.docx", [2], now: client.now)
        }
        #expect(client.send("PUT", item + "/content", bytes: [3]).status == 200)
        #expect(client.send("POST", item + "/checkin", ["comment": "done"]).status == 204)
        try client.service.remoteSetLock("d/x.docx", .checkedOut, now: client.now)
        let folder = try #require(client.service.entry("d")?.id)
        #expect(client.send("POST", item + "/checkout").status == 423)
        #expect(client.send("PUT", item + "/content", bytes: [4]).status == 423)
        #expect(client.send("PATCH", item, ["name": "y"]).status == 423)
        #expect(client.send("DELETE", item).status == 423)
        #expect(client.send("DELETE", "/me/drive/items/\(folder)").status == 423)
        #expect(client.send("GET", item).status == 200)
        let until = Timestamp(seconds: client.now.wholeSeconds + 60)
        try client.service.remoteSetLock("d/x.docx", .open(until: until), now: client.now)
        #expect(client.send("POST", item + "/createUploadSession", [:]).status == 423)
        client.advance(seconds: 60)
        #expect(client.send("DELETE", item).status == 204)
    }

    @Test("Contents make versions; on Business drives so do times")
    func versions() throws {
        for profile in AccountProfile.allCases {
            var client = SimulatedClient(profile)
            let id = try client.service.remoteCreateFile("x", [1], now: client.now)
            let item = "/me/drive/items/\(id)"
            client.send("PUT", item + "/content", bytes: [1, 2])
            client.send(
                "PATCH", item, ["fileSystemInfo": ["lastModifiedDateTime": "2020-01-01T00:00:00Z"]])
            let list = client.send("GET", item + "/versions").json?["value"]?.array
            let ids = list?.compactMap { $0["id"]?.string }
            #expect(ids == (profile == .business ? ["3.0", "2.0", "1.0"] : ["2.0", "1.0"]))
            let redirect = client.send("GET", item + "/versions/1.0/content")
            let url = try #require(redirect.header("Location"))
            #expect(client.sendRaw("GET", url).bytes == [1])
            #expect(client.send("GET", item + "/versions/9.0").status == 404)
        }
    }

    @Test("A batch answers its parts one by one")
    func batch() throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("f", [1], now: client.now)
        client.service.inject(
            Fault(
                .respond(status: 429, code: "activityLimitReached", retryAfter: "9"),
                targetContains: "/me/drive/root?throttled"))
        let answer = client.send(
            "POST", "/$batch",
            [
                "requests": [
                    ["id": "1", "method": "GET", "url": "/me"],
                    ["id": "2", "method": "GET", "url": "me/drive/root:/none"],
                    ["id": "3", "method": "GET", "url": "/me", "dependsOn": ["2"]],
                    ["id": "4", "method": "GET", "url": "/me/drive/root?throttled"],
                    ["id": "5", "method": "GET", "url": "/me/drive/root:/f:/content"],
                    [
                        "id": "6", "method": "POST", "url": "/me/drive/root/children",
                        "headers": ["Content-Type": "application/json"],
                        "body": ["name": "made", "folder": [:]], "dependsOn": ["1"],
                    ],
                ]
            ])
        #expect(answer.status == 200)
        let parts = try #require(answer.json?["responses"]?.array)
        #expect(parts.compactMap { $0["status"]?.integer } == [200, 404, 424, 429, 302, 201])
        #expect(parts[3]["headers"]?["Retry-After"]?.string == "9")
        #expect(parts[5]["body"]?["name"]?.string == "made")
        let many = JSONValue.array(
            (0..<21).map { ["id": .string(String($0)), "method": "GET", "url": "/me"] })
        #expect(client.send("POST", "/$batch", ["requests": many]).status == 400)
    }

    @Test("Faults hit what they match, as often as they say")
    func faults() {
        var client = SimulatedClient()
        client.service.inject(
            Fault(
                .respond(status: 503, code: "serviceNotAvailable"), method: "GET", skip: 1, count: 2
            ))
        let statuses = (0..<5).map { _ in client.send("GET", "/me").status }
        #expect(statuses == [200, 503, 503, 200, 200])
        client.service.inject(
            Fault(.executeThenRespond(status: 504, code: "GatewayTimeout"), method: "POST"))
        let body: JSONValue = ["name": "made", "folder": [:]]
        #expect(client.send("POST", "/me/drive/root/children", body).status == 504)
        #expect(client.service.entry("made") != nil)
        client.service.inject(Fault(.respondText(status: 502, body: "<html>")))
        #expect(client.send("GET", "/me").json == nil)
        #expect(client.service.pendingFaults.isEmpty)
    }

    @Test("Everything is said about what was asked")
    func log() {
        var client = SimulatedClient()
        client.send("PUT", "/me/drive/root:/x:/content", bytes: [1, 2, 3])
        client.send("GET", "/me/drive/root/delta")
        client.send("GET", "/me/drive/root:/x")
        #expect(client.service.log.records.map(\.operation) == [.upload, .delta, .item])
        #expect(client.service.log.count(.upload) == 1)
        #expect(client.service.log.count(.delete) == 0)
        #expect(client.service.log.records[0].bytesReceived == 3)
    }

    @Test("The same seed and requests give the same bytes")
    func determinism() {
        func run() -> [[UInt8]] {
            var client = SimulatedClient()
            return [
                client.send("PUT", "/me/drive/root:/x:/content", bytes: [1]).bytes,
                client.send("GET", "/me/drive/root/delta").bytes,
                client.send("POST", "/me/drive/root:/y:/createUploadSession", [:]).bytes,
                client.send("GET", "/me/drive/root:/none").bytes,
            ]
        }
        #expect(run() == run())
    }

    @Test(
        "The demo drive lists, and its video is as long as it says",
        arguments: AccountProfile.allCases)
    func demo(profile: AccountProfile) throws {
        let service = GraphService.demo(profile: profile)
        let tree = service.tree()
        #expect(tree.count { $0.path.hasPrefix("Archive/Folder 000000/") } == 1_000)
        let video = try #require(tree.first { $0.path.hasPrefix("Videos/") && $0.kind == .file })
        #expect(video.size == 2 << 30)
        #expect(tree.contains { !$0.path.utf8.allSatisfy { $0 < 0x80 } })
    }

    @Test("Random and broken requests are refused, never fatal")
    func hostileRequests() {
        var client = SimulatedClient()
        let pieces = [
            "me", "drive", "drives", "root:", "root", "items", "items:", ":", "%", "%zz", "%00",
            "a:",
            "..", "children", "content", "delta", "versions", "sites", "x:", "download", "upload",
            "-1", "99999999999999999999", "monitor", "simulator", "oauth2", "v2.0", "$batch",
            "copy",
        ]
        var random = SplitMix64(seed: 3)
        for round in 0..<4_000 {
            let count = Int(random.next() % 7)
            let path = (0..<count).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
            let method = ["GET", "PUT", "POST", "PATCH", "DELETE"][Int(random.next() % 5)]
            let query = [
                "", "?token=%ff", "?$top=-1&$skiptoken=-9",
                "?$top=9223372036854775807&$skiptoken=9223372036854775807", "?=&&=", "?$select=,",
            ][
                round % 6]
            let response = client.send(
                method, "/" + path.joined(separator: "/") + query,
                bytes: Array("{\"name\":\"\\ud800".utf8.prefix(round % 17)),
                headers: [HTTPHeader("If-Match", ["", "*", "\"", "W/\"a\", x"][round % 4])])
            #expect((200..<600).contains(response.status))
        }
    }
}
