import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Synchronization
import Testing

/// A client as a user runs it: the program, a configuration, a mount, and a simulated service.
///
/// By itself it does nothing for a long time after the start, neither polling nor uploading, so that
/// tests say when something happens: with `sync --wait`.
final class ClientWorld: Sendable {
    let host: SimulatorHost
    /// Where everything lies.
    let path: String
    private let directory: TemporaryDirectory
    private let settings: [String: String]
    private let running = Mutex<ClientProcess?>(nil)

    var mount: String { path + "/OneDrive" }
    var state: String { path + "/state" }
    var configuration: String { path + "/config.yml" }

    static let cookie = "ESTSAUTH=test"

    private init(_ host: SimulatorHost, _ settings: [String: String]) throws {
        self.host = host
        self.settings = settings
        directory = try TemporaryDirectory()
        path = try directory.canonicalPath()
        try Calls.make(path + "/home")
        try configure()
    }

    /// Runs the body on a thread of its own, with a client that is mounted.
    ///
    /// - Parameters:
    ///   - service: The service to begin with.
    ///   - settings: Keys of the configuration that differ from those of tests.
    ///   - isStarted: Whether the client is started.
    ///   - body: The test. It may block.
    /// - Throws: What the body throws, and why there is no client.
    static func with(
        _ service: GraphService = GraphService(profile: .business, seed: 7),
        settings: [String: String] = [:], isStarted: Bool = true,
        _ body: @escaping @Sendable (ClientWorld) throws -> Void
    ) async throws {
        await Turns.ofClients.take()
        var service = service
        service.identitySettings.sessionCookie = cookie
        let host = try await SimulatorHost(service: service)
        let result = await Result {
            try await onThread {
                let world = try ClientWorld(host, settings)
                defer { world.end() }
                if isStarted { try world.start() }
                try body(world)
            }
        }
        await host.stop()
        await Turns.ofClients.giveBack()
        try result.get()
    }

    /// Runs the body with one client more of the same service, which has a mount and a state of its
    /// own.
    func withAnother(
        settings changes: [String: String] = [:], _ body: (ClientWorld) throws -> Void
    ) throws {
        let other = try ClientWorld(host, settings.merging(changes) { $1 })
        defer { other.end() }
        try other.start()
        try body(other)
    }

    /// Writes the configuration: that of the world, but for these keys; an empty value leaves a key out.
    func configure(_ changes: [String: String] = [:]) throws {
        var keys = [
            "client_id": AppRegistration.desktop.clientID, "redirect_uri": "http://localhost",
            "cookie": Self.cookie, "graph_endpoint": host.baseURL,
            "login_endpoint": host.baseURL, "system_directory": state, "mount_directory": mount,
            "poll_interval": "7d", "upload_delay": "1h", "log_level": "INFO",
        ]
        keys.merge(settings) { $1 }
        keys.merge(changes) { $1 }
        let text = keys.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\($0): \($1)\n" }.joined()
        try Calls.write(Array(text.utf8), to: configuration)
        chmod(configuration, 0o600)
    }

    // MARK: The client

    /// Starts the client, with these variables beside those of tests.
    func start(variables: [String: String] = [:]) throws {
        let process = try ClientProcess(
            [Self.program, "-c", configuration, "start"], in: path,
            environment: environment.merging(variables) { $1 })
        running.withLock { $0 = process }
    }

    /// Starts the client where there is no network: nothing listens where the service should be.
    func startOffline() throws {
        try configure([
            "graph_endpoint": "http://127.0.0.1:1", "login_endpoint": "http://127.0.0.1:1",
        ])
        try start()
    }

    /// Starts the client with a network again.
    func startOnline() throws {
        try configure()
        try start()
    }

    /// Asks the client to end, and expects it to end well.
    func stop() throws {
        let status = try running.withLock { process in
            defer { process = nil }
            return try process?.stop()
        }
        #expect(status == 0)
        #expect(!isMounted)
    }

