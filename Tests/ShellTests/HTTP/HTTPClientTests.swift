import Core
import Glibc
import Shell
import Synchronization
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
    /// Runs a body with a server and a client, and stops both.
    private func withServer(
        configure: (inout HTTPClientConfiguration) -> Void = { _ in },
        reply: @escaping @Sendable (TinyServer.Request) -> TinyServer.Reply,
        body: (TinyServer, HTTPClient) async throws -> Void
    ) async throws {
        let server = try TinyServer(handler: reply)
        var configuration = HTTPClientConfiguration(
            userAgent: HTTPClientConfiguration.userAgent(version: "1.2.3"))
        configure(&configuration)
        let client = try HTTPClient(configuration: configuration)
        defer {
            client.stop()
            server.stop()
        }
        try await body(server, client)
    }

    @Test("requests one after the other share a connection")
    func connectionReuse() async throws {
        try await withServer {
            .response(200, [], Array($0.target.utf8))
        } body: { server, client in
            for number in 0..<20 {
                let response = try await client.response(
                    to: HTTPRequest(.get, "\(server.baseURL)/\(number)")
                ).get()
                #expect(response.status == 200)
                #expect(response.body == Array("/\(number)".utf8))
            }
            #expect(server.acceptCount == 1)
            #expect(server.requests.map(\.target) == (0..<20).map { "/\($0)" })
        }
    }

    @Test(
        "a request is sent as it was asked for, with its length and without Expect",
        arguments: [
            (HTTPMethod.get, HTTPBody.none, nil),
            (.delete, .none, nil),
            (.put, .none, "0"),
            (.post, .none, "0"),
            (.patch, .none, "0"),
            (.put, .bytes([]), "0"),
            (.put, .bytes([1, 2, 3]), "3"),
            (.post, .bytes(Array("a=b&c=d".utf8)), "7"),
            (.patch, .bytes(Array("{}".utf8)), "2"),
            (.put, .bytes([UInt8](repeating: 7, count: 3 << 20)), "\(3 << 20)"),
        ] as [(HTTPMethod, HTTPBody, String?)])
    func requestForm(method: HTTPMethod, body: HTTPBody, length: String?) async throws {
        try await withServer {
            _ in
            .response(204)
        } body: { server, client in
            let request = HTTPRequest(
                method, "\(server.baseURL)/a%20b:/c?$x=%21&y",
                headers: [
                    HTTPHeader("Content-Type", "text/x"), HTTPHeader("If-Match", "\"a,1\""),
                    HTTPHeader("X-Empty", ""),
                ], body: body)
            let response = try await client.response(to: request).get()
            #expect(
                response == HTTPResponse(status: 204, headers: [HTTPHeader("Content-Length", "0")]))
            let received = try #require(server.requests.first)
            #expect(received.method == method.rawValue)
            #expect(received.target == "/a%20b:/c?$x=%21&y")
            #expect(received.header("Content-Length") == length)
            #expect(received.header("Transfer-Encoding") == nil)
            #expect(received.header("Expect") == nil)
            #expect(received.header("If-Match") == "\"a,1\"")
            #expect(received.header("X-Empty") == "")
            #expect(received.header("Content-Type") == "text/x")
            #expect(received.header("User-Agent") == "NONISV|onedrive|onedrive/1.2.3")
            #expect(received.header("Accept-Encoding") == "gzip")
            #expect(received.bodyCount == Int(body.count))
            if case .bytes(let bytes) = body {
                #expect(received.body == Array(bytes.prefix(1 << 20)))
            }
        }
    }

    @Test("no header field of one request is sent with the next")
    func headersAreForgotten() async throws {
        try await withServer {
            _ in
            .response(200)
        } body: { server, client in
            let url = server.baseURL + "/"
            let secret = HTTPRequest(.post, url, headers: [HTTPHeader("Authorization", "Bearer x")])
            _ = try await client.response(to: secret).get()
            _ = try await client.response(to: HTTPRequest(.get, url)).get()
            #expect(server.requests.map { $0.header("Authorization") } == ["Bearer x", nil])
            #expect(server.requests.map(\.method) == ["POST", "GET"])
            #expect(server.acceptCount == 1)
        }
    }

    @Test("a redirect is a response like any other", arguments: [301, 302, 303, 307, 308])
    func redirects(status: Int) async throws {
        try await withServer {
            _ in
            .response(status, [HTTPHeader("Location", "/elsewhere")], Array("moved".utf8))
        } body: { server, client in
            let response = try await client.response(
                to: HTTPRequest(.get, server.baseURL + "/"),
                sink: .stream(ResponseStream { _, _ in false })
            ).get()
            #expect(response.status == status)
            #expect(response.header("location") == "/elsewhere")
            #expect(response.body == Array("moved".utf8))
            #expect(server.requests.count == 1)
        }
    }

    @Test("interim responses and header fields over several responses are kept apart")
    func interimResponse() async throws {
        try await withServer { _ in
            .raw(
                Array(
                    ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\n"
                        + "A: 1\r\na:\t 2 \r\nContent-Length: 2\r\n\r\nok").utf8))
        } body: { server, client in
            let response = try await client.response(
                to: HTTPRequest(.get, server.baseURL + "/")
            ).get()
            #expect(response.status == 201)
            #expect(
                response.headers == [
                    HTTPHeader("A", "1"), HTTPHeader("a", "2"), HTTPHeader("Content-Length", "2"),
                ])
            #expect(response.body == Array("ok".utf8))
        }
    }

    @Test("64 MiB stream down in small pieces, in order, and not into memory")
    func streamDown() async throws {
        let count = 64 << 20
        try await withServer {
            _ in
            .generated(count)
        } body: { server, client in
            let seen = Mutex((next: Int64(0), largest: 0, isRight: true))
            let head = Mutex<HTTPResponse?>(nil)
            let stream = ResponseStream {
                response in
                head.withLock { $0 = response }
                return true
            } write: { bytes, offset in
                seen.withLock { seen in
                    seen.isRight =
                        seen.isRight && offset == seen.next
                        && TinyServer.isGenerated(bytes, offset: Int(offset))
                    seen.next += Int64(bytes.count)
                    seen.largest = max(seen.largest, bytes.count)
                }
                return true
            }
            let response = try await client.response(
                to: HTTPRequest(.get, server.baseURL + "/"), sink: .stream(stream)
            ).get()
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(head.withLock { $0?.header("Content-Length") } == "\(count)")
            let result = seen.withLock { $0 }
            #expect(result.next == Int64(count))
            #expect(result.isRight)
            #expect(result.largest <= 1 << 20)
            #expect(server.requests.first?.header("Accept-Encoding") == "identity")
        }
    }

    @Test("64 MiB of a content file stream up from an offset, in small pieces")
    func streamUp() async throws {
        let count = 64 << 20
        try await withServer {
            _ in
            .response(201)
        } body: { server, client in
            let largest = Mutex(0)
            let source = BodySource { offset, buffer in
                largest.withLock { $0 = max($0, buffer.count) }
                TinyServer.generate(buffer, offset: Int(offset))
                return buffer.count
            }
            let body = HTTPBody.content(
                GenerationSource(generation: 1, offset: 4096, count: Int64(count)))
            let response = try await client.response(
                to: HTTPRequest(.put, server.baseURL + "/", body: body), bodySource: source
            ).get()
            #expect(response.status == 201)
            let received = try #require(server.requests.first)
            #expect(received.bodyCount == count)
            #expect(received.bodyIsGenerated)
            #expect(largest.withLock { $0 } <= 1 << 20)
        }
    }

    @Test("a range of a file is uploaded from its descriptor; a file that is too short aborts")
    func uploadFromDescriptor() async throws {
        try await withServer {
            _ in
            .response(200)
        } body: { server, client in
            var path = Array("/tmp/onedrive-test-XXXXXX".utf8CString)
            let descriptor = mkstemp(&path)
            try #require(descriptor >= 0)
            unlink(path)
            defer { close(descriptor) }
            let text = Array("0123456789".utf8)
            #expect(write(descriptor, text, text.count) == text.count)
            func put(_ offset: Int64, _ count: Int64) async -> Result<
                HTTPResponse, TransportFailure
            > {
                let source = GenerationSource(generation: 1, offset: offset, count: count)
                return await client.response(
                    to: HTTPRequest(.put, server.baseURL + "/", body: .content(source)),
                    bodySource: .descriptor(descriptor))
            }
            let response = try await put(2, 5).get()
            #expect(response.status == 200)
            #expect(server.requests.first?.body == Array("23456".utf8))
            #expect(await put(8, 5) == .failure(.aborted))
            #expect(server.requests.count == 1)
            let orphan = HTTPRequest(
                .put, server.baseURL + "/",
                body: .content(GenerationSource(generation: 1, offset: 0, count: 1)))
            #expect(await client.response(to: orphan) == .failure(.aborted))
        }
    }

    @Test("a body that is longer than its reader accepts fails, and that of an error is cut")
    func limits() async throws {
        try await withServer {
            $0.target == "/error"
                ? .response(500, [], [UInt8](repeating: 1, count: 2 << 20)) : .generated(1001)
        } body: { server, client in
            let request = HTTPRequest(.get, server.baseURL + "/")
            #expect(
                await client.response(to: request, sink: .memory(limit: 1000))
                    == .failure(.bodyTooLarge))
            let fitting = try await client.response(to: request, sink: .memory(limit: 1001)).get()
            #expect(fitting.body.count == 1001)
            let error = try await client.response(
                to: HTTPRequest(.get, server.baseURL + "/error"), sink: .memory(limit: 10)
            ).get()
            #expect(error.status == 500)
            #expect(error.body.count == 1 << 20)
        }
    }

    @Test(
        "a reader that refuses the head or the bytes aborts the transfer", arguments: [true, false])
    func refusal(acceptsHead: Bool) async throws {
        try await withServer {
            _ in
            .generated(4 << 20)
        } body: { server, client in
            let count = Mutex(0)
            let stream = ResponseStream {
                _ in
                acceptsHead
            } write: { _, _ in
                count.withLock { $0 += 1 }
                return false
            }
            #expect(
                await client.response(
                    to: HTTPRequest(.get, server.baseURL + "/"), sink: .stream(stream))
                    == .failure(.aborted))
            #expect(count.withLock { $0 } == (acceptsHead ? 1 : 0))
        }
    }

    @Test("a connection that ends early is told apart by what was sent")
    func lostConnections() async throws {
        try await withServer {
            $0.target == "/cut" ? .cut(announced: 1000, sent: 10) : .close
        } body: { server, client in
            for path in ["/cut", "/close"] {
                #expect(
                    await client.response(to: HTTPRequest(.get, server.baseURL + path))
                        == .failure(.connectionLost(sentEverything: true)))
                #expect(
                    await client.response(
                        to: HTTPRequest(.post, server.baseURL + path, body: .bytes([1])))
                        == .failure(.connectionLost(sentEverything: true)))
            }
        }
    }

    @Test("a stalled transfer times out by its speed")
    func lowSpeed() async throws {
        try await withServer {
            $0.lowSpeedTime = .seconds(1)
        } reply: {
            _ in
            .stall(announced: 1000, sent: 10)
        } body: { server, client in
            #expect(
                await client.response(to: HTTPRequest(.get, server.baseURL + "/"))
                    == .failure(.timedOut))
        }
    }

    @Test("hosts that cannot be reached")
    func unreachable() async throws {
        let server = try TinyServer { _ in .close }
        server.stop()
        let client = try HTTPClient(configuration: HTTPClientConfiguration(userAgent: "x"))
        defer { client.stop() }
        #expect(
            await client.response(to: HTTPRequest(.get, server.baseURL + "/"))
                == .failure(.cannotConnect))
        #expect(
            await client.response(to: HTTPRequest(.get, "https://unknown.invalid/"))
                == .failure(.cannotResolve))
    }

    @Test(
        "requests that would leak or make no sense are never sent",
        arguments: [
            HTTPRequest(.get, "http://graph.microsoft.com/"),
            HTTPRequest(.get, "http://127.0.0.1.example/"),
            HTTPRequest(.get, "ftp://127.0.0.1/"),
            HTTPRequest(.get, "file:///etc/passwd"),
            HTTPRequest(.get, "https://user@127.0.0.1/"),
            HTTPRequest(.get, ""),
            HTTPRequest(.get, "/x"),
            HTTPRequest(.get, "https://127.0.0.1:99999/"),
            HTTPRequest(.get, "https://127.0.0.1/a b"),
            HTTPRequest(.get, "https://127.0.0.1/", headers: [HTTPHeader("A", "b\r\nC: d")]),
            HTTPRequest(.get, "https://127.0.0.1/", headers: [HTTPHeader("A:", "b")]),
            HTTPRequest(.get, "https://127.0.0.1/", headers: [HTTPHeader("", "b")]),
            HTTPRequest(.get, "https://127.0.0.1/", body: .bytes([1])),
        ])
    func refusedRequests(request: HTTPRequest) async throws {
        let log = Mutex(0)
        let client = try HTTPClient(
            configuration: HTTPClientConfiguration(
                userAgent: "x", log: { _ in log.withLock { $0 += 1 } }))
        defer { client.stop() }
        let result = await client.response(to: request)
        switch result {
        case .failure(.tls), .failure(.other): break
        case .success, .failure: Issue.record("\(result)")
        }
        #expect(log.withLock { $0 } == 0)
    }

    @Test("TLS that cannot be verified is refused")
    func plainTextIsNotTLS() async throws {
        try await withServer {
            _ in
            .response(200)
        } body: { server, client in
            let result = await client.response(
                to: HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
            guard case .failure(.tls) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(server.acceptCount == 1)
        }
    }

    @Test("a cancelled transfer completes once, as aborted, whether it runs or waits")
    func cancel() async throws {
        let gate = Gate()
        try await withServer {
            $0.limits = TransferLimits(total: 1, perHost: 1, metadataReserve: 0, readerReserve: 0)
        } reply: {
            _ in
            gate.pass()
            return .response(200)
        } body: { server, client in
            let request = HTTPRequest(.get, server.baseURL + "/")
            let results = Mutex<[Result<HTTPResponse, TransportFailure>]>([])
            let isOver = Gate()
            let ids = (0..<3).map { _ in
                client.start(request, priority: .metadata) { result in
                    let count = results.withLock {
                        $0.append(result)
                        return $0.count
                    }
                    if count == 3 { isOver.open() }
                }
            }
            for id in ids.reversed() { client.cancel(id) }
            for id in ids { client.cancel(id) }
            isOver.pass()
            #expect(
                results.withLock { $0 } == [
                    .failure(.aborted), .failure(.aborted), .failure(.aborted),
                ])
            gate.open()
            let response = try await client.response(to: request).get()
            #expect(response.status == 200)
        }
    }

    @Test("a cancelled task aborts its transfer")
    func cancelledTask() async throws {
        try await withServer {
            _ in
            .stall(announced: 100, sent: 1)
        } body: { server, client in
            let request = HTTPRequest(.get, server.baseURL + "/")
            let task = Task { await client.response(to: request) }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            #expect(await task.value == .failure(.aborted))
        }
    }

    @Test("stopping aborts what runs and waits, and later requests fail at once")
    func stop() async throws {
        try await withServer {
            $0.limits = TransferLimits(total: 2, perHost: 2, metadataReserve: 0, readerReserve: 0)
        } reply: {
            _ in
            .stall(announced: 100, sent: 1)
        } body: { server, client in
            let request = HTTPRequest(.get, server.baseURL + "/")
            let results = Mutex<[Result<HTTPResponse, TransportFailure>]>([])
            for _ in 0..<5 {
                client.start(request, priority: .background) { result in
                    results.withLock { $0.append(result) }
                }
            }
            while server.requests.count < 2 { await Task.yield() }
            client.stop()
            #expect(
                results.withLock { $0 }
                    == [Result<HTTPResponse, TransportFailure>](
                        repeating: .failure(.aborted), count: 5))
            #expect(await client.response(to: request) == .failure(.aborted))
            #expect(server.requests.count == 2)
        }
    }

    @Test("a client may be stopped and released from its own completion")
    func stopFromCompletion() async throws {
        let server = try TinyServer { _ in .response(200) }
        defer { server.stop() }
        let isOver = Gate()
        let holder = Mutex<HTTPClient?>(
            try HTTPClient(configuration: HTTPClientConfiguration(userAgent: "x")))
        let client = holder.withLock { $0 }
        client?.start(HTTPRequest(.get, server.baseURL + "/"), priority: .metadata) { _ in
            let last = holder.withLock { $0.take() }
            last?.stop()
            isOver.open()
        }
        isOver.pass()
        #expect(holder.withLock { $0 == nil })
    }

    @Test("the urgent overtake those that wait, and equals keep their order")
    func priorities() async throws {
        let gate = Gate()
        try await withServer {
            $0.limits = TransferLimits(total: 1, perHost: 1, metadataReserve: 0, readerReserve: 0)
        } reply: {
            if $0.target == "/first" { gate.pass() }
            return .response(200)
        } body: { server, client in
            let isOver = Gate()
            let left = Mutex(9)
            func start(_ name: String, _ priority: RequestPriority) {
                client.start(HTTPRequest(.get, "\(server.baseURL)/\(name)"), priority: priority) {
                    _ in
                    if left.withLock({
                        $0 -= 1
                        return $0 == 0
                    }) {
                        isOver.open()
                    }
                }
            }
            start("first", .background)
            while server.requests.isEmpty { await Task.yield() }
            for round in 1...2 {
                start("b\(round)", .background)
                start("f\(round)", .foreground)
                start("m\(round)", .metadata)
                start("r\(round)", .waitingReader)
            }
            gate.open()
            isOver.pass()
            #expect(
                server.requests.map(\.target)
                    == ["/first", "/r1", "/r2", "/m1", "/m2", "/f1", "/f2", "/b1", "/b2"])
        }
    }

    @Test("a hundred requests at once use no more connections than allowed")
    func manyAtOnce() async throws {
        try await withServer {
            $0.limits = TransferLimits(total: 6, perHost: 6, metadataReserve: 0, readerReserve: 0)
        } reply: {
            .response(200, [], Array($0.target.utf8))
        } body: { server, client in
            let base = server.baseURL
            let right = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let response = try? await client.response(
                            to: HTTPRequest(.get, "\(base)/\(number)")
                        ).get()
                        return response?.body == Array("/\(number)".utf8)
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 100)
            #expect(server.acceptCount <= 6)
        }
    }

    @Test("too many waiting requests are refused")
    func waitingLimit() async throws {
        try await withServer {
            $0.limits = TransferLimits(total: 1, perHost: 1, metadataReserve: 0, readerReserve: 0)
            $0.waitingLimit = 1
        } reply: {
            _ in
            .stall(announced: 10, sent: 1)
        } body: { server, client in
            let request = HTTPRequest(.get, server.baseURL + "/")
            client.start(request, priority: .metadata) { _ in }
            while server.requests.isEmpty { await Task.yield() }
            client.start(request, priority: .metadata) { _ in }
            let result = await client.response(to: request)
            guard case .failure(.other(_, "too many requests are waiting")) = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test("rate limits let everything through in the end", arguments: [true, false])
    func rateLimit(isUpload: Bool) async throws {
        let count = 300_000
        try await withServer {
            $0.uploadLimit = isUpload ? 1_000_000 : nil
            $0.downloadLimit = isUpload ? nil : 1_000_000
        } reply: {
            _ in
            isUpload ? .response(200) : .generated(count)
        } body: { server, client in
            let request =
                isUpload
                ? HTTPRequest(
                    .put, server.baseURL + "/",
                    body: .bytes((0..<count).map { TinyServer.byte(at: $0) }))
                : HTTPRequest(.get, server.baseURL + "/")
            let response = try await client.response(to: request).get()
            #expect(response.status == 200)
            let body = isUpload ? server.requests.first?.body : response.body
            #expect(body == (0..<count).map { TinyServer.byte(at: $0) })
        }
    }

    @Test("the log tells what happened and no secret")
    func log() async throws {
        let entries = Mutex<[HTTPLogEntry]>([])
        try await withServer {
            $0.log = { entry in entries.withLock { $0.append(entry) } }
        } reply: {
            _ in
            .response(404, [HTTPHeader("request-id", "abc")], [1, 2, 3])
        } body: { server, client in
            let request = HTTPRequest(
                .put, server.baseURL + "/secret?tempauth=secret",
                headers: [HTTPHeader("X", "secret")], body: .bytes([1]))
            _ = try await client.response(to: request, priority: .background).get()
            let entry = try #require(entries.withLock { $0.first })
            #expect(entry.url == "\(server.baseURL)/…")
            #expect(entry.outcome == .success(404))
            #expect(entry.sentCount == 1)
            #expect(entry.receivedCount == 3)
            #expect(!entry.reusedConnection)
            let line = "\(entry)"
            #expect(line.contains("404") && line.contains("abc") && !line.contains("secret"))
        }
    }

    @Test("the configuration file sets connections and rate limits")
    func settings() {
        var configuration = Configuration(
            clientID: "a", systemDirectory: "/a", mountDirectory: "/b")
        configuration.connections = 3
        configuration.uploadLimit = 1000
        configuration.downloadLimit = 2000
        let settings = HTTPClientConfiguration(configuration, version: "1.2.3")
        #expect(settings.limits.total == 6 && settings.limits.perHost == 6)
        #expect(settings.uploadLimit == 1000)
        #expect(settings.downloadLimit == 2000)
        #expect(settings.userAgent == "NONISV|onedrive|onedrive/1.2.3")
    }
}
