import Core
import Foundation
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// Bytes on their way through the mount, the content files, libcurl and the service.
@Suite(.enabled(if: TestMount.isPossible))
struct LargeUploadTests {
    private static let cookie = "ESTSAUTH=large"

    @Test("a file of several fragments arrives byte for byte, and so does its change")
    func fragments() async throws {
        let directory = try TemporaryDirectory()
        var service = GraphService(profile: .business, seed: 5)
        service.identitySettings.sessionCookie = Self.cookie
        let host = try await SimulatorHost(service: service)
        var configuration = Configuration(
            clientID: AppRegistration.desktop.clientID, systemDirectory: directory.path + "/state",
            mountDirectory: directory.path + "/mount")
        configuration.cookie = Self.cookie
        configuration.redirectURI = "http://localhost"
        configuration.graphEndpoint = host.baseURL
        configuration.loginEndpoint = host.baseURL
        configuration.uploadDelay = .zero
        let client = try await Client(configuration, log: Logger(label: "test"))
        // 35 MiB: the recommended fragment, a larger one, and a rest that is no multiple of the
        // unit. No two places hold the same bytes.
        var bytes = Data(count: (35 << 20) + 7)
        bytes.withUnsafeMutableBytes { buffer in
            for index in stride(from: 0, to: buffer.count - 8, by: 4096) {
                buffer.storeBytes(of: UInt64(index), toByteOffset: index, as: UInt64.self)
            }
        }
        let path = configuration.mountDirectory + "/large"
        let socket = SystemDirectory.controlSocketPath(in: configuration.systemDirectory)
        let problem = try await onThread { [bytes] () -> String? in
            do {
                try bytes.write(to: URL(fileURLWithPath: path))
                try Self.synchronize(socket)
                guard host.withService({ $0.content("large")?.bytes }).map({ Data($0) }) == bytes
                else { return "the cloud holds other bytes" }
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
                try file.seekToEnd()
                try file.write(contentsOf: Data("the end".utf8))
                try file.close()
                try Self.synchronize(socket)
                let there = host.withService { $0.content("large")?.bytes }.map { Data($0) }
                return there == bytes + Data("the end".utf8) ? nil : "the change has not arrived"
            } catch {
                return "\(error)"
            }
        }
        client.stop()
        await host.stop()
        #expect(problem == nil)
    }

    private static func synchronize(_ socket: String) throws {
        let answer = try ControlConnection(path: socket).ask(
            .synchronize(waits: true), path: socket)
        #expect(answer["error"] == nil)
    }
}
