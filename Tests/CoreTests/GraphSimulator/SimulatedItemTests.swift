import Core
import GraphSimulator
import Testing

struct SimulatedItemTests {
    /// A drive with `a/b/c.txt`, and the id of that file.
    private func sample(
        _ profile: AccountProfile = .business, quirks: Quirks = Quirks()
    ) throws -> (client: SimulatedClient, id: String) {
        var client = SimulatedClient(profile, quirks: quirks)
        let id = try client.service.remoteCreateFile(
            "a/b/c.txt", Array("text".utf8), now: client.now)
        return (client, id)
    }

    @Test("Ids and tags have the shape of the account's kind")
    func shapes() throws {
        let shapes: [(AccountProfile, id: Int, driveID: Int, tagPrefix: String)] = [
            (.business, 34, 66, "\"{"), (.personal, 50, 16, "\"{"), (.personalLegacy, 20, 16, "a"),
        ]
        for (profile, idLength, driveIDLength, tagPrefix) in shapes {
            var (client, id) = try sample(profile)
            #expect(id.utf8.count == idLength, "\(profile)")
            #expect(client.service.driveID().utf8.count == driveIDLength)
            let item = try #require(client.send("GET", "/me/drive/items/\(id)").json)
            #expect(item["id"]?.string == id)
            #expect(item["eTag"]?.string?.hasPrefix(tagPrefix) == true)
            #expect(item["cTag"]?.string != item["eTag"]?.string)
            #expect(item["parentReference"]?["path"]?.string?.hasSuffix("root:/a/b") == true)
            let made = String(id.dropLast()) + (id.last == "A" ? "B" : "A")
            #expect(client.send("GET", "/me/drive/items/\(made)").status == 404)
        }
    }

    @Test(
        "The ways to say which item",
        arguments: [
            "/me/drive/items/ID", "/me/drive/root:/a/b/c.txt", "/me/drive/root:/A/B/C.TXT",
            "/me/drive/root:/a/b/c.txt:", "/drives/DRIVE/items/ID",
            "/drives/DRIVE/root:/a/b/c.txt:",
            "/me/drive/items/PARENT:/c.txt", "/me/drive/items/root:/a/b/c.txt:",
            "/me/drive/items/PARENT/children/c.txt", "/me/drive/root:/%61/b/c%2Etxt",
        ])
    func addresses(form: String) throws {
        var (client, id) = try sample()
        let parent = try #require(client.service.entry("a/b")?.id)
        let target = [("ID", id), ("DRIVE", client.service.driveID()), ("PARENT", parent)].reduce(
            form
        ) { text, pair in
            text.split(separator: pair.0, omittingEmptySubsequences: false).joined(
                separator: pair.1)
        }
        #expect(client.send("GET", target).json?["id"]?.string == id)
    }

