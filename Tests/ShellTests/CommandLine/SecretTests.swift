import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Testing

/// Secrets that were planted are found nowhere but where they must be.
@Suite(.enabled(if: TestMount.isPossible, "needs /dev/fuse"))
struct SecretTests {
    private static let clientSecret = "planted~client~secret"
    private static let cookie = "ESTSAUTH=planted-cookie-value; other=planted-second-cookie"

    @Test("no secret is in any log, message, answer, recording or file of the state")
    func nowhere() async throws {
        var service = GraphService(profile: .business, seed: 9)
        service.identitySettings.applications = [
            AppRegistration(
                clientID: AppRegistration.desktop.clientID, clientSecret: Self.clientSecret,
                redirectURIs: ["http://localhost"])
        ]
        // Every answer of the identity platform brings new tokens.
        service.identitySettings.rotatesRefreshTokens = true
        let now = Timestamp(seconds: 1_767_300_000)
        try service.remoteCreateFile("read.bin", Blob(generatedFrom: 1, count: 900_000), now: now)
        let stage = try await Stage(service)
        stage.host.withService { $0.identitySettings.sessionCookie = Self.cookie }
        let lines = [
            "client_secret: \(Self.clientSecret)", "log_level: TRACE", "upload_delay: 0s",
        ].joined(separator: "\n")
        let configuration = try stage.account("one", lines)
        let good = try String(
            contentsOfFile: stage.directory.path + "/one.yml", encoding: .utf8
        ).replacing("cookie: \(Stage.cookie)", with: "cookie: \(Self.cookie)")
        try stage.directory.write(Array(good.utf8), to: "one.yml")
        // What goes wrong is told in messages, and messages must tell nothing.
        for (name, old, new) in [
            ("secret", Self.clientSecret, Self.clientSecret + "~wrong"),
            ("cookie", "planted-cookie-value", "planted-cookie-value-expired"),
            ("yaml", "client_secret: ", "client_secret: [\(Self.clientSecret)"),
            ("key", "client_secret: ", "client_secrets: "),
        ] {
            try stage.directory.write(
                Array(good.replacing(old, with: new).utf8), to: "\(name).yml")
        }
        var said = ""
        for script in [
            "onedrive -c secret.yml login", "onedrive -c cookie.yml login",
            "onedrive -c yaml.yml login", "onedrive -c key.yml status",
            "onedrive -c one.yml login",
        ] {
            let outcome = try await stage.run(script)
            said += "\(script): \(outcome.text)"
            #expect((outcome.status == 0) == script.contains("one.yml"), "\(outcome.text)")
        }

        let client = try await stage.start("one")
        stage.host.withService { service in
            // Messages of the service that repeat what they were sent, broken answers, lost ones.
            service.inject(
                Fault(
                    .respondText(status: 500, body: "Bearer EwB and tempauth=planted"),
                    operation: .delta))
            service.inject(Fault(.loseReply, operation: .fragment))
            service.inject(Fault(.cutBody(after: 1000), operation: .download))
            service.inject(
                Fault(
                    .respond(status: 401, code: "InvalidAuthenticationToken"), operation: .delta,
                    skip: 2))
        }
        let mount = configuration.mountDirectory
        let outcome = try await stage.run(
            """
            onedrive -c one.yml record one.har --for 1h & recorder=$!
            onedrive -c one.yml sync --wait
            head -c 400000 /dev/urandom >"\(mount)/written.bin"
            cat "\(mount)/read.bin" >/dev/null
            onedrive -c one.yml sync --wait
            onedrive -c one.yml pin read.bin --wait
            for command in status locks conflicts "plan --dry-run" "plan --dry-run --explain /read.bin"
            do
                onedrive -c one.yml $command; onedrive -c one.yml $command --json
            done
            while [ ! -s one.har ]; do :; done
            kill -INT $recorder; wait $recorder
            """)
        said += outcome.text
        #expect(stage.host.withService { $0.content("written.bin")?.count } == 400_000)
        // The tokens that the client has by now, after those of the first sign-in and of the 401.
        let credentials = try #require(
            try CredentialStore(directory: configuration.systemDirectory).load())
        #expect(
            credentials.accessToken.hasPrefix("EwB") && credentials.refreshToken.hasPrefix("M.C"))
        #expect(try await onThread { client.end() } == 0)
        let log = try await stage.run("cat one.log")
        said += log.text
        #expect(log.output.contains("GET "), "the log at TRACE tells of requests")
        said += try await stage.run("onedrive -c one.yml plan --dry-run").text
        said += try await stage.run("onedrive -c one.yml plan --dry-run --fixture one.har").text
        await stage.host.stop()

        let marks = [
            Self.clientSecret, "planted-cookie-value", "planted-second-cookie",
            credentials.accessToken, credentials.refreshToken, "EwB", "M.C", "code_verifier",
            "tempauth=",
        ]
        for mark in marks {
            // What the service itself put into an error message is its own, but not more.
            let text = said.replacing("Bearer EwB and tempauth=planted", with: "")
            #expect(!text.contains(mark), "\(mark) was said: \(Self.around(mark, in: text))")
        }
        let files = FileManager.default.enumerator(atPath: stage.directory.path)
        var searched = 0
        while let name = files?.nextObject() as? String {
            // The configuration and the credentials are where they belong; these were looked at.
            guard !name.hasSuffix(".yml"), !name.hasSuffix("credentials.json"),
                !name.hasPrefix("one/"), !name.contains("/content/"), !name.hasSuffix(".out"),
                !name.hasSuffix(".err"), !name.hasSuffix(".script"), name != "one.log",
                let bytes = FileManager.default.contents(
                    atPath: stage.directory.path + "/" + name)
            else { continue }
            searched += 1
            for mark in marks where bytes.firstRange(of: Data(mark.utf8)) != nil {
                Issue.record("\(name) holds \(mark)")
            }
        }
        #expect(searched >= 3, "the database, its log and the recording")
    }

    private static func around(_ mark: String, in text: String) -> String {
        guard let place = text.range(of: mark) else { return "" }
        return String(text[..<place.lowerBound].suffix(200) + text[place.lowerBound...].prefix(200))
    }
}
