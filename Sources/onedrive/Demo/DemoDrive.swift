import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell

/// A simulated drive in this process, with a configuration that leads to it.
struct DemoDrive {
    /// What stands for a browser that is signed in to the simulated service.
    static let cookie = "ESTSAUTH=demo"

    let host: SimulatorHost
    let configuration: Configuration
    private let configurationPath: String

    /// Starts the service.
    ///
    /// What an earlier demo left in the directory goes: its drive is gone, too.
    init(directory: String) async throws(ClientError) {
        let directory = Self.absolute(directory)
        try Self.clear(directory)
        var service = GraphService.demo()
        service.identitySettings.sessionCookie = Self.cookie
        do {
            host = try await SimulatorHost(service: service)
        } catch {
            throw ClientError(.unavailable, "the simulated service cannot start: \(error)")
        }
        configurationPath = directory + "/config.yml"
        let text = Self.configurationText(baseURL: host.baseURL, directory: directory)
        do throws(ClientError) {
            try Self.write(text, to: configurationPath)
            configuration = try Self.read(configurationPath)
        } catch {
            await host.stop()
            throw error
        }
    }

    /// What the configuration file says now; nil if there is a mistake in it, which is told.
    func configurationAgain(tell: (ClientError) -> Void) -> Configuration? {
        do throws(ClientError) {
            return try Self.read(configurationPath)
        } catch {
            tell(error)
            return nil
        }
    }

    static func configurationText(baseURL: String, directory: String) -> String {
        """
        # A configuration for the simulated drive.
        client_id: \(AppRegistration.desktop.clientID)
        redirect_uri: http://localhost
        cookie: \(cookie)
        graph_endpoint: \(baseURL)
        login_endpoint: \(baseURL)
        system_directory: \(directory)/state
        mount_directory: \(directory)/OneDrive
        poll_interval: 2s
        upload_delay: 1s

        """
    }

    /// What a new user should know and try.
    var introduction: String {
        let mount = configuration.mountDirectory
        // As it was called: after `make demo` it is not yet where the shell looks for programs.
        let program = CommandLine.arguments.first ?? "onedrive"
        return """

            A simulated OneDrive is mounted on

              \(mount)

            Try, in another terminal:

              ls -lR \(mount) | head
              cat \(mount)/Welcome.md
              echo hello > \(mount)/hello.txt
              \(program) -c \(configurationPath) status
              \(program) -c \(configurationPath) plan --dry-run
              \(program) -c \(configurationPath) sync --wait

            Be another client, and look again:

              curl -X POST \(host.baseURL)/simulator/mutate -d \
            '[{"op": "write", "path": "from-elsewhere.txt", "text": "hello"}]'

            Ctrl-C unmounts and ends it. Nothing outside \(configurationPath.dropLast(11)) is touched.

            """
    }

    // MARK: Files

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let working = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? ""
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return working + "/" + relative
    }

    /// Makes the directory, or empties what an earlier demo made; anything else stays and is
    /// complained about.
    private static func clear(_ directory: String) throws(ClientError) {
        guard mkdir(directory, 0o700) != 0 else { return }
        guard errno == EEXIST else {
            throw ClientError(
                .cannotWrite, "\(directory): cannot be made: \(String(cString: strerror(errno)))")
        }
        let state = directory + "/state"
        guard access(directory + "/config.yml", F_OK) == 0 || rmdir(directory) == 0 else {
            throw ClientError(
                .cannotWrite,
                "\(directory): is not empty and not of a demo; choose another --directory")
        }
        mkdir(directory, 0o700)
        guard access(state, F_OK) == 0 else { return }
        let lock = try Client.attempt(.alreadyRunning) { () throws(InstanceLockError) in
            try InstanceLock(in: try Self.existing(state))
        }
        lock.release()
        guard FileTree.remove(state) else {
            throw ClientError(.cannotWrite, "\(state): what an earlier demo left cannot be removed")
        }
    }

    private static func existing(_ path: String) throws(InstanceLockError) -> SystemDirectory {
        do throws(SystemDirectoryError) {
            return try SystemDirectory(existing: path)
        } catch {
            throw .held(path: path, process: nil)
        }
    }

    private static func write(_ text: String, to path: String) throws(ClientError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClientError(
                .cannotWrite, "\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        Terminal.write(text, to: descriptor)
    }

    private static func read(_ path: String) throws(ClientError) -> Configuration {
        do throws(ConfigurationFileFailure) {
            let variables = Environment.variables
            return try ConfigurationFile(path: path, environment: .current(variables: variables))
                .configuration
        } catch {
            throw ClientError(.configuration, error.lines.joined(separator: "\n"))
        }
    }
}
