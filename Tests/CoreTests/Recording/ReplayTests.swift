import Core
import Testing

/// What a recording answers, and what it says where it has no answer.
struct ReplayTests {
    private func replay(_ requests: [RecordedRequest]) -> Replay {
        Replay(
            HTTPArchive(
                entries: requests.enumerated().map { index, request in
                    RecordedExchange(
                        started: nil, request: request,
                        response: RecordedResponse(status: 200 + index))
                }))
    }

    private static let url = "https://graph.microsoft.com/v1.0/me/drive/items/1"

    @Test(
        "spellings that mean the same are the same",
        arguments: [
            (
                RecordedRequest(method: "GET", url: "\(url)?a=1&b=%20x"),
                RecordedRequest(
                    method: "GET",
                    url: "HTTPS://graph.microsoft.com:443/v1.0/me/drive/items/1?b=%20x&a=1")
            ),
            (
                RecordedRequest(method: "GET", url: "\(url):/a%20b%C3%A9"),
                RecordedRequest(method: "GET", url: "\(url):/a%20b%c3%a9#part")
            ),
            (
                RecordedRequest(
                    method: "PATCH", url: url, body: .bytes(Array(#"{"a":1,"b":[2.0]}"#.utf8))),
                RecordedRequest(
                    method: "PATCH", url: url, body: .bytes(Array(#"{ "b": [2], "a": 1 }"#.utf8)))
            ),
            (
                RecordedRequest(
                    method: "POST", url: url,
                    headers: [HTTPHeader("content-type", "application/x-www-form-urlencoded")],
                    body: .bytes(Array("a=1&b=%20".utf8))),
                RecordedRequest(
                    method: "POST", url: url,
                    headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
                    body: .bytes(Array("b=+&a=1".utf8)))
            ),
            (
                RecordedRequest(method: "PUT", url: url, body: .leftOut(count: 3)),
                RecordedRequest(method: "PUT", url: url, body: .bytes([1, 2, 3]))
            ),
        ])
    func same(recorded: RecordedRequest, asked: RecordedRequest) throws {
        var replay = replay([recorded])
        #expect(try replay.exchange(for: asked).response?.status == 200)
        try replay.finish()
    }

    @Test(
        "differences are told",
        arguments: [
            (
                RecordedRequest(method: "GET", url: "\(url)?a=2"),
                "query option a: recorded '1', asked '2'"
            ),
            (
                RecordedRequest(method: "GET", url: url),
                "query option a: recorded '1', asked nothing"
            ),
            (
                RecordedRequest(method: "PUT", url: "\(url)?a=1"),
                "method: recorded 'GET', asked 'PUT'"
            ),
            (
                RecordedRequest(
                    method: "GET", url: "https://graph.microsoft.com/v1.0/me/drive/items/2?a=1"),
                "path: recorded '/v1.0/me/drive/items/1'"
            ),
            (
                RecordedRequest(method: "GET", url: "https://other/v1.0/me/drive/items/1?a=1"),
                "host: recorded"
            ),
            (
                RecordedRequest(
                    method: "GET", url: "\(url)?a=1", headers: [HTTPHeader("Range", "bytes=0-1")]),
                "Range: recorded 'bytes=0-9', asked 'bytes=0-1'"
            ),
            (
                RecordedRequest(
                    method: "GET", url: "\(url)?a=1", headers: [HTTPHeader("Range", "bytes=0-9")],
                    body: .bytes(Array(#"{"name":{"x":[1,3]}}"#.utf8))),
                "body, name.x[1]: recorded '2', asked '3'"
            ),
        ])
    func different(asked: RecordedRequest, line: String) throws {
        var replay = replay([
            RecordedRequest(
                method: "GET", url: "\(Self.url)?a=1", headers: [HTTPHeader("Range", "bytes=0-9")],
                body: .bytes(Array(#"{"name":{"x":[1,2]}}"#.utf8)))
        ])
        do throws(ReplayFailure) {
            _ = try replay.exchange(for: asked)
            Issue.record("answered")
        } catch {
            #expect("\(error)".contains("the recording holds no answer to \(asked.method) "))
            #expect("\(error)".contains("entry 1 (GET https://graph.microsoft.com/v1.0/me"))
            #expect("\(error)".contains(line), "\(error)")
        }
    }

    @Test("each exchange serves once, in the order of the recording")
    func once() throws {
        let request = RecordedRequest(method: "GET", url: Self.url)
        var replay = replay([request, request])
        #expect(try replay.exchange(for: request).response?.status == 200)
        #expect(try replay.exchange(for: request).response?.status == 201)
        do throws(ReplayFailure) {
            _ = try replay.exchange(for: request)
            Issue.record("answered a third time")
        } catch {
            #expect("\(error)".contains("was recorded once and has answered it already"))
        }
    }

    @Test("what is left over is told")
    func leftOver() throws {
        var replay = replay([
            RecordedRequest(method: "GET", url: Self.url),
            RecordedRequest(method: "DELETE", url: Self.url),
        ])
        _ = try replay.exchange(for: RecordedRequest(method: "GET", url: Self.url))
        do throws(ReplayFailure) {
            try replay.finish()
            Issue.record("nothing is left")
        } catch {
            #expect("\(error)".contains("entry 2 (DELETE \(Self.url))"))
        }
        #expect(replay.unusedCount == 1)
    }

    @Test("two spellings of one name are two names")
    func normalForms() {
        let replay = replay([RecordedRequest(method: "GET", url: "\(Self.url):/e%CC%81")])
        #expect(!replay.canAnswer(RecordedRequest(method: "GET", url: "\(Self.url):/%C3%A9")))
    }

    @Test("the drive is found in the addresses")
    func endpoints() throws {
        let cases: [(String, GraphEndpoint?)] = [
            (
                "https://graph.microsoft.com/v1.0/me/drive/root",
                GraphEndpoint(graph: "https://graph.microsoft.com", drive: .me)
            ),
            (
                "http://127.0.0.1:80/v1.0/drives/b%21abc/root/delta",
                GraphEndpoint(graph: "http://127.0.0.1", drive: .drive(DriveID(rawValue: "b!abc")))
            ),
            (
                "https://graph.microsoft.com/v1.0/sites/a.sharepoint.com:/sites/b:/drive/root",
                GraphEndpoint(
                    graph: "https://graph.microsoft.com",
                    drive: .site(SharePointSite(host: "a.sharepoint.com", path: "/sites/b")))
            ),
            ("https://graph.microsoft.com/v1.0/me", nil),
            ("https://example.com/index.html", nil),
        ]
        for (url, endpoint) in cases {
            let archive = HTTPArchive(entries: [
                RecordedExchange(
                    started: nil, request: RecordedRequest(method: "GET", url: url), response: nil)
            ])
            #expect(GraphEndpoint(recordedIn: archive) == endpoint, "\(url)")
        }
    }
}
