import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// A whole client whose service is behind a real end of TLS, which speaks HTTP/2.
@Suite(
    .enabled(
        if: TestMount.isPossible && SecureEnd.isPossible,
        "needs /dev/fuse, nghttpx (nghttp2-proxy) and openssl"), .timeLimit(.minutes(15)))
struct SecureClientTests {
    /// Runs the body with a client that is configured for a secure end and not yet started.
    private static func with(
        _ body: @escaping @Sendable (ClientWorld, SecureEnd) throws -> Void
    ) async throws {
        try await ClientWorld.with(isStarted: false) { world in
            let end = try SecureEnd(before: UInt16(world.host.port), authority: TestAuthority())
            defer { end.kill() }
            try world.configure(["graph_endpoint": end.baseURL, "login_endpoint": end.baseURL])
            try body(world, end)
        }
    }

    @Test("a drive is listed, read and written over HTTP/2, also after its connections broke")
    func everything() async throws {
        try await Self.with { world, end in
            let large = MountedClient.bytes(12 << 20, seed: 3)
            try world.elsewhere { service, now throws(RemoteChangeRefused) in
                _ = try service.remoteCreateFile("docs/a.txt", Array("one".utf8), now: now)
                _ = try service.remoteCreateFile("docs/large", large, now: now)
            }
            try world.start(variables: ["CURL_CA_BUNDLE": end.authority.certificate])
            try world.synchronize()
            #expect(try world.text("docs/a.txt") == "one")
            #expect(try Calls.read("\(world.mount)/docs/large") == large)
            try Calls.write(MountedClient.bytes(12 << 20, seed: 4), to: world.mount + "/up")
            try world.expectAgreement()

            end.kill()
            try Calls.write(Array("two".utf8), to: world.mount + "/docs/a.txt")
            try end.start()
            try world.expectAgreement()
            #expect(world.cloudText("docs/a.txt") == "two")

            let exchanges = try end.exchanges(1)
            #expect(exchanges.allSatisfy { $0.protocol == "h2" })
            let parts = exchanges.filter { $0.request.hasPrefix("GET /download/") }
            #expect(parts.count { $0.status == "206" } > 1)
            #expect(exchanges.count { $0.request.hasPrefix("PUT /upload/") } > 1)
        }
    }

    @Test("a service whose certificate nobody vouches for gets nothing, and the user hears why")
    func unknownAuthority() async throws {
        try await Self.with { world, end in
            let reason = "no secure connection: SSL certificate problem"
            do {
                try world.start()
                Issue.record("the client takes anybody for the service")
            } catch let failure as ClientProcess.Failed {
                #expect(failure.status == 69)
                #expect(failure.log.split(separator: "\n").count == 1, "\(failure.log)")
                #expect(failure.log.contains(reason))
            }
            #expect(world.host.withService { $0.log.total == 0 })

            let trust = ["SSL_CERT_FILE": end.authority.certificate]
            try world.start(variables: trust)
            try world.synchronize()
            // The tokens are there, and still nobody vouches.
            try world.stop()
            try world.start()
            let sent = world.host.withService { $0.log.total }
            try Calls.write(Array("mine".utf8), to: world.mount + "/mine")
            #expect(world.host.wait { world.log.contains("offline") })
            let status = try world.onedrive("status").output
            #expect(status.contains("offline") && status.contains(reason), "\(status)")
            let lines = world.log.split(separator: "\n").filter { $0.contains("offline") }
            #expect(lines.count == 1 && lines[0].contains(reason), "\(world.log)")
            #expect(world.host.withService { $0.log.total } == sent)

            try world.stop()
            try world.start(variables: trust)
            try world.expectAgreement()
        }
    }
}
