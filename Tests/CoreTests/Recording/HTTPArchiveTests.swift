import GraphSimulator
import Core
import Testing

/// HAR files as browsers and proxies write them.
struct HTTPArchiveTests {
    private func archive(_ entry: String) throws -> HTTPArchive {
        let text = #"{"log":{"version":"1.2","creator":{},"entries":[\#(entry)]}}"#
        return try HTTPArchive(parsing: Array(text.utf8))
    }

    @Test("what is not needed may be missing")
    func small() throws {
        let archive = try archive(#"{"request":{"method":"get","url":"https://a/b"}}"#)
        #expect(
            archive.entries == [
                RecordedExchange(
                    started: nil, request: RecordedRequest(method: "GET", url: "https://a/b"),
                    response: nil)
            ])
    }

    @Test("a browser's entry: pseudo fields, base64, comments, a redirect in redirectURL")
    func browser() throws {
        let entry = """
            {"startedDateTime":"2026-01-01T01:00:00.123+01:00","time":12.7,"comment":"x",
             "_resourceType":"fetch","cache":{},"timings":{},
             "request":{"method":"GET","url":"https://graph.microsoft.com/v1.0/me/drive","comment":"",
               "headers":[{"name":":authority","value":"graph.microsoft.com"},{"value":"lost"},
                 {"name":"accept","value":"*/*","comment":"c"}],"queryString":[],"bodySize":0},
             "response":{"status":302,"statusText":"","redirectURL":"https://b/c",
               "headers":[{"name":"content-encoding","value":"gzip"},{"name":"etag","value":"x"}],
               "content":{"size":5,"mimeType":"text/plain","encoding":"base64","text":"aGVs\\nbG8="}}}
            """
        let exchange = try #require(try archive(entry).entries.first)
        #expect(exchange.started == Timestamp(seconds: 1_767_225_600, nanoseconds: 123_000_000))
        #expect(exchange.milliseconds == 12)
        #expect(exchange.request.headers == [HTTPHeader("accept", "*/*")])
        let response = try #require(exchange.response)
        #expect(
            response.headers == [HTTPHeader("etag", "x"), HTTPHeader("Location", "https://b/c")])
        #expect(response.body == .bytes(Array("hello".utf8)))
    }

    @Test("forms may come as fields, and lost answers as status 0")
    func forms() throws {
        let entry = """
            {"request":{"method":"POST","url":"https://a/b","postData":{"mimeType":"x",
             "params":[{"name":"a b","value":"1&2"},{"name":"c"}]}},"response":{"status":0}}
            """
        let exchange = try #require(try archive(entry).entries.first)
        #expect(exchange.request.body == .bytes(Array("a+b=1%262&c=".utf8)))
        #expect(exchange.response == nil)
    }

    @Test("a byte order mark is no mistake")
    func mark() throws {
        let bytes = [0xEF, 0xBB, 0xBF] + Array(#"{"log":{"entries":[]}}"#.utf8)
        #expect(try HTTPArchive(parsing: bytes).entries.isEmpty)
    }

    @Test(
        "mistakes name the entry and say what to do",
        arguments: [
            ("", "not acceptable JSON"),
            ("[]", "no HAR file"),
            (#"{"log":{"entries":{}}}"#, "no HAR file"),
            (#"{"log":{"entries":[3]}}"#, "entry 1: 'entries[0]' is not of the form"),
            (#"{"log":{"entries":[{}]}}"#, "entry 1: 'request' is missing"),
            (
                #"{"log":{"entries":[{"request":{"method":"GET"}}]}}"#,
                "entry 1 (GET): 'request.url' is missing"
            ),
            (
                #"{"log":{"entries":[{"request":{"method":"GET","url":"https://a/v1.0"},"response":{"status":99}}]}}"#,
                "entry 1 (GET https://a/v1.0): 'response.status' is not of the form"
            ),
            (
                #"{"log":{"entries":[{"request":{"method":"GET","url":"https://a/v1.0/b"},"response":{"status":200,"content":{"text":"!","encoding":"base64"}}}]}}"#,
                "entry 1 (GET https://a/v1.0/b): the body is not the base64"
            ),
            (
                #"{"log":{"entries":[{"startedDateTime":"x"},{"startedDateTime":"y", ]}}"#,
                "entry 2: not acceptable JSON"
            ),
        ])
    func mistakes(text: String, message: String) {
        do throws(ArchiveError) {
            _ = try HTTPArchive(parsing: Array(text.utf8))
            Issue.record("accepted: \(text)")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }

    @Test("what is written is read back, bytes that are no text too")
    func roundTrip() throws {
        let exchange = RecordedExchange(
            started: Timestamp(seconds: 1_767_225_600, nanoseconds: 5), milliseconds: 3,
            request: RecordedRequest(
                method: "PUT", url: "https://a/b?x=1&y=%20", headers: [HTTPHeader("Range", "r")],
                body: .leftOut(count: 7)),
            response: RecordedResponse(
                status: 200, headers: [HTTPHeader("ETag", "\"1\"")], body: .bytes([0, 255, 10])))
        let lost = RecordedExchange(
            started: .epoch, request: RecordedRequest(method: "GET", url: "https://a"),
            response: nil)
        let archive = HTTPArchive(entries: [exchange, lost], comment: "two")
        #expect(try HTTPArchive(parsing: archive.bytes) == archive)
        let stream =
            ArchiveStream.head + ArchiveStream.entry(exchange.json, isFirst: true)
            + ArchiveStream.entry(lost.json, isFirst: false) + ArchiveStream.tail
        #expect(try HTTPArchive(parsing: stream).entries == archive.entries)
    }

    @Test("no spoiled file traps")
    func hostile() throws {
        let bytes = try TrafficFixture(name: "throttled").recording
        var choices = SplitMix64(seed: 5)
        for _ in 0..<40 {
            var changed = bytes
            for _ in 0..<3 {
                changed[Int(choices.next() % UInt64(bytes.count))] = UInt8(
                    truncatingIfNeeded: choices.next())
            }
            let cut = changed.prefix(Int(choices.next() % UInt64(bytes.count * 2)))
            guard let archive = try? HTTPArchive(parsing: Array(cut)) else { continue }
            let replayed = try? ReplayedPreview(
                archive, StoredState(), .init(), configuration: .test)
            guard var replayed else { continue }
            try? replayed.run()
        }
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: ArchiveError.self) { try HTTPArchive(parsing: deep) }
    }
}
