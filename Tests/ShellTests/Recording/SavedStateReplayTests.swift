import Core
import Foundation
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// Recordings that do not begin with the first look at a drive.
@Suite(.serialized)
struct SavedStateReplayTests {
    @Test(
        "a recording that begins in the middle replays with the state of before",
        arguments: [AccountProfile.business, .personal])
    func middle(_ profile: AccountProfile) async throws {
        var service = GraphService(profile: profile, seed: 3)
        let then = Timestamp(seconds: 1_767_300_000)
        for name in ["a.txt", "b.txt", "old/c.txt"] {
            try service.remoteCreateFile(name, Array(name.utf8), now: then)
        }
        let stage = try await Stage(service)
        let configuration = try stage.account("one")
        let log = LogCapture()
        let client = try await Client(configuration, isMounted: false, log: log.logger)
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        _ = try await stage.ask(configuration, .pause)
        try stage.host.withService { service throws in
            let now = stage.host.now
            try service.remoteEdit("a.txt", Array("there".utf8), now: now)
            try service.remoteRename("b.txt", to: "z.txt", now: now)
            try service.remoteDelete("old", now: now)
        }
        let saved = configuration.systemDirectory + "-saved"
        let copied = try await stage.run(
            "cp -a one-state one-state-saved && rm one-state-saved/*.sock")
        #expect(copied.status == 0, "\(copied.text)")
        var before = configuration
        before.systemDirectory = saved
        let expected = try await Preview(before, log: log.logger).report()
        #expect(expected.entries.count == 4, "\(expected.entries)")

        let file = stage.directory.path + "/middle.har"
        let session = try RecordingSession(
            to: file,
            socket: SystemDirectory.controlSocketPath(in: configuration.systemDirectory))
        async let recorded = onThread { try session.run() }
        _ = try await stage.ask(configuration, .resume)
        _ = try await stage.ask(configuration, .synchronize(waits: true))
        session.finish()
        #expect(try await recorded > 0)
        try await onThread { client.stop() }
        await stage.host.stop()

        let replayed = try FixturePreview(
            file, stateDirectory: saved, configuration: EngineConfiguration(configuration)
        ).report()
        #expect(replayed == expected)
        // Without the state the recording does not say enough, and that is said.
        let error = #expect(throws: ClientError.self) {
            try FixturePreview(
                file, stateDirectory: nil, configuration: EngineConfiguration(configuration)
            ).report()
        }
        #expect(error?.description.contains("the recording holds no answer to") == true)

        // One byte of a question that the plan needs, and it says which.
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let place = try #require(text.range(of: "delta?"))
        try text.replacingCharacters(in: place, with: "delte?")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let changed = #expect(throws: ClientError.self) {
            try FixturePreview(
                file, stateDirectory: saved, configuration: EngineConfiguration(configuration)
            ).report()
        }
        let message = changed?.description ?? ""
        #expect(message.contains("holds no answer to GET"), "\(message)")
        #expect(message.contains("/me/drive/root/delta?") && message.contains("is entry "))
    }
}
