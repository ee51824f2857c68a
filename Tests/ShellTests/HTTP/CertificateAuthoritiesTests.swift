import Core
import Shell
import Testing

/// Whose word is taken for who a server is.
@Suite("Certificate authorities", .timeLimit(.minutes(10)))
struct CertificateAuthoritiesTests {
    @Test(
        "a certificate of an unknown authority, or for another host, is refused",
        .enabled(if: SecureEnd.isPossible, SecureEnd.need))
    func unknownAuthority() async throws {
        try await SecureScene.with(configure: { $0.authorities.file = nil }) { scene in
            let result = await scene.response("/")
            guard case .failure(.tls(let message)) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(message.contains("certificate"))
            #expect(scene.server.acceptCount == 0)
        }
        try await SecureScene.with { scene in
            let result = await scene.client.response(
                to: HTTPRequest(.get, "https://localhost:\(scene.end.port)/"))
            guard case .failure(.tls(let message)) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(message.contains("localhost"))
            #expect(scene.server.acceptCount == 0)
        }
    }

    @Test(
        "a file of authorities that is not there is told of by its name",
        .enabled(if: SecureEnd.isPossible, SecureEnd.need))
    func missingAuthorities() async throws {
        try await SecureScene.with(configure: { $0.authorities.file = "/nowhere/authorities.pem" })
        { scene in
            let result = await scene.response("/")
            guard case .failure(.tls(let message)) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(message.contains("/nowhere/authorities.pem"))
        }
    }

    @Test("the environment names authorities as it does for curl and OpenSSL")
    func environment() {
        let both = ["CURL_CA_BUNDLE": "/a", "SSL_CERT_FILE": "/b", "SSL_CERT_DIR": "/c"]
        #expect(CertificateAuthorities(variables: both).file == "/a")
        #expect(CertificateAuthorities(variables: both).directory == nil)
        let openSSL = ["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "/b", "SSL_CERT_DIR": "/c"]
        #expect(CertificateAuthorities(variables: openSSL).file == "/b")
        #expect(CertificateAuthorities(variables: openSSL).directory == "/c")
        #expect(CertificateAuthorities(variables: ["SSL_CERT_FILE": ""]) == .ofSystem)
    }
}
