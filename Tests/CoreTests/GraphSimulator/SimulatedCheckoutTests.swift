import Core
import GraphSimulator
import Testing

/// Checking files out, by two users of one library.
struct SimulatedCheckoutTests {
    /// Two users with a file of the library.
    private struct Library {
        var client = SimulatedClient()
        let owner: String
        let colleague: String
        let file: String

        init(quirks: Quirks = Quirks()) throws {
            client = SimulatedClient(quirks: quirks)
            let id = try client.service.remoteCreateFile(
                "a.txt", Array("one".utf8), in: .library, now: client.now)
            owner = client.token
            colleague = client.service.issueTokens(for: .anotherUser, now: client.now).access
            file = "/drives/\(client.service.driveID(.library))/items/\(id)"
        }

        mutating func send(
            _ method: String, _ relation: String, as token: String, _ body: String = ""
        ) -> SimulatedResponse {
            client.token = token
            return client.send(method, file + relation, bytes: Array(body.utf8))
        }

        mutating func level(as token: String) -> String? {
            send("GET", "?$select=id,publication", as: token).json?["publication"]?["level"]?.string
        }

        /// What a user reads, through the address that the service gives him.
        mutating func text(as token: String) -> String? {
            guard let url = send("GET", "/content", as: token).headers.value(named: "Location")
            else { return nil }
            return String(decoding: client.sendRaw("GET", url).bytes, as: UTF8.self)
        }

        mutating func facts(as token: String) -> [JSONValue?] {
            facts(send("GET", "", as: token))
        }

        private func facts(_ response: SimulatedResponse) -> [JSONValue?] {
            let json = response.json
            return ["size", "eTag", "cTag", "file"].map { json?[$0] }
        }

        /// Uploads by a session; gives the facts in the last answer.
        mutating func upload(_ text: String, as token: String) throws -> [JSONValue?] {
            let session = send("POST", "/createUploadSession", as: token, "{}")
            let url = try #require(session.json?["uploadUrl"]?.string)
            let range = "bytes 0-\(text.utf8.count - 1)/\(text.utf8.count)"
            return facts(
                client.sendRaw(
                    "PUT", url, bytes: Array(text.utf8),
                    headers: [HTTPHeader("Content-Range", range)]))
        }
    }

    @Test("others are kept from changing what is checked out, and only see that it is if they may")
    func exclusion() throws {
        for isShown in [false, true] {
            var quirks = Quirks()
            quirks.showsCheckoutToAll = isShown
            var library = try Library(quirks: quirks)
            let (owner, colleague) = (library.owner, library.colleague)
            #expect(library.level(as: owner) == "published")
            #expect(library.send("GET", "", as: owner).json?["publication"] == nil)
            #expect(library.send("POST", "/checkout", as: owner).status == 204)
            #expect(library.level(as: owner) == "checkout")
            #expect(library.level(as: colleague) == (isShown ? "checkout" : "published"))
            for (method, relation, body) in [
                ("PUT", "/content", "two"), ("PATCH", "", #"{"name":"b.txt"}"#), ("DELETE", "", ""),
                ("POST", "/checkout", ""), ("POST", "/checkin", ""),
                ("POST", "/discardCheckout", ""), ("POST", "/createUploadSession", "{}"),
            ] {
                let response = library.send(method, relation, as: colleague, body)
                #expect(response.status == 423, "\(method) \(relation)")
            }
            #expect(library.text(as: colleague) == "one")
            #expect(library.send("POST", "/checkin", as: owner).status == 204)
            #expect(library.send("POST", "/checkin", as: owner).status == 400)
            #expect(library.send("POST", "/discardCheckout", as: owner).status == 400)
            #expect(library.send("PUT", "/content", as: colleague, "two").status == 200)
        }
    }

    @Test(
        "a file is checked out once", arguments: Quirks.CheckoutRefusal.allCases, [false, true])
    func twice(refusal: Quirks.CheckoutRefusal, isRepeatable: Bool) throws {
        var quirks = Quirks()
        quirks.checkoutRefusal = refusal
        quirks.checksOutTwice = isRepeatable
        var library = try Library(quirks: quirks)
        let status =
            switch refusal {
            case .locked: 423
            case .conflict: 409
            case .serverError: 500
            }
        #expect(library.send("POST", "/checkout", as: library.owner).status == 204)
        #expect(library.send("POST", "/checkout", as: library.colleague).status == status)
        let again = library.send("POST", "/checkout", as: library.owner).status
        #expect(again == (isRepeatable ? 204 : status))
    }

    @Test("what the holder sends is his own until he checks it in", arguments: [true, false])
    func drafts(isCheckedIn: Bool) throws {
        var library = try Library()
        let (owner, colleague) = (library.owner, library.colleague)
        let before = library.facts(as: colleague)
        #expect(library.send("POST", "/checkout", as: owner).status == 204)
        for text in ["two", "three"] {
            #expect(library.send("PUT", "/content", as: owner, text).status == 200)
            #expect(library.text(as: owner) == text)
            #expect(library.text(as: colleague) == "one")
            #expect(library.facts(as: colleague) == before)
        }
        let relation = isCheckedIn ? "/checkin" : "/discardCheckout"
        #expect(library.send("POST", relation, as: owner).status == 204)
        let text = isCheckedIn ? "three" : "one"
        #expect(library.text(as: owner) == text)
        #expect(library.text(as: colleague) == text)
        #expect(library.facts(as: colleague) == library.facts(as: owner))
        // All that was sent in between is one version.
        let versions = library.client.service.entry("a.txt", of: .library)?.versionCount
        #expect(versions == (isCheckedIn ? 1 : 0))
    }

    @Test(
        "the answer to the last part of an upload shows what was sent, whoever has it checked out",
        arguments: [false, true])
    func uploadSessions(isColleague: Bool) throws {
        var library = try Library()
        let holder = isColleague ? library.colleague : library.owner
        let other = isColleague ? library.owner : library.colleague
        let before = library.facts(as: other)
        let address = library.send("GET", "/content", as: other).headers.value(named: "Location")
        #expect(library.send("POST", "/checkout", as: holder).status == 204)
        for text in ["two", "six"] {
            let answer = try library.upload(text, as: holder)
            #expect(answer == library.facts(as: holder))
            #expect(answer != before)
            #expect(library.facts(as: other) == before)
            // Also through the address that he was given before.
            let bytes = library.client.sendRaw("GET", try #require(address)).bytes
            #expect(bytes == Array("one".utf8))
        }
    }

    @Test("a colleague has no drive of his own, and personal drives have no checkout")
    func others() throws {
        var library = try Library()
        library.client.token = library.colleague
        #expect(library.client.send("GET", "/me/drive").status == 404)
        var client = SimulatedClient(.personal)
        let id = try client.service.remoteCreateFile("a", [1], now: client.now)
        #expect(client.send("POST", "/me/drive/items/\(id)/checkout").status == 501)
    }
}
