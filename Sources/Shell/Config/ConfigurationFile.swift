import Core
import Glibc

/// A configuration file on the disk.
package struct ConfigurationFile: Sendable {
    package let configuration: Configuration
    /// What the user should know although the program can start.
    package let warnings: [String]

    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - path: Absolute, or relative to the working directory.
    ///   - environment: Where the program runs.
    /// - Throws: Why there is no configuration.
    package init(
        path: String, environment: ConfigurationEnvironment
    ) throws(ConfigurationFileFailure) {
        let (bytes, mode) = try Self.read(path)
        let document: YAMLNode?
        do {
            document = try YAMLReader.read(bytes)
        } catch {
            throw .invalid(file: path, [error])
        }
        switch Configuration.interpret(document, in: environment) {
        case .failure(let failure): throw .invalid(file: path, failure.problems)
        case .success(var configuration):
            configuration.file = environment.absolute(path)
            self.configuration = configuration
        }
        let isOpenToOthers = mode & (S_IRWXG | S_IRWXO) != 0
        warnings =
            configuration.holdsSecret && isOpenToOthers
            ? [
                "\(path) holds a secret and other users may read it: chmod 600 \(path)"
            ] : []
    }

    /// The file that is read when the command line names none.
    package static func standardPath(environment variables: [String: String]) -> String {
        let home = variables["HOME"] ?? ""
        let folder = variables["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (folder ?? home + "/.config") + "/onedrive/config.yml"
    }

    private static func read(
        _ path: String
    ) throws(ConfigurationFileFailure) -> (bytes: [UInt8], mode: mode_t) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errorNumber: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, errorNumber: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(
                path: path, errorNumber: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        // One byte more than is allowed tells a file that is too long.
        while bytes.count <= YAMLReader.sizeLimit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, errorNumber: errno) }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return (bytes, status.st_mode)
    }
}

/// Why there is no configuration.
package enum ConfigurationFileFailure: Error, Hashable, Sendable {
    case unreadable(path: String, errorNumber: Int32)
    /// At least one problem, in the order of the file.
    case invalid(file: String, [ConfigurationProblem])

    /// The failure as lines for the user.
    package var lines: [String] {
        switch self {
        case .unreadable(let path, ENOENT):
            [
                "\(path): No such file or directory; a configuration needs at least a line "
                    + "'client_id: …' (see 'The real thing' in the README); 'onedrive start --demo' "
                    + "works without one"
            ]
        case .unreadable(let path, let errorNumber):
            ["\(path): \(String(cString: strerror(errorNumber)))"]
        case .invalid(let file, let problems):
            problems.map { $0.text(file: file) }
        }
    }
}

extension ConfigurationEnvironment {
    /// Where this process runs.
    ///
    /// - Parameter variables: Its environment variables.
    /// - Returns: Its home, its working directory and its data directory.
    package static func current(variables: [String: String]) -> ConfigurationEnvironment {
        let home = variables["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/"
        let data = variables["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let working = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "/"
        return ConfigurationEnvironment(
            homeDirectory: home, workingDirectory: working,
            dataDirectory: data ?? home + "/.local/share")
    }
}
