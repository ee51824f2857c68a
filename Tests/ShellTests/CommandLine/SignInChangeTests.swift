import Core
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// Signing in and out beside a running client.
@Suite(.serialized)
struct SignInChangeTests {
    private static let now = Timestamp(seconds: 1_767_300_000)

    /// A client that cannot sign in by itself, on a service with one file; `login` can.
    private static func scene() async throws -> (Stage, Configuration, Client) {
        var service = GraphService(profile: .business, seed: 3)
        _ = try service.remoteCreateFile("a", Array("a".utf8), now: now)
        let stage = try await Stage(service)
        var configuration = try stage.account("one")
        configuration.cookie = nil
        let login = try await stage.run("onedrive -c one.yml login")
        #expect(login.output.hasSuffix("'onedrive start' mounts the drive.\n"), "\(login.text)")
        let client = try await Client(
            configuration, isMounted: false, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        return (stage, configuration, client)
    }

    @Test("a running client syncs nothing after 'logout', and goes on after 'login'")
    func outAndIn() async throws {
        let (stage, configuration, client) = try await Self.scene()
        let out = try await stage.run("onedrive -c one.yml logout")
        #expect(out.output == "Signed out.\n", "\(out.text)")
        let refused = try await stage.run("onedrive -c one.yml sync --wait")
        #expect(refused.status == 69, "\(refused.text)")
        #expect(refused.errors.contains("run 'onedrive login'"), "\(refused.text)")
        let status = try await stage.ask(configuration, .status)
        #expect(status["connection"]?.string == "sign-in-needed")
        let back = try await stage.run("onedrive -c one.yml login")
        #expect(back.output.contains("goes on with the new sign-in"), "\(back.text)")
        try stage.host.withService { service in
            _ = try service.remoteCreateFile("b", Array("b".utf8), now: Self.now)
        }
        let wait = try await stage.run("onedrive -c one.yml sync --wait")
        #expect(wait.status == 0, "\(wait.text)")
        #expect(try await stage.ask(configuration, .status)["items"]?.integer == 3, "root, a, b")
        try await onThread { client.stop() }
        await stage.host.stop()
    }

    @Test("a running client does not take the sign-in of another account")
    func otherAccount() async throws {
        let (stage, configuration, client) = try await Self.scene()
        stage.host.withService { service in
            service = GraphService(profile: .business, seed: 4)
            service.identitySettings.sessionCookie = Stage.cookie
        }
        let login = try await stage.run("onedrive -c one.yml login")
        #expect(login.status == 1, "\(login.text)")
        #expect(login.errors.contains("another drive"), "\(login.text)")
        let plan = try await stage.run("onedrive -c one.yml plan --dry-run")
        #expect(plan.status == 69, "\(plan.text)")
        #expect(plan.errors.contains("run 'onedrive login'"), "\(plan.text)")
        #expect(try await stage.ask(configuration, .status)["items"]?.integer == 2, "root, a")
        try await onThread { client.stop() }
        await stage.host.stop()
    }
}
