import Glibc

/// The directory that holds everything a client keeps on this device.
///
/// It belongs to the user alone: content, state, socket and credentials are for nobody else.
package struct SystemDirectory: Hashable, Sendable {
    package let path: String
    /// What was open to others and is not any more.
    package let repaired: [String]

    /// Makes the directory where it is missing, and takes the permissions of others away.
    package init(preparing path: String) throws(SystemDirectoryError) {
        try Self.makeDirectory(path)
        let descriptor = try Self.open(path)
        let status = try Self.attempt(path) { () throws(SystemCallFailure) in
            try descriptor.status()
        }
        guard status.owner == geteuid() else {
            throw .foreign(path: path, owner: status.owner)
        }
        var repaired: [String] = []
        if status.permissions & 0o777 != 0o700 {
            try Self.attempt(path) { () throws(SystemCallFailure) in
                try SystemCalls.changePermissions(descriptor.rawValue, 0o700)
            }
            repaired.append(path)
        }
        for entry in Entry.allCases {
            let isRepaired = try Self.attempt("\(path)/\(entry.rawValue)") {
                () throws(SystemCallFailure) in try Self.repair(entry, in: descriptor.rawValue)
            }
            if isRepaired { repaired.append("\(path)/\(entry.rawValue)") }
        }
        do {
            try SystemCalls.checkWritable(path)
        } catch {
            throw .notWritable(path: path, error)
        }
        self.path = path
        self.repaired = repaired
    }

    /// Names a directory that is there, and changes nothing.
    package init(existing path: String) throws(SystemDirectoryError) {
        _ = try Self.open(path)
        self.path = path
        repaired = []
    }

    /// The path of one of its entries.
    package func path(of entry: Entry) -> String { "\(path)/\(entry.rawValue)" }

    /// What lies in the directory.
    package enum Entry: String, CaseIterable, Sendable {
        case database = "state.sqlite"
        case databaseLog = "state.sqlite-wal"
        case databaseIndex = "state.sqlite-shm"
        case content
        case quarantine
        case credentials = "credentials.json"
        case socket = "control.sock"
        case lock = "onedrive.lock"
        case reserve

        fileprivate var permissions: UInt32 {
            switch self {
            case .content, .quarantine: 0o700
            case .database, .databaseLog, .databaseIndex, .credentials, .socket, .lock, .reserve:
                0o600
            }
        }
    }

    /// Makes a directory and those above it.
    private static func makeDirectory(_ path: String) throws(SystemDirectoryError) {
        do {
            try SystemCalls.makeDirectory(at: AT_FDCWD, path, mode: 0o700)
        } catch {
            switch error.code {
            case EEXIST: return
            case ENOENT:
                guard let parent = parent(of: path) else { throw .failed(path: path, error) }
                try makeDirectory(parent)
                try attempt(path) { () throws(SystemCallFailure) in
                    try SystemCalls.makeDirectory(at: AT_FDCWD, path, mode: 0o700)
                }
            case EACCES, EPERM, EROFS: throw .notWritable(path: path, error)
            default: throw .failed(path: path, error)
            }
        }
        // The new name must survive a power failure, or all below it is lost.
        guard let parent = parent(of: path) else { return }
        let descriptor = try open(parent)
        try attempt(parent) { () throws(SystemCallFailure) in try descriptor.synchronize() }
    }

    private static func parent(of path: String) -> String? {
        let trimmed = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        let rest = trimmed.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
        if rest.isEmpty {
            let isRelative = !path.utf8.contains(UInt8(ascii: "/")) && !path.isEmpty
            return isRelative ? "." : (trimmed.isEmpty ? nil : "/")
        }
        return String(decoding: Array(rest.reversed()), as: UTF8.self)
    }

    private static func open(_ path: String) throws(SystemDirectoryError) -> Descriptor {
        do {
            return try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
        } catch {
            switch error.code {
            case ENOENT: throw .missing(path: path)
            case ENOTDIR: throw .notDirectory(path: path)
            default: throw .failed(path: path, error)
            }
        }
    }

    /// Takes the permissions of others away from one entry, if it is there.
    ///
    /// By name: a descriptor of the database must not be closed in a process that has the database
    /// open, since that drops the locks of all its connections (sqlite.org/howtocorrupt.html,
    /// section 2.2).
    private static func repair(
        _ entry: Entry, in directory: Int32
    ) throws(SystemCallFailure) -> Bool {
        do {
            let status = try SystemCalls.status(
                at: directory, entry.rawValue, followingLinks: false)
            guard status.isDirectory || status.isRegular || entry == .socket,
                status.permissions & 0o077 != 0
            else { return false }
            try SystemCalls.changePermissions(at: directory, entry.rawValue, entry.permissions)
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    private static func attempt<Value>(
        _ path: String, _ body: () throws(SystemCallFailure) -> Value
    ) throws(SystemDirectoryError) -> Value {
        do { return try body() } catch { throw .failed(path: path, error) }
    }
}

/// Why the system directory cannot be used.
package enum SystemDirectoryError: Error, Hashable, Sendable {
    case missing(path: String)
    case notDirectory(path: String)
    /// It belongs to another user.
    case foreign(path: String, owner: UInt32)
    case notWritable(path: String, SystemCallFailure)
    case failed(path: String, SystemCallFailure)
}

extension SystemDirectoryError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path):
            "\(path): there is no such directory; 'onedrive start' makes it"
        case .notDirectory(let path):
            "\(path): not a directory; set 'system_directory' to another path"
        case .foreign(let path, let owner):
            "\(path): belongs to user \(owner), not to you; set 'system_directory' to a "
                + "directory of your own"
        case .notWritable(let path, let failure):
            "\(path): cannot be written (\(failure)); set 'system_directory' to a directory "
                + "where you may write"
        case .failed(let path, let failure):
            "\(path): \(failure)"
        }
    }
}
