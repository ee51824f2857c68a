import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Logging
import Shell
import Testing

/// A client with its mount, and the simulated service behind a port: everything but the account is
/// real.
final class MountedClient: Sendable {
    let host: SimulatorHost
    /// Where the drive appears.
    let mount: String
    /// Where the client keeps its state.
    let state: String
    private let client: Client
    private let directory: TemporaryDirectory

    private static let cookie = "ESTSAUTH=mounted"

    private init(
        _ service: GraphService, _ configure: (inout Configuration) -> Void
    ) async throws {
        directory = try TemporaryDirectory()
        var service = service
        service.identitySettings.sessionCookie = Self.cookie
        host = try await SimulatorHost(service: service)
        var configuration = Configuration(
            clientID: AppRegistration.desktop.clientID, systemDirectory: directory.path + "/state",
            mountDirectory: directory.path + "/mount")
        configuration.cookie = Self.cookie
        configuration.redirectURI = "http://localhost"
        configuration.graphEndpoint = host.baseURL
        configuration.loginEndpoint = host.baseURL
        configuration.uploadDelay = .zero
        configuration.keepFree = 0
        configure(&configuration)
        mount = configuration.mountDirectory
        state = configuration.systemDirectory
        do {
            client = try await Client(configuration, log: Logger(label: "test"))
        } catch {
            await host.stop()
            throw error
        }
    }

    /// Runs the body on a thread that may block, and stops everything after it.
    static func with(
        _ service: GraphService = GraphService(profile: .business, seed: 5),
        configure: (inout Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (MountedClient) throws -> Void
    ) async throws {
        let mounted = try await MountedClient(service, configure)
        let result: Result<Void, any Error>
        do {
            try await onThread { try body(mounted) }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        mounted.client.stop()
        await mounted.host.stop()
        try result.get()
    }

    // MARK: What is asked

    @discardableResult
    func ask(_ request: ControlRequest) throws -> JSONValue {
        let socket = SystemDirectory.controlSocketPath(in: state)
        return try ControlConnection(path: socket).ask(request, path: socket)
    }

    /// Waits until both sides agree.
    func synchronize() throws {
        #expect(try ask(.synchronize(waits: true))["error"] == nil)
    }

    /// Carries out an order about one file; the answer.
    @discardableResult
    func order(_ order: ContentOrder, _ name: String) throws -> JSONValue {
        let node = NodeID(rawValue: UInt64(try Calls.stat(path(name)).st_ino))
        let answer = try ask(.content(order, [node]))
        return try #require(answer["results"]?.array?.first)
    }

    /// Whether the bytes of a file are here: `hydrated`, `partial` or `placeholder`, or `dirty`.
    func presence(_ name: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = try ExtendedAttributeCalls().getxattr(
            path(name), "user.onedrive.state", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Waits until something is so; gives up after a minute.
    func wait(_ what: String, _ isSo: () throws -> Bool) throws {
        let came = try host.wait(until: isSo)
        if !came { Issue.record("it does not come to that: \(what)") }
    }

    // MARK: Files

    func path(_ name: String) -> String { "\(mount)/\(name)" }

    /// What the content files take on the disk, in bytes.
    func contentSize() throws -> Int64 {
        var total: Int64 = 0
        let files = FileManager.default.enumerator(atPath: state + "/content")
        while let name = files?.nextObject() as? String {
            var status = Glibc.stat()
            guard lstat("\(state)/content/\(name)", &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            total += Int64(status.st_blocks) * 512
        }
        return total
    }

    /// How often the service was asked for something since the start.
    func count(_ operation: GraphSimulator.Operation) -> Int {
        host.withService { $0.log.count(operation) }
    }

    /// Bytes that differ from place to place and from file to file.
    static func bytes(_ count: Int, seed: UInt8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) ^ seed }
    }
}
