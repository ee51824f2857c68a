import Core
import Foundation
import GraphSimulator
import GraphSimulatorHost
import Testing

struct SimulatorHostTests {
    /// Runs a host for the time of one test.
    private func withHost(
        _ service: GraphService = GraphService(profile: .business, seed: 11),
        _ body: (SimulatorHost, _ token: String) async throws -> Void
    ) async throws {
        let host = try await SimulatorHost(service: service)
        let now = host.now
        let token = host.withService { $0.issueTokens(now: now).access }
        do {
            try await body(host, token)
        } catch {
            await host.stop()
            throw error
        }
        await host.stop()
    }

    private func bearer(_ token: String) -> [String] { ["-H", "Authorization: Bearer \(token)"] }

    @Test("A browser's way through sign-in, tokens and delta")
    func signIn() async throws {
        try await withHost { host, _ in
            let client = AppRegistration.desktop.clientID
            let query =
                "client_id=\(client)&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A9"
                + "&scope=Files.ReadWrite.All%20offline_access&state=x"
            let page = try await Curl.run([
                "\(host.baseURL)/common/oauth2/v2.0/authorize?\(query)"
            ])
            #expect(page.text.contains("href=\"signin?"))
            let redirect = try await Curl.run([
                "-w", "%{redirect_url}", "-o", "/dev/null",
                "\(host.baseURL)/common/oauth2/v2.0/signin?\(query)",
            ]).text
            let code = try #require(
                URLComponents(string: redirect)?.queryItems?.first { $0.name == "code" }?.value)
            let tokens = try await Curl.run([
                "-d", "grant_type=authorization_code", "-d", "client_id=\(client)",
                "--data-urlencode", "redirect_uri=http://localhost:9", "-d", "code=\(code)",
                "\(host.baseURL)/common/oauth2/v2.0/token",
            ])
            let token = try #require(tokens.json["access_token"] as? String)
            let delta = try await Curl.run(
                bearer(token) + ["\(host.baseURL)/v1.0/me/drive/root/delta"])
            let link = try #require(delta.json["@odata.deltaLink"] as? String)
            #expect(link.hasPrefix(host.baseURL + "/v1.0/"))
            let next = try await Curl.run(bearer(token) + ["-g", link])
            #expect(next.json["@odata.deltaLink"] != nil)
        }
    }

    @Test("Downloads are redirected, ranged, and refuse a token")
    func download() async throws {
        try await withHost { host, token in
            let now = host.now
            let blob = Blob(generatedFrom: 5, count: 3_000_000)
            let id = try host.withService {
                try $0.remoteCreateFile("big.bin", blob, now: now)
            }
            let content = "\(host.baseURL)/v1.0/me/drive/items/\(id)/content"
            let url = try await Curl.run(
                bearer(token) + ["-w", "%{redirect_url}", "-o", "/dev/null", content]
            ).text
            let whole = try await Curl.run([url])
            #expect([UInt8](whole.output) == blob.bytes)
            let part = try await Curl.run(["-r", "1000000-1999999", "-i", url])
            #expect(part.text.hasPrefix("HTTP/1.1 206"))
            #expect([UInt8](part.output.suffix(1_000_000)) == blob.bytes(in: 1_000_000..<2_000_000))
            let leak = try await Curl.run(
                bearer(token) + ["-w", "%{http_code}", "-o", "/dev/null", url])
            #expect(leak.text == "401")
        }
    }

    @Test("A large content is produced while it is sent")
    func largeDownload() async throws {
        try await withHost { host, token in
            let now = host.now
            let count: UInt64 = 200 << 20
            let id = try host.withService {
                try $0.remoteCreateFile(
                    "video.mp4", Blob(generatedFrom: 1, count: count), now: now)
            }
            let url = try await Curl.run(
                bearer(token) + [
                    "-w", "%{redirect_url}", "-o", "/dev/null",
                    "\(host.baseURL)/v1.0/me/drive/items/\(id)/content",
                ]
            ).text
            let answer = try await Curl.run(["-o", "/dev/null", "-w", "%{size_download}", url])
            #expect(answer.text == String(count))
        }
    }

    @Test("An upload in fragments arrives whole")
    func uploadSession() async throws {
        try await withHost { host, token in
            let blob = Blob(generatedFrom: 8, count: 3 * 327_680 + 17)
            let session = try await Curl.run(
                bearer(token) + [
                    "-H", "Content-Type: application/json", "-d", "{}",
                    "\(host.baseURL)/v1.0/me/drive/root:/up%20load.bin:/createUploadSession",
                ])
            let url = try #require(session.json["uploadUrl"] as? String)
            var start: UInt64 = 0
            while start < blob.count {
                let end = min(start + 2 * 327_680, blob.count)
                let answer = try await Curl.run(
                    [
                        "-X", "PUT", "-H", "Content-Range: bytes \(start)-\(end - 1)/\(blob.count)",
                        "--data-binary", "@-", "-w", "\n%{http_code}", url,
                    ], input: Data(blob.bytes(in: start..<end)))
                #expect(answer.text.hasSuffix(end == blob.count ? "\n201" : "\n202"))
                start = end
            }
            let stored = host.withService { $0.content("up load.bin")?.quickXorHash }
            #expect(stored == blob.quickXorHash)
        }
    }

    @Test("A simple upload may be large, and needs its length")
    func simpleUpload() async throws {
        try await withHost { host, token in
            let bytes = Blob(generatedFrom: 3, count: 20_000_000).bytes
            let url = "\(host.baseURL)/v1.0/me/drive/root:/x.bin:/content"
            let answer = try await Curl.run(
                bearer(token) + [
                    "-X", "PUT", "--data-binary", "@-", "-w", "%{http_code}", "-o", "/dev/null",
                    url,
                ], input: Data(bytes))
            #expect(answer.text == "201")
            #expect(host.withService { $0.content("x.bin")?.bytes } == bytes)
            let chunked = try await Curl.run(
                bearer(token) + [
                    "-X", "PUT", "-H", "Transfer-Encoding: chunked", "-d", "abc",
                    "-w", "%{http_code}", "-o", "/dev/null", url,
                ])
            #expect(chunked.text == "411")
        }
    }

    @Test("Faults cut bodies and drop connections, before and after the work is done")
    func faults() async throws {
        try await withHost { host, token in
            let root = "\(host.baseURL)/v1.0/me/drive/root"
            host.withService { $0.inject(Fault(.cutBody(after: 10), operation: .item)) }
            let cut = try await Curl.run(bearer(token) + [root])
            // 18: a partial file. Ten bytes of it arrived.
            #expect(cut.exitCode == 18)
            #expect(cut.output.count == 10)
            host.withService { $0.inject(Fault(.dropConnection, operation: .item)) }
            let dropped = try await Curl.run(bearer(token) + [root])
            // 52: the server answered nothing.
            #expect(dropped.exitCode == 52)
            host.withService { $0.inject(Fault(.loseReply, method: "POST")) }
            let lost = try await Curl.run(
                bearer(token) + [
                    "-H", "Content-Type: application/json", "-d", #"{"name":"made","folder":{}}"#,
                    root + "/children",
                ])
            #expect(lost.exitCode == 52)
            #expect(host.withService { $0.entry("made") } != nil)
        }
    }

    @Test("Several requests share one connection")
    func keepAlive() async throws {
        try await withHost { host, token in
            let url = "\(host.baseURL)/v1.0/me"
            let answer = try await Curl.run(
                bearer(token) + [
                    "-w", "%{num_connects}", "-o", "/dev/null", "-o", "/dev/null", "-o",
                    "/dev/null",
                    url, url, url,
                ])
            #expect(answer.text == "100")
        }
    }

    @Test("The control interface changes, lists and breaks")
    func control() async throws {
        try await withHost { host, token in
            let base = host.baseURL + "/simulator"
            let mutations = #"""
                [{"op":"folder","path":"a/b"},{"op":"write","path":"a/x.txt","text":"hello"},
                 {"op":"write","path":"a/big","generated":5000000000},
                 {"op":"rename","path":"a/b","to":"c"},{"op":"move","path":"a/x.txt","to":"a/c"}]
                """#
            let changed = try await Curl.run([
                "-d", mutations, "-w", "%{http_code}", base + "/mutate",
            ])
            #expect(changed.text == "204")
            let tree = try await Curl.run([base + "/tree"])
            let entries = try #require(
                try JSONSerialization.jsonObject(with: tree.output) as? [[String: Any]])
            #expect(
                entries.compactMap { $0["path"] as? String } == ["a", "a/big", "a/c", "a/c/x.txt"])
            let refused = try await Curl.run([
                "-d", #"[{"op":"delete","path":"none"}]"#, base + "/mutate",
            ])
            #expect(refused.text.contains("none: 404 itemNotFound"))
            _ = try await Curl.run([
                "-d", #"{"action":"respond","status":503,"retryAfter":"7","contains":"/me"}"#,
                base + "/fault",
            ])
            let broken = try await Curl.run(bearer(token) + ["-i", host.baseURL + "/v1.0/me"])
            #expect(broken.text.hasPrefix("HTTP/1.1 503"))
            #expect(broken.text.contains("Retry-After: 7"))
            let requests = try await Curl.run([base + "/requests"])
            #expect(requests.text.contains(#""operation":"user""#))
        }
    }
}
