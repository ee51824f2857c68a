import Core
import Glibc

/// The file that keeps the tokens, readable by its owner only and replaced as a whole.
package struct CredentialStore: Sendable {
    /// The largest file that is believed, in bytes.
    ///
    /// Tokens have a few kilobytes.
    private static let sizeLimit = 1 << 20

    private let directory: String

    /// Keeps the tokens in a folder, which exists.
    package init(directory: String) {
        self.directory = directory
    }

    private var path: String { directory + "/credentials.json" }
    private var newPath: String { path + ".new" }

    /// Reads the tokens, or returns nil if nobody is signed in.
    ///
    /// A file that others may read is closed to them first.
    package func load() throws(CredentialStoreFailure) -> Credentials? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("fstat") }
        if status.st_mode & (S_IRWXG | S_IRWXO) != 0, fchmod(descriptor, 0o600) != 0 {
            throw failure("fchmod")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read") }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            guard bytes.count <= Self.sizeLimit else { throw .damaged(path: path) }
        }
        guard let json = try? JSONValue(parsing: bytes), let credentials = Credentials(json: json)
        else { throw .damaged(path: path) }
        return credentials
    }

    /// Replaces the tokens.
    ///
    /// When it returns they survive a loss of power.
    package func save(_ credentials: Credentials) throws(CredentialStoreFailure) {
        // What a crash left behind; a symbolic link of somebody else is not followed either.
        unlink(newPath)
        let descriptor = open(
            newPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        do throws(CredentialStoreFailure) {
            defer { close(descriptor) }
            try write(credentials.json.serialized(pretty: true), to: descriptor)
            guard fsync(descriptor) == 0 else { throw failure("fsync") }
        } catch {
            unlink(newPath)
            throw error
        }
        guard rename(newPath, path) == 0 else { throw failure("rename") }
        try syncDirectory()
    }

    /// Forgets the tokens.
    package func remove() throws(CredentialStoreFailure) {
        unlink(newPath)
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink") }
        try syncDirectory()
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(CredentialStoreFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write") }
            rest = rest.dropFirst(count)
        }
    }

    private func syncDirectory() throws(CredentialStoreFailure) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
    }

    private func failure(_ operation: String) -> CredentialStoreFailure {
        .system(operation: operation, path: path, errorNumber: errno)
    }
}

/// Why tokens could not be read or written.
package enum CredentialStoreFailure: Error, Hashable, Sendable {
    case system(operation: String, path: String, errorNumber: Int32)
    /// The file holds something else; signing in again replaces it.
    case damaged(path: String)
}

extension CredentialStoreFailure: CustomStringConvertible {
    /// What happened and what the user can do about it.
    package var description: String {
        switch self {
        case .system(let operation, let path, let errorNumber):
            "\(path): \(operation): \(String(cString: strerror(errorNumber)))"
        case .damaged(let path): "\(path) is damaged: run 'onedrive login'"
        }
    }
}