    @Test("Children come by name, page by page, and $select is obeyed")
    func children() throws {
        var client = SimulatedClient()
        for name in ["beta", "Alpha", "gamma", "Delta"] {
            try client.service.remoteCreateFile(name, [1], now: client.now)
        }
        let first = client.send("GET", "/me/drive/root/children?$top=3&$select=name")
        #expect(
            first.json?["value"]?.array == [["name": "Alpha"], ["name": "beta"], ["name": "Delta"]])
        let link = try #require(first.json?["@odata.nextLink"]?.string)
        let second = client.follow(link)
        #expect(second.json?["value"]?.array == [["name": "gamma"]])
        #expect(second.json?["@odata.nextLink"] == nil)
        let descending = client.send(
            "GET", "/me/drive/root/children?$orderby=name%20desc&$top=1&$select=name")
        #expect(descending.json?["value"]?.array == [["name": "gamma"]])
        #expect(client.send("GET", "/me/drive/root/children?$orderby=size").status == 400)
    }

    @Test(
        "Creating a folder whose name is taken",
        arguments: [
            ("fail", 409, "X"), ("rename", 201, "X 1"), ("replace", 200, "x"),
        ])
    func folderConflicts(behavior: String, status: Int, name: String) throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFolder("x", now: client.now)
        let response = client.send(
            "POST", "/me/drive/root/children",
            ["name": "X", "folder": [:], "@microsoft.graph.conflictBehavior": .string(behavior)])
        #expect(response.status == status)
        if status == 409 {
            #expect(response.errorCodes == ["nameAlreadyExists"])
        } else {
            #expect(response.json?["name"]?.string == name)
        }
    }

    @Test(
        "Names the service refuses",
        arguments: [
            "a:b", "a*b", "a?b", "a\"b", "a<b", "a|b", "a\\b", "a/b", "a\u{1}b", " a", "a ", "a.",
            ".", "..", "CON", "lpt1", "desktop.INI", ".lock", "x_vti_y", "~$doc.docx",
            String(repeating: "x", count: 256),
        ])
    func refusedNames(name: String) {
        var client = SimulatedClient()
        let response = client.send(
            "POST", "/me/drive/root/children", ["name": .string(name), "folder": [:]])
        #expect(response.status == 400)
        #expect(client.service.tree().isEmpty)
    }

    @Test(
        "Names the service takes",
        arguments: [
            "#1", "100%", ".hidden", "a  b", "~tilde", "CON.txt", "naïve", "日本語", "a+b&c=d",
            "emoji 🎉", String(repeating: "x", count: 255),
        ])
    func acceptedNames(name: String) {
        var client = SimulatedClient()
        let path = name.percentEncodedSegment
        let response = client.send("PUT", "/me/drive/root:/\(path):/content", bytes: [1])
        #expect(response.status == 201)
        #expect(response.json?["name"]?.string.map { Array($0.utf8) } == Array(name.utf8))
        #expect(client.send("GET", "/me/drive/root:/\(path)").status == 200)
    }

    @Test("Two spellings of a name are one, unless the service tells normal forms apart")
    func folding() {
        var client = SimulatedClient()
        func create(_ name: String) -> Int {
            client.send("POST", "/me/drive/root/children", ["name": .string(name), "folder": [:]])
                .status
        }
        #expect(create("Caf\u{E9}") == 201)
        #expect(create("CAFÉ") == 409)
        #expect(create("Cafe\u{301}") == 409)
        client = SimulatedClient()
        client.service.quirks.distinguishesNormalForms = true
        #expect(create("Caf\u{E9}") == 201)
        #expect(create("Cafe\u{301}") == 201)
        #expect(create("cafe\u{301}") == 409)
    }

    @Test("A path may have 400 units on Business drives")
    func longPaths() throws {
        var client = SimulatedClient()
        let folder = String(repeating: "f", count: 200)
        try client.service.remoteCreateFolder(folder, now: client.now)
        func create(_ length: Int) -> SimulatedResponse {
            client.send(
                "PUT",
                "/me/drive/root:/\(folder)/\(String(repeating: "x", count: length)):/content",
                bytes: [1])
        }
        #expect(create(200).errorCodes == ["invalidRequest", "pathIsTooLong"])
        #expect(create(199).status == 201)
    }

    @Test("Renaming, also in case only; moving; and what both refuse")
    func updates() throws {
        var (client, id) = try sample()
        let other = try client.service.remoteCreateFile("a/b/taken.txt", [1], now: client.now)
        func patch(_ id: String, _ body: JSONValue) -> SimulatedResponse {
            client.send("PATCH", "/me/drive/items/\(id)", body)
        }
        #expect(patch(id, ["name": "C.txt"]).json?["name"]?.string == "C.txt")
        #expect(patch(id, ["name": "TAKEN.txt"]).status == 409)
        let a = try #require(client.service.entry("a")?.id)
        let b = try #require(client.service.entry("a/b")?.id)
        #expect(patch(a, ["parentReference": ["id": .string(b)]]).status == 400, "into itself")
        #expect(patch(other, ["parentReference": ["id": "root"]]).status == 404, "the alias")
        let moved = patch(
            other,
            ["name": "free.txt", "parentReference": ["id": .string(client.service.rootID())]])
        #expect(moved.json?["id"]?.string == other)
        #expect(client.service.entry("free.txt")?.id == other)
        #expect(client.service.entry("a/b/taken.txt") == nil)
    }

    @Test("A move sets the time of modification unless it brings one")
    func moveTimes() throws {
        var (client, id) = try sample()
        client.advance(seconds: 100)
        let root = JSONValue.string(client.service.rootID())
        let first = client.send(
            "PATCH", "/me/drive/items/\(id)", ["parentReference": ["id": root]])
        #expect(
            first.json?["fileSystemInfo"]?["lastModifiedDateTime"]?.string == client.now.rfc3339)
        let second = client.send(
            "PATCH", "/me/drive/items/\(id)",
            [
                "name": "n",
                "fileSystemInfo": ["lastModifiedDateTime": "2001-02-03T04:05:06.789Z"],
            ])
        #expect(
            second.json?["fileSystemInfo"]?["lastModifiedDateTime"]?.string
                == "2001-02-03T04:05:06Z")
    }

    @Test("Conditional headers", arguments: AccountProfile.allCases)
    func conditions(profile: AccountProfile) throws {
        var (client, id) = try sample(profile)
        let target = "/me/drive/items/\(id)"
        let item = try #require(client.send("GET", target).json)
        func quoted(_ name: String) throws -> String {
            let tag = try #require(item[name]?.string)
            return tag.hasPrefix("\"") ? tag : "\"\(tag)\""
        }
        func send(_ method: String, _ name: String, _ value: String) -> SimulatedResponse {
            client.send(
                method, target, method == "PATCH" ? ["description": "x"] : nil,
                headers: [HTTPHeader(name, value)])
        }
        #expect(send("GET", "If-None-Match", try quoted("eTag")).status == 304)
        #expect(send("GET", "If-None-Match", try quoted("cTag")).status == 304)
        #expect(send("GET", "If-None-Match", "\"x\"").status == 200)
        #expect(send("PATCH", "If-Match", "unquoted").errorCodes.last == "malformedEntityTag")
        #expect(send("PATCH", "If-Match", "\"other\"").status == 412)
        #expect(send("PATCH", "If-Match", try quoted("eTag")).status == 200)
        #expect(send("PATCH", "If-Match", try quoted("eTag")).status == 412, "it moved on")
        #expect(send("DELETE", "If-Match", try quoted("eTag")).status == 412)
        #expect(send("DELETE", "If-Match", "*").status == 204)
    }

    @Test("Deleting is recursive, frees names and quota, and needs an item")
    func deletion() throws {
        var (client, id) = try sample()
        let a = try #require(client.service.entry("a")?.id)
        #expect(client.send("DELETE", "/me/drive/items/\(a)").status == 204)
        #expect(client.send("GET", "/me/drive/items/\(id)").status == 404)
        #expect(client.send("DELETE", "/me/drive/items/\(a)").status == 404)
        #expect(client.send("DELETE", "/me/drive/root").status == 403)
        let quota = client.send("GET", "/me/drive").json?["quota"]
        #expect(quota?["used"]?.integer == 0)
        #expect(quota?["deleted"]?.integer == 4)
        #expect(client.service.recycleBin().map(\.name) == ["a"])
    }

    @Test("Restoring keeps the id; only Personal drives can")
    func restoring() throws {
        for profile in AccountProfile.allCases {
            var (client, id) = try sample(profile)
            client.send("DELETE", "/me/drive/items/\(id)")
            let response = client.send("POST", "/me/drive/items/\(id)/restore", [:])
            #expect(response.status == (profile == .business ? 501 : 200))
            #expect((client.service.entry("a/b/c.txt")?.id == id) == (profile != .business))
        }
    }

    @Test("Permanent deletion is for Business drives")
    func permanentDeletion() throws {
        var (client, id) = try sample()
        #expect(client.send("POST", "/me/drive/items/\(id)/permanentDelete").status == 204)
        #expect(client.service.recycleBin().isEmpty)
        var (personal, other) = try sample(.personal)
        #expect(personal.send("POST", "/me/drive/items/\(other)/permanentDelete").status == 405)
    }

    @Test(
        "cTags: content changes them; on Business drives a rename does too, on folders above none")
    func contentTags() throws {
        for profile in AccountProfile.allCases {
            var (client, id) = try sample(profile)
            let before = try #require(client.service.entry("a/b/c.txt"))
            let folder = try #require(client.service.entry("a"))
            client.send("PATCH", "/me/drive/items/\(id)", ["name": "d.txt"])
            let renamed = try #require(client.service.entry("a/b/d.txt"))
            #expect(renamed.entityTag != before.entityTag)
            #expect((renamed.contentTag != before.contentTag) == (profile == .business))
            client.send("PUT", "/me/drive/items/\(id)/content", bytes: [9])
            #expect(client.service.entry("a/b/d.txt")?.contentTag != renamed.contentTag)
            let after = try #require(client.service.entry("a"))
            #expect(after.entityTag == folder.entityTag)
            #expect((after.contentTag != folder.contentTag) == (profile != .business))
        }
    }

    @Test("Drives, sites and quota")
    func drives() {
        var client = SimulatedClient()
        #expect(client.send("GET", "/me/drive").json?["driveType"]?.string == "business")
        let site = client.send("GET", "/sites/contoso.sharepoint.com:/sites/Team")
        #expect(site.status == 200)
        let id = site.json?["id"]?.string ?? ""
        for path in ["/sites/contoso.sharepoint.com:/sites/team:/drives", "/sites/\(id)/drives"] {
            let drives = client.send("GET", path).json?["value"]?.array
            #expect(drives?.first?["id"]?.string == client.service.driveID(.library))
        }
        #expect(client.send("GET", "/sites/contoso.sharepoint.com:/sites/none").status == 404)
        #expect(
            client.send("GET", "/drives/\(client.service.driveID(.library))/root").status == 200)
        #expect(client.send("GET", "/drives/b!none/root").status == 404)
        client.service.quirks.quota = .absent
        #expect(client.send("GET", "/me/drive").json?["quota"] == nil)
        client.service.quirks.drivesForbidden = true
        #expect(client.send("GET", "/me/drives").status == 403)
    }

    @Test("Lag and odd answers about items")
    func itemQuirks() throws {
        var quirks = Quirks()
        quirks.pathReadLagMilliseconds = 5_000
        quirks.createFolderEmptyBody = true
        quirks.hashesLateSeconds = 60
        quirks.encodesNames = true
        var client = SimulatedClient(quirks: quirks)
        let made = client.send(
            "POST", "/me/drive/root/children", ["name": "new folder", "folder": [:]])
        #expect(made.status == 201)
        #expect(made.bytes.isEmpty)
        let entry = try #require(client.service.entry("new folder"))
        #expect(client.send("GET", "/me/drive/root:/new%20folder").status == 404)
        let byID = client.send("GET", "/me/drive/items/\(entry.id)")
        #expect(byID.json?["name"]?.string == "new%20folder")
        let file = client.send("PUT", "/me/drive/root:/f:/content", bytes: [1])
        #expect(file.json?["file"]?["hashes"] == nil)
        client.advance(seconds: 61)
        #expect(client.send("GET", "/me/drive/root:/f").json?["file"]?["hashes"] != nil)
    }
}
