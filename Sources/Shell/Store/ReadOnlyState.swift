import Core
import Glibc

/// Reads the state without changing anything on disk, also while another process writes it.
struct ReadOnlyState {
    private let directory: SystemDirectory
    private let path: String

    /// How often a state is read again that changed while it was read.
    private static let attempts = 5

    init(_ directory: SystemDirectory) {
        self.directory = directory
        path = directory.path(of: .database)
    }

    func load() throws(StoreError) -> StoredState {
        for _ in 0..<Self.attempts {
            let before = try files()
            guard before.database != nil else { throw .missing(path: path) }
            if before.isInUse { return try read("mode=ro&readonly_shm=1") }
            // Nobody has the database open and its log is empty. An ordinary connection would make
            // a log and an index beside it; this one makes nothing, and takes no locks either, so
            // what it has read counts only if nobody came meanwhile.
            let result = Result { () throws(StoreError) in try read("immutable=1") }
            if try files() == before { return try result.get() }
        }
        throw .busy(path: path)
    }

    private func read(_ options: String) throws(StoreError) -> StoredState {
        let connection = try DatabaseConnection(path: path, readingWith: options)
        switch try Schema.age(of: connection) {
        case .current: break
        case .older: throw .olderSchema(path: path)
        case .newer: throw .newerSchema(path: path)
        }
        let reader = RecordReader(connection)
        return try reader.state()
    }

    /// What tells whether somebody uses the database, or used it meanwhile.
    private func files() throws(StoreError) -> Files {
        do {
            return Files(
                database: try status(.database), log: try status(.databaseLog),
                index: try status(.databaseIndex))
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private struct Files: Equatable {
        var database: FileStatus?
        var log: FileStatus?
        var index: FileStatus?

        /// Whether the database is open somewhere, or was when its process was killed.
        var isInUse: Bool { index != nil || (log?.size ?? 0) > 0 }
    }

    private func status(
        _ entry: SystemDirectory.Entry
    ) throws(SystemCallFailure) -> FileStatus? {
        do {
            return try SystemCalls.status(at: AT_FDCWD, directory.path(of: entry))
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }
}
