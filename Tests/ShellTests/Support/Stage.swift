import Core
import Foundation
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell

/// A simulated service, and accounts of it that the program or a client in this process may use.
struct Stage {
    let directory: TemporaryDirectory
    let host: SimulatorHost
    static let cookie = "ESTSAUTH=stage"

    init(_ service: GraphService) async throws {
        var service = service
        service.identitySettings.sessionCookie = Self.cookie
        directory = try TemporaryDirectory()
        host = try await SimulatorHost(service: service)
    }

    /// Writes a configuration file with a system directory and a mount of its own.
    func account(_ name: String, _ lines: String...) throws -> Configuration {
        let text = """
            client_id: \(AppRegistration.desktop.clientID)
            redirect_uri: http://localhost
            cookie: \(Self.cookie)
            graph_endpoint: \(host.baseURL)
            login_endpoint: \(host.baseURL)
            system_directory: \(directory.path)/\(name)-state
            mount_directory: \(directory.path)/\(name)
            \(lines.joined(separator: "\n"))

            """
        try directory.write(Array(text.utf8), to: "\(name).yml")
        chmod("\(directory.path)/\(name).yml", 0o600)
        return try ConfigurationFile(
            path: "\(directory.path)/\(name).yml", environment: .current(variables: [:])
        ).configuration
    }

    func run(_ script: String) async throws -> UserScript.Outcome {
        try await UserScript.run(script, in: directory)
    }

    /// Asks a client as the command line does.
    func ask(_ configuration: Configuration, _ request: ControlRequest) async throws -> JSONValue {
        let path = SystemDirectory.controlSocketPath(in: configuration.systemDirectory)
        return try await onThread { try ControlConnection(path: path).ask(request, path: path) }
    }
}

extension Stage {
    /// Starts a client as a service manager does, and waits until it says that it is ready.
    ///
    /// What it says to people goes to `NAME.log`.
    func start(_ name: String, watchdog: Int? = nil) async throws -> Service {
        try await onThread { [directory] in
            let path = directory.path + "/\(name).notify"
            unlink(path)
            let manager = try ManagerSocket(path)
            let limit = watchdog.map { "WATCHDOG_USEC=\($0)" } ?? ""
            let child = try UserScript.start(
                """
                exec >>"\(name).log" 2>&1
                exec env NOTIFY_SOCKET="\(path)" \(limit) onedrive -c \(name).yml start
                """, named: name, in: directory)
            let service = Service(manager: manager, process: child)
            guard service.hears("READY=1") else {
                _ = service.end(SIGKILL)
                let log = String(
                    decoding: try directory.bytes(of: "\(name).log"), as: UTF8.self)
                throw NotReady(log: log)
            }
            return service
        }
    }

    struct NotReady: Error { var log: String }

    /// A client that runs in a process of its own.
    struct Service: Sendable {
        let manager: ManagerSocket
        let process: Child

        /// Waits for a message of the notify protocol.
        func hears(_ message: String) -> Bool {
            while true {
                let text = manager.receive()
                if text.isEmpty { return false }
                if text.hasPrefix(message) { return true }
            }
        }

        /// Sends a signal and waits for the end; gives the status of `waitpid(2)`.
        func end(_ signal: Int32 = SIGTERM) -> Int32 {
            kill(process.process, signal)
            return process.wait()
        }
    }
}
