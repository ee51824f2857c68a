import Dispatch
import GRDBSQLite
import Synchronization

/// Moves the log into the database when it has grown, beside the commits and not within them.
final class Checkpointer: Sendable {
    /// How long the log may grow before it is moved: 16 MiB in pages of 4 KiB.
    private static let limit: Int32 = 4096

    /// From here on a checkpoint ends on the connection that writes.
    ///
    /// So the log is moved to its end and starts over; otherwise commits without a pause would let
    /// it grow for ever.
    private static let urgentLimit = 4 * limit

    private let path: String
    private let report: @Sendable (StoreError) -> Void
    private let queue = DispatchQueue(label: "onedrive.checkpoint", qos: .utility)
    private let isScheduled = Atomic<Bool>(false)
    private let mustFinish = Atomic<Bool>(false)
    private let pauses = Mutex<@Sendable () -> Bool>({ false })

    init(path: String, report: @escaping @Sendable (StoreError) -> Void) {
        self.path = path
        self.report = report
    }

    /// Leaves the log as it is as long as something holds.
    func pause(while holds: @escaping @Sendable () -> Bool) { pauses.withLock { $0 = holds } }

    private var isPaused: Bool { pauses.withLock(\.self)() }

    /// Looks at the length of the log after each commit of a connection, which must be closed
    /// before this object goes out of use.
    func watch(_ connection: DatabaseConnection) {
        // Called by SQLite when the commit is done and the lock is given back
        // (sqlite.org/c3ref/wal_hook.html).
        sqlite3_wal_hook(
            connection.handle,
            { context, _, _, pageCount in
                guard let context, pageCount >= Checkpointer.limit else { return SQLITE_OK }
                Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue().schedule()
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether the log is so long that commits should wait for ``finish(on:)``.
    var isUrgent: Bool { mustFinish.load(ordering: .relaxed) }

    /// Moves the rest of the log on the connection that writes, between two commits.
    func finish(on connection: DatabaseConnection) {
        mustFinish.store(false, ordering: .relaxed)
        if isPaused { return }
        do {
            _ = try connection.checkpoint()
        } catch {
            note(error)
        }
    }

    /// Waits for a checkpoint under way.
    func stop() { queue.sync {} }

    private func schedule() {
        guard !isScheduled.exchange(true, ordering: .relaxed) else { return }
        queue.async { [self] in
            isScheduled.store(false, ordering: .relaxed)
            do throws(StoreError) {
                if isPaused { return }
                let (pages, moved) = try DatabaseConnection(path: path).checkpoint()
                if pages > moved, pages >= Self.urgentLimit {
                    mustFinish.store(true, ordering: .relaxed)
                }
            } catch {
                note(error)
            }
        }
    }

    /// Nothing is lost by a checkpoint that fails; the next commit calls for another one.
    private func note(_ error: StoreError) {
        switch error {
        case .busy:
            // A commit was just changing the index of the log, or a reader keeps older pages.
            break
        case .missing, .newerSchema, .olderSchema, .damaged, .noSpace, .inputOutput,
            .notPermitted, .readOnly, .closed, .database:
            report(error)
        }
    }
}
