import Core
import GraphSimulator
import Testing

struct SimulatedDeltaTests {
    @Test(
        "A first round lists all that exists, folders first, and ends with a delta link",
        arguments: AccountProfile.allCases)
    func firstRound(profile: AccountProfile) throws {
        var client = SimulatedClient(profile)
        try client.service.remoteCreateFile("a/b/c.txt", [1], now: client.now)
        try client.service.remoteCreateFile("a/d.txt", [2], now: client.now)
        try client.service.remoteCreateFolder("z", now: client.now)
        // A folder that moves below a younger one must still come after it.
        try client.service.remoteMove("a", toFolder: "z", now: client.now)
        let round = client.delta(query: "?$top=2")
        #expect(round.liveNames == ["a", "b", "c.txt", "d.txt", "root", "z"])
        #expect(round.pageCount >= 3)
        var known: Set<String> = []
        for item in round.items {
            let id = try #require(item["id"]?.string)
            if item["root"] == nil {
                let parent = try #require(item["parentReference"]?["id"]?.string)
                #expect(known.contains(parent), "\(item["name"]?.string ?? "") before its parent")
            }
            known.insert(id)
        }
    }

    @Test("Members of delta answers follow the kind of account", arguments: AccountProfile.allCases)
    func shapes(profile: AccountProfile) throws {
        var client = SimulatedClient(profile)
        try client.service.remoteCreateFile("x.txt", Array("hi".utf8), now: client.now)
        let first = client.delta()
        let file = try #require(first.items.first { $0["file"] != nil })
        #expect((file["cTag"] != nil) == (profile != .business))
        #expect(file["parentReference"]?["path"] == nil)
        #expect(
            file["file"]?["hashes"]?["quickXorHash"]?.string
                == QuickXorHash.hash(of: Array("hi".utf8)).base64)
        #expect((file["file"]?["hashes"]?["sha256Hash"] != nil) == (profile != .business))
        try client.service.remoteDelete("x.txt", now: client.now)
        let second = client.delta(from: first.deltaLink)
        let gone = try #require(second.items.first { $0["deleted"] != nil })
        #expect((gone["name"] != nil) == (profile != .business))
        #expect((gone["size"] != nil) == (profile == .business))
        #expect(gone["cTag"] == nil)
        #expect(gone["id"] == file["id"])
    }

    @Test("A round lists each changed item once in its last state, with the folders above it")
    func changes() throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("a/b/one.txt", [1], now: client.now)
        try client.service.remoteCreateFile("a/b/two.txt", [1], now: client.now)
        let first = client.delta()
        try client.service.remoteEdit("a/b/one.txt", [1, 2], now: client.now)
        try client.service.remoteRename("a/b/one.txt", to: "uno.txt", now: client.now)
        let round = client.delta(from: first.deltaLink)
        #expect(round.items.compactMap { $0["name"]?.string } == ["root", "a", "b", "uno.txt"])
        let replay = client.delta(from: first.deltaLink)
        #expect(replay.items == round.items, "a token may be used again")
        let idle = client.delta(from: round.deltaLink)
        #expect(idle.items.compactMap { $0["name"]?.string } == ["root"])
    }

    @Test("A renamed folder is listed alone; what is in it moves silently")
    func folderRename() throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("a/b/one.txt", [1], now: client.now)
        let first = client.delta()
        try client.service.remoteRename("a", to: "A2", now: client.now)
        let round = client.delta(from: first.deltaLink)
        #expect(round.items.compactMap { $0["name"]?.string } == ["root", "A2"])
    }

    @Test("What changes between the pages of a round is not lost")
    func changesBetweenPages() throws {
        var client = SimulatedClient()
        for number in 10..<30 {
            try client.service.remoteCreateFile("f\(number)", [1], now: client.now)
        }
        let page = try #require(client.send("GET", "/me/drive/root/delta?$top=5").json)
        let next = try #require(page["@odata.nextLink"]?.string)
        try client.service.remoteRename("f10", to: "renamed", now: client.now)
        try client.service.remoteDelete("f29", now: client.now)
        try client.service.remoteCreateFile("late", [1], now: client.now)
        var round = client.delta(from: next)
        round.items = (page["value"]?.array ?? []) + round.items
        let after = client.delta(from: round.deltaLink)
        round.items += after.items
        let expected = (11..<29).map { "f\($0)" } + ["late", "renamed", "root"]
        #expect(round.liveNames == expected.sorted())
    }

    @Test("Links keep $select and $top")
    func links() throws {
        var client = SimulatedClient()
        for number in 0..<5 {
            try client.service.remoteCreateFile("f\(number)", [1], now: client.now)
        }
        let response = client.send("GET", "/me/drive/root/delta?$select=id,name,deleted&$top=2")
        let link = try #require(response.json?["@odata.nextLink"]?.string)
        #expect(link.contains("$select=id%2Cname%2Cdeleted"))
        #expect(link.contains("$top=2"))
        #expect(response.json?["value"]?.array?.count == 2)
        #expect(response.json?["value"]?.array?.last?["size"] == nil)
    }

    @Test("Without `deleted` in $select a tombstone looks like an item without a name")
    func selectHidesDeletion() throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("x", [1], now: client.now)
        let first = client.delta(query: "?$select=id,name")
        try client.service.remoteDelete("x", now: client.now)
        let round = client.delta(from: first.deltaLink)
        let last = try #require(round.items.last)
        #expect(last["deleted"] == nil)
        #expect(last["name"] == nil)
    }

    @Test("token=latest begins now; a time begins then, on Business drives")
    func tokens() throws {
        var client = SimulatedClient()
        try client.service.remoteCreateFile("old", [1], now: client.now)
        let latest = client.delta(query: "?token=latest")
        #expect(latest.items.isEmpty)
        client.advance(seconds: 60)
        let then = client.now
        client.advance(seconds: 60)
        try client.service.remoteCreateFile("new", [1], now: client.now)
        #expect(client.delta(from: latest.deltaLink).liveNames == ["new", "root"])
        let query = "?token=" + then.rfc3339.percentEncodedSegment
        #expect(client.delta(query: query).liveNames == ["new", "root"])
        var personal = SimulatedClient(.personal)
        #expect(personal.delta(query: query).status == 400)
    }

    @Test("Old and foreign tokens are refused")
    func refusedTokens() throws {
        var client = SimulatedClient()
        let first = client.delta()
        client.service.expireDeltaTokens()
        let response = client.follow(first.deltaLink)
        #expect(response.status == 410)
        #expect(response.errorCodes == ["resyncRequired", "resyncChangesApplyDifferences"])
        let location = try #require(response.header("Location"))
        #expect(client.delta(from: location).liveNames == ["root"])
        #expect(client.delta(query: "?token=MzsxMjM").status == 400)
        client.service.quirks.deltaTokenLife = 100
        let second = client.delta()
        client.advance(seconds: 101)
        #expect(client.follow(second.deltaLink).status == 410)
    }

    @Test("Delta of a folder works on Personal drives only")
    func folderDelta() throws {
        for profile in AccountProfile.allCases {
            var client = SimulatedClient(profile)
            let id = try client.service.remoteCreateFolder("in", now: client.now)
            try client.service.remoteCreateFile("in/a", [1], now: client.now)
            try client.service.remoteCreateFile("out", [1], now: client.now)
            let response = client.send("GET", "/me/drive/items/\(id)/delta")
            if profile == .business {
                #expect(response.status == 501)
            } else {
                let names = response.json?["value"]?.array?.compactMap { $0["name"]?.string }
                #expect(names == ["in", "a"])
            }
        }
    }

    @Test("A deleted folder is one tombstone on Business drives, many on Personal ones")
    func folderDeletion() throws {
        for (profile, expected) in [(AccountProfile.business, 1), (.personal, 3)] {
            var client = SimulatedClient(profile)
            try client.service.remoteCreateFile("d/a", [1], now: client.now)
            try client.service.remoteCreateFile("d/b", [1], now: client.now)
            let first = client.delta()
            try client.service.remoteDelete("d", now: client.now)
            #expect(client.delta(from: first.deltaLink).deletedIDs.count == expected)
            #expect(client.delta().liveNames == ["root"])
        }
    }

    @Test("A name that is used again belongs to a new id, and both are listed")
    func recreation() throws {
        var client = SimulatedClient()
        let old = try client.service.remoteCreateFile("x", [1], now: client.now)
        let first = client.delta()
        try client.service.remoteDelete("x", now: client.now)
        let new = try client.service.remoteCreateFile("x", [2], now: client.now)
        let round = client.delta(from: first.deltaLink)
        #expect(old != new)
        #expect(round.deletedIDs == [old])
        #expect(round.items.last?["id"]?.string == new)
        client.service.quirks.deltaCreatesBeforeDeletes = true
        #expect(client.delta(from: first.deltaLink).items.last?["id"]?.string == old)
    }

    @Test("A generated tree of a hundred thousand files pages without being built")
    func generated() throws {
        var client = SimulatedClient()
        client.service.seedGenerated(
            folders: 100, filesPerFolder: 1_000, fileSize: 1_000, now: client.now)
        let page = try #require(client.send("GET", "/me/drive/root/delta?$top=1000").json)
        #expect(page["value"]?.array?.count == 1_000)
        // The middle of the tree is as near as its beginning.
        let folder = client.send(
            "GET", "/me/drive/root:/Generated/Folder%20000077:/children?$top=3")
        #expect(folder.json?["@odata.count"]?.integer == 1_000)
        try client.service.remoteRename(
            "Generated/Folder 000077/File 000500.bin", to: "renamed.bin", now: client.now)
        try client.service.remoteDelete("Generated/Folder 000003", now: client.now)
        let entry = try #require(client.service.entry("Generated/Folder 000077/renamed.bin"))
        #expect(entry.size == 1_000)
        #expect(
            client.send("GET", "/me/drive/items/\(entry.id)").json?["name"]?.string == "renamed.bin"
        )
        #expect(
            client.send("GET", "/me/drive/root").json?["size"]?.integer == 99_000_000)
        let drive = client.send("GET", "/me/drive").json
        #expect(drive?["quota"]?["deleted"]?.integer == 1_000_000)
    }
}
