import Foundation

/// The program itself, mounted on a simulated drive.
final class Product {
    let mount: String
    let system: String
    private let stage: Stage
    private let configuration: String
    private(set) var process: ChildProcess?

    /// Writes a configuration and signs in, but does not start.
    ///
    /// What it stores goes below `store`, or else beside everything else.
    init(
        on stage: Stage, _ simulator: Simulator, settings: [String] = [], store: String? = nil
    ) throws {
        self.stage = stage
        let directory = try stage.makeDirectory("product")
        // As deep as the mounts and directories that it is compared with.
        mount = try stage.makeDirectory("mount")
        system = (store ?? directory) + "/state"
        configuration = directory + "/config.yml"
        let lines =
            [
                "client_id: 5d0b0a1e-6c1f-4a0a-9f43-1f2d3c4b5a69",
                "redirect_uri: http://localhost", "cookie: ESTSAUTH=demo",
                "graph_endpoint: \(simulator.url)", "login_endpoint: \(simulator.url)",
                "system_directory: \(system)", "mount_directory: \(mount)",
                "log_level: NOTICE",
            ] + settings
        try (lines.joined(separator: "\n") + "\n")
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        chmod(configuration, 0o600)
        try command("login")
    }

    /// Starts it and waits until the mount is there.
    func start() throws {
        let process = try stage.start(
            stage.options.binary, ["-c", configuration, "start"], named: "product")
        self.process = process
        try stage.awaitMount(at: mount, by: process)
    }

    func stop(_ signal: Int32 = SIGTERM) {
        process?.stop(signal)
        process = nil
    }

    @discardableResult
    func command(_ words: String...) throws -> String {
        try ChildProcess.run(stage.options.binary, ["-c", configuration] + words)
    }

    /// Waits until the log says that the whole drive was told; asks nothing meanwhile.
    func awaitEnumeration() throws {
        try wait(for: "the enumeration", within: .seconds(300)) {
            guard let process, process.isRunning else { throw Problem("the program has ended") }
            return process.text.contains("is listed completely")
        }
    }

    /// The file with the state.
    var database: String { system + "/state.sqlite" }

    /// A part of what `status --json` says.
    struct Status: Decodable {
        let enumerated: Bool
        let items: Int
        let pending: Int
    }

    func status() throws -> Status {
        try JSONDecoder().decode(Status.self, from: Data(command("status", "--json").utf8))
    }

    /// Waits until the whole drive was told and nothing is under way.
    func settle() throws {
        try wait(for: "the enumeration", within: .seconds(120)) {
            let isKnown = try status().enumerated
            if !isKnown { usleep(50_000) }
            return isKnown
        }
        try command("sync", "--wait")
    }

    /// The content files that hold the bytes.
    var contentFiles: [String] {
        let root = system + "/content"
        let names = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
        return names.map { root + "/" + $0 }.filter {
            var status = stat()
            return lstat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }
}
