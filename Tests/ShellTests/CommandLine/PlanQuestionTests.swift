import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// `onedrive plan` at a terminal, where it asks before it does anything; `script(1)` plays the
/// terminal.
@Suite(.enabled(if: access("/usr/bin/script", X_OK) == 0, "needs script(1)"), .serialized)
struct PlanQuestionTests {
    struct Row: Sendable {
        /// What is typed, as `printf` writes it; the end of the input follows.
        var typed: String
        var isClientRunning = false
        var status: Int32 = 2
        var end: String
    }

    @Test("nobody is asked to agree to nothing, and what is held back is told in one line")
    func heldBack() async throws {
        var service = GraphService(profile: .business, seed: 3)
        let now = Timestamp(seconds: 1_767_300_000)
        for name in ["a", "b", "c"] {
            _ = try service.remoteCreateFile(name, Array(name.utf8), now: now)
        }
        let stage = try await Stage(service)
        let configuration = try stage.account("one", "delete_guard: 1", "log_level: ERROR")
        let client = try await Client(
            configuration, isMounted: false, log: Logger(label: "test"))
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        try stage.host.withService { service in
            for name in ["a", "b", "c"] { try service.remoteDelete(name, now: now) }
        }
        let plan = try await stage.run(
            "TERM=dumb script -qec 'onedrive -c one.yml plan' /dev/null </dev/null")
        let wait = try await stage.run("onedrive -c one.yml sync --wait")
        let status = try await stage.run("onedrive -c one.yml status")
        try await onThread { client.stop() }
        await stage.host.stop()
        #expect(plan.status == 2 && !plan.output.contains("[y/N]"), "\(plan.text)")
        #expect(plan.output.contains("Held back: 3 deletions here, more than"), "\(plan.text)")
        #expect(wait.status == 0, "\(wait.text)")
        #expect(wait.errors.split(separator: "\n").count == 2, "\(wait.text)")
        #expect(wait.errors.contains("'onedrive approve'"), "\(wait.text)")
        #expect(status.output.contains("held back: 3 deletions here, more"), "\(status.text)")
    }

    @Test(
        "only a yes has the plan carried out",
        arguments: [
            Row(typed: #"n\n"#, end: "Nothing was done.\r\n"),
            Row(typed: "", end: "Carry this out? [y/N] \r\nNothing was done.\r\n"),
            Row(typed: #"\n"#, end: "Nothing was done.\r\n"),
            Row(
                typed: #"maybe\n"#, isClientRunning: true,
                end: "by itself; 'onedrive pause' stops it.\r\n"),
            Row(typed: #"Y\n"#, isClientRunning: true, status: 0, end: "both sides agree\r\n"),
            Row(typed: #"yes\n"#, status: 0, end: "both sides agree\r\n"),
        ])
    func question(_ row: Row) async throws {
        let stage = try await Stage(GraphService(profile: .business, seed: 3))
        let configuration = try stage.account("one", "poll_interval: 7d", "log_level: ERROR")
        let client =
            row.isClientRunning
            ? try await Client(configuration, isMounted: false, log: Logger(label: "test")) : nil
        if client != nil { _ = try await stage.ask(configuration, .synchronize(waits: true)) }
        let now = Timestamp(seconds: 1_767_300_000)
        try stage.host.withService { service in
            _ = try service.remoteCreateFile("june.txt", Array("dear".utf8), now: now)
        }
        let outcome = try await stage.run(
            "printf '\(row.typed)' | TERM=dumb script -qec 'onedrive -c one.yml plan' /dev/null")
        let left = try await stage.run("onedrive -c one.yml plan --dry-run")
        if let client { try await onThread { client.stop() } }
        await stage.host.stop()
        #expect(outcome.status == row.status, "\(outcome.text)")
        #expect(outcome.output.hasSuffix(row.end), "\(outcome.text)")
        #expect(outcome.output.contains("june.txt  (4 B)"), "\(outcome.text)")
        #expect(left.status == (row.status == 0 ? 0 : 2), "\(left.text)")
    }
}
