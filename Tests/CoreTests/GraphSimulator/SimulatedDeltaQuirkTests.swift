import Core
import GraphSimulator
import Testing

struct SimulatedDeltaQuirkTests {
    private func client(_ quirks: Quirks, _ profile: AccountProfile = .business) throws -> (
        SimulatedClient, SimulatedClient.Round
    ) {
        var client = SimulatedClient(profile)
        for number in 0..<6 {
            try client.service.remoteCreateFile("d/f\(number)", [1], now: client.now)
        }
        let first = client.delta()
        client.service.quirks = quirks
        return (client, first)
    }

    @Test("Duplicates and another order tell the same story")
    func spoiledPages() throws {
        var quirks = Quirks()
        quirks.deltaDuplicates = true
        quirks.deltaShuffles = true
        var (client, _) = try client(quirks)
        let round = client.delta()
        #expect(round.items.count == 16)
        #expect(round.liveNames == ["d", "f0", "f1", "f2", "f3", "f4", "f5", "root"])
    }

    @Test("Empty pages with a next link come between the others")
    func emptyPages() throws {
        var quirks = Quirks()
        quirks.deltaEmptyPages = true
        quirks.deltaPageSize = 3
        var (client, first) = try client(quirks)
        let round = client.delta()
        #expect(round.pageCount == 6)
        #expect(round.liveNames.count == 8)
        #expect(client.delta(from: first.deltaLink).liveNames == ["root"])
    }

    @Test("A next link that repeats never ends")
    func repeatedLink() throws {
        var quirks = Quirks()
        quirks.deltaRepeatsNextLink = true
        quirks.deltaPageSize = 2
        var (client, _) = try client(quirks)
        let first = try #require(client.send("GET", "/me/drive/root/delta").json)
        let link = try #require(first["@odata.nextLink"]?.string)
        #expect(client.follow(link).json?["@odata.nextLink"]?.string == link)
    }

    @Test("A lost tombstone stays lost")
    func lostTombstone() throws {
        var quirks = Quirks()
        quirks.deltaTombstonesToLose = 1
        var (client, first) = try client(quirks)
        try client.service.remoteDelete("d/f0", now: client.now)
        try client.service.remoteDelete("d/f1", now: client.now)
        #expect(client.delta(from: first.deltaLink).deletedIDs.count == 1)
        #expect(client.delta(from: first.deltaLink).deletedIDs.count == 1)
    }

    @Test("Changes show in delta after the lag, by id at once")
    func lag() throws {
        var quirks = Quirks()
        quirks.deltaLagMilliseconds = 30_000
        var (client, _) = try client(quirks)
        client.advance(seconds: 60)
        let link = client.delta(query: "?token=latest").deltaLink
        let id = try client.service.remoteCreateFile("new", [1], now: client.now)
        #expect(client.send("GET", "/me/drive/items/\(id)").status == 200)
        #expect(client.delta(from: link).liveNames == ["root"])
        client.advance(seconds: 31)
        #expect(client.delta(from: link).liveNames == ["new", "root"])
    }

    @Test("Tombstones can be minimal, with zero hashes, or of the year 1")
    func tombstones() throws {
        var quirks = Quirks()
        quirks.tombstonesAreMinimal = true
        var (client, first) = try client(quirks)
        try client.service.remoteDelete("d/f0", now: client.now)
        let minimal = try #require(client.delta(from: first.deltaLink).items.last)
        #expect(
            minimal.members?.map(\.name) == ["@odata.type", "id", "parentReference", "deleted"])
        client.service.quirks = Quirks()
        client.service.quirks.tombstonesHaveZeroHash = true
        client.service.quirks.tombstonesHaveYearOne = true
        let odd = try #require(client.delta(from: first.deltaLink).items.last)
        #expect(
            odd["file"]?["hashes"]?["quickXorHash"]?.string == "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        #expect(odd["lastModifiedDateTime"]?.string == "0001-01-01T00:00:00Z")
    }

    @Test("Personal drive ids come in other spellings, and are taken in any")
    func driveIDs() throws {
        var quirks = Quirks()
        quirks.driveIDUpperCase = true
        quirks.driveIDWithoutZeros = true
        var (client, _) = try client(quirks, .personal)
        let root = try #require(
            client.send("GET", "/me/drive/root/children").json?["value"]?.array?.first)
        let id = try #require(root["parentReference"]?["driveId"]?.string)
        #expect(id.utf8.count == 15)
        #expect(client.send("GET", "/drives/\(id)/root").status == 200)
    }
}
