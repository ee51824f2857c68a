import Core
import Synchronization

/// Everything that must survive the program, in one SQLite database.
///
/// A commit is in the write-ahead log when it returns: it survives the end of the program, however
/// sudden. It survives a power failure from the next ``sync()`` on.
package final class StateStore: Sendable {
    /// What may be done with the state.
    package enum Mode: Hashable, Sendable {
        case readWrite
        /// Nothing on disk changes, even while another process writes.
        case readOnly
    }

    /// The path of the database.
    package let path: String
    private let directory: SystemDirectory
    /// Nil where the state is only read.
    private let database: StateDatabase?
    private let pending = Mutex(PendingChanges())

    /// Opens the state; one that may be written is made where it is missing.
    ///
    /// - Parameters:
    ///   - directory: Where the database lies.
    ///   - mode: Whether it may be written.
    ///   - report: Called, from any thread, with what failed while nobody was waiting: the log
    ///     could not be moved into the database. Nothing is lost by it; the log grows.
    /// - Throws: ``StoreError/damaged(path:detail:setAside:)`` when the file is not what was
    ///   written. If it says that the file was set aside, opening again gives an empty state.
    package init(
        directory: SystemDirectory, mode: Mode,
        report: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) throws(StoreError) {
        self.directory = directory
        path = directory.path(of: .database)
        switch mode {
        case .readOnly:
            database = nil
        case .readWrite:
            do {
                database = try StateDatabase(directory: directory, report: report)
            } catch {
                throw error.settingAside(in: directory)
            }
        }
    }

    /// Everything that the database holds, nodes and generations in the order of their ids.
    package func load() throws(StoreError) -> StoredState {
        guard let database else { return try ReadOnlyState(directory).load() }
        do {
            return try database.load()
        } catch {
            guard error.isDamage else { throw error }
            database.close()
            throw error.settingAside(in: directory)
        }
    }

    // MARK: Writing

    /// Writes changes in one transaction, after all that was handed in before.
    ///
    /// - Throws: What kept them from being written. They stay pending then, and the next commit
    ///   writes them first.
    package func commit(_ changes: [RecordChange]) throws(StoreError) {
        try wait(for: enqueue(changes))
    }

    /// Hands in changes that a later ``wait(for:)``, ``commit(_:)`` or ``flush()`` writes.
    ///
    /// Does nothing but append to a list.
    package func enqueue(_ changes: [RecordChange]) -> CommitTicket {
        pending.withLock { $0.append(changes) }
    }

    /// Returns when everything up to the ticket is written.
    ///
    /// The first of several waiters writes all that is pending in one transaction, in the order in
    /// which it was handed in.
    package func wait(for ticket: CommitTicket) throws(StoreError) {
        guard let database else { throw .readOnly(path: path) }
        let arrival = pending.withLock { pending in
            pending.isCommitted(ticket) ? nil : pending.arrival
        }
        guard let arrival else { return }
        try database.exclusively { commit throws(StoreError) in
            switch pending.withLock({ $0.outcome(of: ticket, since: arrival) }) {
            case .committed: return
            case .failed(let error): throw error
            case .pending: break
            }
            let attempt = pending.withLock { $0.begin() }
            do throws(StoreError) {
                try commit(attempt.batches)
            } catch {
                pending.withLock { $0.fail(attempt, with: error) }
                throw error
            }
            pending.withLock { $0.succeed(attempt) }
        }
    }

    /// Writes all that is pending.
    package func flush() throws(StoreError) {
        try wait(for: pending.withLock(\.last))
    }

    /// How many changes wait to be written: more than a few only while the disk refuses them.
    package var pendingCount: Int { pending.withLock(\.count) }

    /// Writes all that is pending and makes it durable.
    ///
    /// It is enough to synchronise the log: what a checkpoint has moved from there into the
    /// database was synchronised by the checkpoint, both files in turn
    /// (sqlite.org/wal.html, section 3.2).
    package func sync() throws(StoreError) {
        guard let database else { throw .readOnly(path: path) }
        try flush()
        try database.synchronizeLog()
    }

    /// Writes all that is pending and closes the database.
    ///
    /// Nothing may be written afterwards. Where the disk refuses what is pending, the database
    /// stays open.
    package func close() throws(StoreError) {
        guard let database else { return }
        try flush()
        database.close()
    }
}