    /// Ends the client as a crash would, and, unless others are connected to it, waits until the
    /// service has done what it was asked.
    func kill(isAlone: Bool = true) {
        running.withLock { process in
            process?.kill()
            process = nil
        }
        if isAlone { #expect(host.wait { !hasConnections }) }
    }

    /// Kills the client, which cannot end, and leaves it to whoever waits for it.
    func abandon() {
        let process = running.withLock { running in
            defer { running = nil }
            return running?.process
        }
        if let process { Glibc.kill(process, SIGKILL) }
    }

    /// Whether somebody is connected to the service, be it that it has not noticed yet.
    private var hasConnections: Bool {
        let table = (try? Calls.read("/proc/self/net/tcp")) ?? []
        // See proc_pid_net(5): local address, remote address, state; ESTABLISHED or CLOSE_WAIT.
        let port = String(host.port, radix: 16, uppercase: true)
        let local = ":" + String(repeating: "0", count: 4 - port.count) + port
        return table.split(separator: UInt8(ascii: "\n")).contains { line in
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            return words.count > 3 && words[1].hasSuffix(local) && ["01", "08"].contains(words[3])
        }
    }

    var log: String { running.withLock { $0?.log ?? "" } }

    /// The process of the client.
    var process: pid_t? { running.withLock { $0?.process } }

    /// Whether something is mounted there.
    var isMounted: Bool {
        let table = (try? Calls.read("/proc/self/mountinfo")) ?? []
        return MountTable(table).top(at: mount) != nil
    }

    private func end() {
        running.withLock { process in
            if let process {
                let status = try? process.stop()
                #expect(status == 0, "the client ended badly: \(process.log)")
            }
            process = nil
        }
        if isMounted {
            _ = try? Program.run(["fusermount3", "-u", "-z", mount], in: "/")
        }
    }

    // MARK: The command line

    /// The program, which is built beside the tests.
    static let program: String = {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = max(0, readlink("/proc/self/exe", &path, path.count))
        let tests = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return tests.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/onedrive"
    }()

    var environment: [String: String] { ["HOME": path + "/home"] }

    /// Runs `onedrive -c CONFIGURATION …`.
    func onedrive(_ arguments: String...) throws -> Finished {
        try Program.run(
            [Self.program, "-c", configuration] + arguments, in: path, environment: environment)
    }

    /// Runs a script inside the mount, and expects it to succeed.
    @discardableResult
    func shell(
        _ script: String, limit: Int = 120, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let finished = try Program.run(
            ["sh", "-euc", script], in: mount, environment: environment, limit: limit)
        #expect(
            finished.status == 0, "\(script): \(finished.errors)", sourceLocation: sourceLocation)
        return finished.output
    }

    /// Has the client ask the service for changes now, and does not wait for them.
    func lookForChanges() throws {
        let path = SystemDirectory.controlSocketPath(in: state)
        _ = try ControlConnection(path: path).ask(.synchronize(waits: false), path: path)
    }

    /// Waits until both sides agree.
    func synchronize(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let finished = try onedrive("sync", "--wait")
        guard finished.status != 0 else { return }
        let status = try onedrive("status").output
        Issue.record(
            "sync: \(finished.status) \(finished.errors)\(status)\(log)",
            sourceLocation: sourceLocation)
    }

    /// Lets both sides come to agree, and expects that the mount and the cloud hold the same tree,
    /// byte for byte, but for what stays on this device.
    func expectAgreement(
        leavingOut isLocalOnly: (String) -> Bool = { _ in false },
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try synchronize(sourceLocation: sourceLocation)
        var here = try FileTree(below: mount)
        here.leaveOut(isLocalOnly)
        let there = host.withService { FileTree(of: $0) }
        let differences = here.differences(from: there)
        guard !differences.isEmpty else { return }
        let status = try onedrive("status").output
        Issue.record("\(differences) \(status)\(log)", sourceLocation: sourceLocation)
    }

    // MARK: The cloud

    /// The item at a path.
    func id(_ path: String) -> String? { host.withService { $0.entry(path)?.id } }

    func cloudText(_ path: String) -> String? {
        host.withService { service in
            service.content(path).map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    /// Does what another client does.
    func elsewhere(
        _ change: (inout GraphService, Timestamp) throws(RemoteChangeRefused) -> Void
    ) throws {
        let now = host.now
        try host.withService { service in try change(&service, now) }
    }

    /// The text of a file on the mount.
    func text(_ path: String) throws -> String {
        String(decoding: try Calls.read("\(mount)/\(path)"), as: UTF8.self)
    }
}

extension Calls {
    static func make(_ directory: String) throws(PosixError) {
        _ = try check(Int(mkdir(directory, 0o755)))
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous body returns or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
