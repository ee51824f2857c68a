import Core
import Glibc
import Shell
import Testing

/// What lies between this machine and the service: redirects, portals, silent hosts, old proxies.
@Suite("Ways to the service")
struct NetworkPathTests {
    private func client(
        _ configure: (inout HTTPClientConfiguration) -> Void = { _ in }
    ) throws -> HTTPClient {
        var configuration = HTTPClientConfiguration(userAgent: "test")
        configure(&configuration)
        return try HTTPClient(configuration: configuration)
    }

    @Test(
        "a token is never taken along to where a redirect leads",
        arguments: [301, 302, 303, 307, 308])
    func redirectWithToken(status: Int) async throws {
        let other = try TinyServer { _ in .response(200) }
        let location = "\(other.baseURL)/stolen"
        let server = try TinyServer { _ in
            .response(status, [HTTPHeader("Location", location)])
        }
        let client = try client()
        defer {
            client.stop()
            server.stop()
            other.stop()
        }
        for method in [HTTPMethod.get, .post, .put] {
            let response = try await client.response(
                to: HTTPRequest(
                    method, server.baseURL + "/",
                    headers: [HTTPHeader("Authorization", "Bearer secret")])
            ).get()
            #expect(response.status == status)
            #expect(response.headers.value(named: "Location") == location)
        }
        #expect(other.acceptCount == 0)
        #expect(server.requests.count == 3)
    }

    @Test(
        "the page of a hotel is no answer of the service, whatever was asked",
        arguments: [200, 302, 403, 407, 511])
    func portal(status: Int) async throws {
        let server = try TinyServer { _ in
            .response(
                status,
                [
                    HTTPHeader("Content-Type", "text/html"),
                    HTTPHeader("Location", "http://hotel.example/login"),
                ],
                Array("<html><body>Welcome! Please sign in.</body></html>".utf8))
        }
        let client = try client()
        defer {
            client.stop()
            server.stop()
        }
        let response = try await client.response(to: HTTPRequest(.get, server.baseURL + "/")).get()
        let item = ItemID(rawValue: "1")
        let calls: [GraphCall] = [
            .drive, .delta(.initial), .item(item), .delete(item, ifMatch: nil),
            .createDirectory(parent: item, name: "a"),
        ]
        for call in calls {
            guard case .failure(let failure) = GraphAnswer(to: call, response) else {
                Issue.record("\(call) took the page for an answer")
                continue
            }
            #expect(failure.kind == .notGraph, "\(call)")
        }
    }

    @Test("HTTP/2 is offered with the handshake, and left out where it is not wanted")
    func protocolOffer() async throws {
        for offersHTTP2 in [true, false] {
            let server = try TinyServer { _ in .close }
            let client = try client { $0.offersHTTP2 = offersHTTP2 }
            defer {
                client.stop()
                server.stop()
            }
            _ = await client.response(
                to: HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
            let hello = try #require(server.requests.first)
            #expect(hello.method == "TLS")
            // The names of protocols, each after its length (RFC 7301).
            #expect(hello.contains("\u{8}http/1.1"))
            #expect(hello.contains("\u{2}h2") == offersHTTP2)
        }
    }

    @Test("a proxy that the environment names is used; where it refuses, nothing has been sent")
    func proxyOfTheEnvironment() async throws {
        let proxy = try TinyServer { _ in
            .response(
                407, [HTTPHeader("Content-Type", "text/html")], Array("<html>Pay first</html>".utf8)
            )
        }
        defer { proxy.stop() }
        let directory = try TemporaryDirectory()
        try directory.write(
            Array(
                """
                client_id: 5d0b0a1e-6c1f-4a0a-9f43-1f2d3c4b5a69
                redirect_uri: http://localhost
                cookie: ESTSAUTH=secret
                system_directory: \(directory.path)/state
                mount_directory: \(directory.path)/mount

                """.utf8), to: "config.yml")
        let port = proxy.port
        let status = try await onThread {
            try Child(
                """
                cd "\(directory.path)" && chmod 600 config.yml
                export https_proxy=http://127.0.0.1:\(port) no_proxy=
                exec "\(BuiltPrograms.directory)/onedrive" -c config.yml login >output 2>&1
                """
            ).wait()
        }
        #expect(status != 0)
        let output = String(decoding: try directory.bytes(of: "output"), as: UTF8.self)
        #expect(!output.isEmpty && !output.contains("secret"), "\(output)")
        let request = try #require(proxy.requests.first)
        #expect(request.method == "CONNECT")
        #expect(request.target == "login.microsoftonline.com:443")
        #expect(request.header("Cookie") == nil && request.header("Authorization") == nil)
        #expect(proxy.requests.allSatisfy { $0.method == "CONNECT" })
    }

    @Test(
        "a change is sent once, also where a connection in use is closed without an answer",
        arguments: [
            (HTTPMethod.put, HTTPBody.bytes([1])), (.post, .bytes([1])), (.post, .none),
            (.patch, .bytes([1])), (.delete, .none),
        ])
    func unansweredChange(method: HTTPMethod, body: HTTPBody) async throws {
        let server = try TinyServer { $0.method == "GET" ? .response(200) : .close }
        let client = try client()
        defer {
            client.stop()
            server.stop()
        }
        let url = server.baseURL + "/"
        _ = try await client.response(to: HTTPRequest(.get, url)).get()
        #expect(
            await client.response(to: HTTPRequest(method, url, body: body))
                == .failure(.connectionLost(sentEverything: true)))
        #expect(server.requests.map(\.method) == ["GET", method.rawValue])
    }

    @Test("a host that does not take the connection is given up in time")
    func connectTimeout() async throws {
        let silent = try FullListener()
        let client = try client { $0.connectTimeout = .milliseconds(300) }
        defer { client.stop() }
        #expect(
            await client.response(to: HTTPRequest(.get, "http://127.0.0.1:\(silent.port)/"))
                == .failure(.timedOut))
    }
}

extension TinyServer.Request {
    fileprivate func contains(_ text: String) -> Bool {
        let sought = Array(text.utf8)
        guard body.count >= sought.count else { return false }
        return (0...(body.count - sought.count)).contains {
            body[$0..<($0 + sought.count)].elementsEqual(sought)
        }
    }
}

/// A port that listens and has no room for another connection: packets to it get no answer.
private final class FullListener: Sendable {
    let port: UInt16
    private let descriptors: [Int32]

    init() throws {
        let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let listener = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var open = [listener]
        let isFull = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, listen(listener, 0) == 0,
                    getsockname(listener, address, &length) == 0
                else { return false }
                // One connection is taken in, and those that follow wait for ever.
                for _ in 0..<4 {
                    let waiting = socket(
                        AF_INET, stream | Int32(SOCK_NONBLOCK.rawValue), 0)
                    open.append(waiting)
                    _ = connect(waiting, address, length)
                }
                return true
            }
        }
        descriptors = open
        port = UInt16(bigEndian: address.sin_port)
        guard isFull else { throw TinyServer.ServerFailure() }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
