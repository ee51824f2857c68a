import Glibc

/// The files of the database: how they are made, opened and set aside.
enum DatabaseFile {
    /// Makes an empty file where there is none, which nobody else may read.
    ///
    /// - Returns: Whether the file is new.
    static func make(in directory: SystemDirectory) throws(StoreError) -> Bool {
        let path = directory.path(of: .database)
        do {
            // An existing file is not opened: closing it would drop the locks of every
            // connection that this process has (sqlite.org/howtocorrupt.html, section 2.2).
            if try exists(path) { return false }
            // A log whose database is gone belongs to one that was being set aside.
            try setAside([.databaseLog, .databaseIndex], in: directory)
            _ = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
            return true
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Opens the database for writing and brings its tables up to date.
    static func open(_ path: String) throws(StoreError) -> DatabaseConnection {
        let connection = try DatabaseConnection(path: path)
        switch try Schema.age(of: connection) {
        case .current: break
        case .older: try Schema.migrate(path)
        case .newer: throw .newerSchema(path: path)
        }
        return connection
    }

    /// Makes the names of new files durable.
    static func synchronizeNames(in directory: SystemDirectory) throws(SystemCallFailure) {
        let descriptor = try Descriptor(opening: directory.path, flags: O_RDONLY | O_DIRECTORY)
        try descriptor.synchronize()
    }

    // MARK: Damaged files

    /// Moves the files of a damaged database out of the way; they are never deleted.
    ///
    /// - Returns: The new path of the database. SQLite finds its log beside it.
    static func setAside(in directory: SystemDirectory) throws(SystemCallFailure) -> String {
        try setAside([.database, .databaseLog, .databaseIndex], in: directory)
    }

    @discardableResult
    private static func setAside(
        _ entries: [SystemDirectory.Entry], in directory: SystemDirectory
    ) throws(SystemCallFailure) -> String {
        let base = try freeName(in: directory)
        for entry in entries {
            let path = directory.path(of: entry)
            guard try exists(path) else { continue }
            let suffix = entry.rawValue.dropFirst(SystemDirectory.Entry.database.rawValue.count)
            try SystemCalls.renameExclusively(at: AT_FDCWD, path, to: AT_FDCWD, base + suffix)
        }
        try synchronizeNames(in: directory)
        return base
    }

    /// The first name for a damaged database that nothing has.
    private static func freeName(in directory: SystemDirectory) throws(SystemCallFailure) -> String
    {
        var number = 1
        while true {
            let base = "\(directory.path(of: .database)).damaged-\(number)"
            if try !exists(base), try !exists(base + "-wal"), try !exists(base + "-shm") {
                return base
            }
            number += 1
        }
    }

    private static func exists(_ path: String) throws(SystemCallFailure) -> Bool {
        do {
            _ = try SystemCalls.status(at: AT_FDCWD, path, followingLinks: false)
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }
}

extension StoreError {
    init(_ failure: SystemCallFailure, path: String) {
        if failure.isNoSpace {
            self = .noSpace(path: path, detail: failure.description)
        } else if [EACCES, EPERM, EROFS].contains(failure.code) {
            self = .notPermitted(path: path, detail: failure.description)
        } else if failure.code == ENOENT {
            self = .missing(path: path)
        } else {
            self = .inputOutput(path: path, detail: failure.description)
        }
    }

    var isDamage: Bool {
        switch self {
        case .damaged: true
        case .missing, .newerSchema, .olderSchema, .noSpace, .inputOutput, .notPermitted, .busy,
            .readOnly, .closed, .database:
            false
        }
    }

    /// The same error, after the files of a damaged database were moved out of the way.
    func settingAside(in directory: SystemDirectory) -> StoreError {
        guard case .damaged(let path, let detail, nil) = self else { return self }
        do {
            return .damaged(
                path: path, detail: detail, setAside: try DatabaseFile.setAside(in: directory))
        } catch {
            return .damaged(path: path, detail: "\(detail); \(error)", setAside: nil)
        }
    }
}
