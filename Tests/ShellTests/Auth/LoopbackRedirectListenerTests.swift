import Core
import Glibc
import Shell
import Testing

@Suite("Loopback redirect")
struct LoopbackRedirectListenerTests {
    private func withListener(
        _ redirectURI: String = "http://localhost/cb",
        body: (LoopbackRedirectListener, HTTPClient) async throws -> Void
    ) async throws {
        let listener = try LoopbackRedirectListener(redirectURI: redirectURI)
        let client = try HTTPClient(configuration: HTTPClientConfiguration(userAgent: "x"))
        defer { client.stop() }
        try await body(listener, client)
    }

    private func status(
        _ client: HTTPClient, _ method: HTTPMethod, _ url: String, headers: [HTTPHeader] = []
    ) async -> Int? {
        try? await client.response(to: HTTPRequest(method, url, headers: headers)).get().status
    }

    @Test(
        "the code arrives by either address of this machine; other requests do not end the wait",
        arguments: ["localhost", "127.0.0.1"])
    func code(host: String) async throws {
        try await withListener { listener, client in
            async let result = listener.code(state: "s", timeout: .seconds(600))
            let base = listener.redirectURI.replacing("localhost", with: host)
            #expect(!base.hasSuffix("/cb/") && base.contains(":"))
            let icon = base.replacing("/cb", with: "/favicon.ico")
            #expect(await status(client, .get, icon) == 404)
            #expect(await status(client, .post, base + "?code=c&state=s") == 405)
            #expect(await status(client, .get, base) == 400)
            #expect(await status(client, .get, base + "?code=evil&state=t") == 400)
            #expect(await status(client, .get, base + "/x?code=c&state=s") == 404)
            let large = HTTPHeader("X", String(repeating: "x", count: 20_000))
            #expect(await status(client, .get, base, headers: [large]) != 200)
            #expect(await status(client, .get, base + "?code=c%2Fd&state=s") == 200)
            #expect(await result == .success("c/d"))
        }
    }

    @Test("a refusal in the browser ends the wait with its reason")
    func refusal() async throws {
        try await withListener { listener, client in
            async let result = listener.code(state: "s", timeout: .seconds(600))
            let query = "?error=access_denied&error_description=AADSTS65004%3A+No&state=s"
            #expect(await status(client, .get, listener.redirectURI + query) == 200)
            guard case .failure(.refused(let failure)) = await result else {
                Issue.record("no refusal")
                return
            }
            #expect(failure.kind == .declined)
        }
    }

    @Test("connections that send nothing do not keep others from being served")
    func silentConnections() async throws {
        try await withListener { listener, client in
            async let result = listener.code(state: "s", timeout: .seconds(600))
            let port = try #require(RedirectAddress(listener.redirectURI)?.authority.port)
            let silent = (0..<20).map { _ in Self.connection(to: port) }
            defer { silent.forEach { close($0) } }
            #expect(silent.allSatisfy { $0 >= 0 })
            #expect(await status(client, .get, listener.redirectURI + "?code=c&state=s") == 200)
            #expect(await result == .success("c"))
        }
    }

    /// Begins a connection without waiting for it.
    ///
    /// The listener may start only after this: one that waited for its place in the queue would keep
    /// the thread that the listener's task needs.
    private static func connection(to port: UInt16) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 || errno == EINPROGRESS ? descriptor : -1
    }

    @Test("nobody comes in time")
    func timeout() async throws {
        let listener = try LoopbackRedirectListener(redirectURI: "http://127.0.0.1")
        #expect(await listener.code(state: "s", timeout: .milliseconds(1)) == .failure(.timedOut))
    }

    @Test("addresses that cannot be listened at")
    func unusable() throws {
        for address in ["https://localhost/", "http://a.example/", "x"] {
            do throws(SignInFailure) {
                _ = try LoopbackRedirectListener(redirectURI: address)
                Issue.record("\(address) was accepted")
            } catch {
                guard case .unusableRedirect = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
        let first = try LoopbackRedirectListener(redirectURI: "http://localhost")
        #expect(
            throws: SignInFailure.unusableRedirect(
                "another program listens at \(first.redirectURI)")
        ) {
            try LoopbackRedirectListener(redirectURI: first.redirectURI)
        }
    }
}
