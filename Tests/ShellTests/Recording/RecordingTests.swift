import Core
import Foundation
import GraphSimulator
import GraphSimulatorHost
import Shell
import Synchronization
import Testing

/// A real client, mounted, whose traffic with the simulated service is recorded and replayed.
@Suite(.enabled(if: TestMount.isPossible, "needs /dev/fuse"))
struct RecordingTests {
    private static let cookie = "ESTSAUTH=planted-cookie-value"

    @Test("a recorded session replays to the plan of the service, and holds no secret")
    func session() async throws {
        let directory = try TemporaryDirectory()
        var service = GraphService(profile: .business, seed: 3)
        let now = Timestamp(seconds: 1_767_300_000)
        try service.remoteCreateFile("Letters/june.txt", Array("dear".utf8), now: now)
        try service.remoteCreateFile("Mail from planted@person.example.net", [1], now: now)
        service.identitySettings.sessionCookie = Self.cookie
        let host = try await SimulatorHost(service: service)
        let configuration = Self.configuration(host, directory.path, "one")
        let tokens = try Self.signIn(configuration, host)
        let log = LogCapture()

        // The service answers nothing before the recording runs, so that it holds the first look.
        let gate = ServiceGate(host)
        let client = try await Client(configuration, log: log.logger)
        let file = directory.path + "/session.har"
        let socket = SystemDirectory.controlSocketPath(in: configuration.systemDirectory)
        let session = try RecordingSession(to: file, socket: socket)
        #expect(throws: ClientError.self, "one recording at a time") {
            try RecordingSession(to: directory.path + "/second.har", socket: socket)
        }
        #expect(throws: ClientError.self, "nothing is overwritten") {
            try RecordingSession(to: file, socket: socket)
        }
        let recorded = Background { try session.run() }
        gate.open()

        func ask(_ request: ControlRequest) async throws -> JSONValue {
            try await Background {
                try ControlConnection(path: socket).ask(request, path: socket)
            }.value
        }
        _ = try await ask(.synchronize(waits: true))
        let written = "planted bytes of a file"
        try await Background {
            try Data(written.utf8).write(
                to: URL(fileURLWithPath: configuration.mountDirectory + "/written.txt"))
        }.value
        _ = try await ask(.synchronize(waits: true))
        _ = try host.withService { service throws in
            try service.remoteCreateFile("Letters/july.txt", Array("dear".utf8), now: host.now)
        }
        _ = try await ask(.synchronize(waits: true))
        let read = try await Background {
            try Data(
                contentsOf: URL(
                    fileURLWithPath: configuration.mountDirectory + "/Letters/july.txt"))
        }.value
        #expect(read == Data("dear".utf8))
        let status = try await ask(.status)
        let plan = try await ask(.plan)
        #expect(PlanReport(plan)?.isEmpty == true)
        session.finish()
        #expect(try await recorded.value > 5)
        client.stop()

        let fresh = Self.configuration(host, directory.path, "two")
        _ = try Self.signIn(fresh, host)
        let expected = try await Preview(fresh, log: log.logger).report()
        let replayed = try FixturePreview(
            file, stateDirectory: nil, configuration: EngineConfiguration(configuration)
        ).report()
        let drop = { (report: PlanReport) in
            report.entries.filter { !$0.path.contains("Mail from") }
        }
        #expect(drop(replayed) == drop(expected))
        #expect(replayed.entries.count == expected.entries.count)
        #expect(expected.entries.count == 5)

        let recording = String(decoding: try directory.bytes(of: "session.har"), as: UTF8.self)
        #expect(recording.contains("_leftOut"))
        #expect(try directory.permissions(of: "session.har") == 0o600)
        let texts = [
            "the recording": recording, "the log": log.lines, "the status": status.text,
            "the plan": plan.text,
        ]
        let secrets = tokens + ["planted-cookie-value", "ESTSAUTH"]
        for (name, text) in texts {
            for secret in secrets { #expect(!text.contains(secret), "\(name)") }
        }
        for word in ["tempauth", "planted@person", written, host.withService({ $0.driveID() })] {
            #expect(!recording.contains(word), "\(word)")
        }
        let state = try FileManager.default.subpathsOfDirectory(
            atPath: configuration.systemDirectory)
        for name in state where name != "credentials.json" && name != "control.sock" {
            let path = URL(fileURLWithPath: configuration.systemDirectory + "/" + name)
            guard let bytes = try? Data(contentsOf: path) else { continue }
            for secret in secrets {
                #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(name)")
            }
        }
        await host.stop()
    }

    @Test("without a client there is nothing to record, and no file is made")
    func noClient() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/a.har"
        #expect(throws: ClientError.self) {
            try RecordingSession(to: file, socket: directory.path + "/control.sock")
        }
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test("files that are no recordings are refused with one message")
    func files() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("{}".utf8), to: "a.har")
        for (name, text) in [("a.har", "no HAR file"), ("b.har", "cannot be read")] {
            let preview = FixturePreview(
                directory.path + "/" + name, stateDirectory: nil,
                configuration: EngineConfiguration(host: "h", owner: 0, group: 0))
            let error = #expect(throws: ClientError.self) { try preview.report() }
            #expect(error?.description.contains(text) == true)
        }
    }

    private static func configuration(
        _ host: SimulatorHost, _ directory: String, _ name: String
    ) -> Configuration {
        var configuration = Configuration(
            clientID: AppRegistration.desktop.clientID,
            systemDirectory: "\(directory)/\(name)", mountDirectory: "\(directory)/\(name)-mount")
        configuration.cookie = cookie
        configuration.graphEndpoint = host.baseURL
        configuration.loginEndpoint = host.baseURL
        configuration.uploadDelay = .zero
        return configuration
    }

    /// Signs in beforehand; returns the tokens.
    private static func signIn(
        _ configuration: Configuration, _ host: SimulatorHost
    ) throws -> [String] {
        let tokens = host.withService { $0.issueTokens(now: host.now) }
        let directory = try SystemDirectory(preparing: configuration.systemDirectory)
        try CredentialStore(directory: directory.path).save(
            Credentials(
                clientID: configuration.clientID, refreshToken: tokens.refresh,
                accessToken: tokens.access,
                accessTokenExpires: host.now.advanced(byNanoseconds: 3_000_000_000_000),
                scope: configuration.scope))
        return [tokens.access, tokens.refresh]
    }
}

/// Holds every answer of a service back until it is opened.
private final class ServiceGate: Sendable {
    private let isOpen = DispatchSemaphore(value: 0)

    init(_ host: SimulatorHost) {
        let isHeld = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [isOpen] in
            host.withService { _ in
                isHeld.signal()
                isOpen.wait()
            }
        }
        isHeld.wait()
    }

    func open() { isOpen.signal() }
}

/// A call that blocks, in a thread of its own.
private struct Background<Value: Sendable>: Sendable {
    private let task: Task<Value, any Error>

    init(_ body: @escaping @Sendable () throws -> Value) {
        task = Task.detached {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
            }
        }
    }

    var value: Value {
        get async throws { try await task.value }
    }
}
