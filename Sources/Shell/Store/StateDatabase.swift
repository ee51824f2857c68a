import Core
import Glibc
import Synchronization

/// The connection that writes the state, and what keeps its log short.
final class StateDatabase: Sendable {
    /// Writes batches of changes in one transaction.
    typealias Commit = ([[RecordChange]]) throws(StoreError) -> Void

    private let path: String
    /// Nil once closed.
    private let access: Mutex<Access?>
    private let checkpointer: Checkpointer
    private let log: DatabaseLog

    /// What one thread at a time uses.
    private struct Access {
        let connection: DatabaseConnection
        let writer: RecordWriter
    }

    /// Opens the database, makes it where it is missing, and brings its tables up to date.
    init(
        directory: SystemDirectory, report: @escaping @Sendable (StoreError) -> Void
    ) throws(StoreError) {
        let path = directory.path(of: .database)
        let checkpointer = Checkpointer(path: path, report: report)
        let isNew = try DatabaseFile.make(in: directory)
        access = Mutex(try Self.open(path, watchedBy: checkpointer))
        do throws(SystemCallFailure) {
            log = try DatabaseLog(in: directory)
            if isNew { try DatabaseFile.synchronizeNames(in: directory) }
        } catch {
            throw StoreError(error, path: path)
        }
        self.path = path
        self.checkpointer = checkpointer
        checkpointer.pause { [log] in log.isDoubtful }
    }

    private static func open(
        _ path: String, watchedBy checkpointer: Checkpointer
    ) throws(StoreError) -> Access {
        let connection = try DatabaseFile.open(path)
        checkpointer.watch(connection)
        return Access(connection: connection, writer: try RecordWriter(connection))
    }

    deinit {
        close()
    }

    func load() throws(StoreError) -> StoredState {
        try access.withLock { access throws(StoreError) in
            guard let access else { throw .closed(path: path) }
            let reader = RecordReader(access.connection)
            return try reader.state()
        }
    }

    /// Lends the means to write to one caller at a time.
    func exclusively(_ body: (Commit) throws(StoreError) -> Void) throws(StoreError) {
        try access.withLock { access throws(StoreError) in
            guard let access else { throw .closed(path: path) }
            try body { batches throws(StoreError) in try access.writer.commit(batches) }
            // Here nobody commits, so it ends with the log.
            if checkpointer.isUrgent { checkpointer.finish(on: access.connection) }
        }
    }

    /// Makes durable what the log holds.
    func synchronizeLog() throws(StoreError) {
        try log.synchronize { body throws(SystemCallFailure) in
            try access.withLock { _ throws(SystemCallFailure) in try body() }
        }
    }

    /// Closes the connections; the last one moves the log into the database.
    func close() {
        if log.isDoubtful { try? synchronizeLog() }
        access.withLock { $0 = nil }
        checkpointer.stop()
    }
}
