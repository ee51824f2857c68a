import GraphSimulator
import GraphSimulatorHost
import Testing

/// What the command line does not take, and what it says to that.
struct UsageTests {
    @Test(
        "what makes no sense is refused before anything is done",
        arguments: [
            ("simulate --port 80000", 64, "--port is from 0 to 65535"),
            ("record x.har --for 5x", 64, "write it like 30s, 5m or 1h"),
            ("plan --json", 64, "add --yes, or --dry-run"),
        ] as [(String, Int32, String)])
    func refused(command: String, status: Int32, text: String) async throws {
        let outcome = try await UserScript.run("onedrive \(command)", in: TemporaryDirectory())
        #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome.text)")
        #expect(outcome.errors.contains(text), "\(outcome.text)")
    }

    @Test("a port that is taken is told in plain words")
    func takenPort() async throws {
        let stage = try await Stage(GraphService(profile: .business, seed: 1))
        let outcome = try await stage.run("onedrive simulate --port \(stage.host.port)")
        await stage.host.stop()
        #expect(outcome.status == 73, "\(outcome.text)")
        #expect(
            outcome.errors
                == "onedrive: cannot listen on 127.0.0.1:\(stage.host.port): Address already in "
                + "use\n", "\(outcome.text)")
    }
}
