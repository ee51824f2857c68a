import Core
import GRDBSQLite

/// A connection to the database, for one thread at a time.
///
/// GRDB opens a connection of its own to bring the tables up to date. Everything else comes
/// through here: GRDB's queue and the checks of its accesses take several microseconds, and a
/// commit should take no more than the system calls in it.
final class DatabaseConnection {
    let path: String
    let handle: OpaquePointer

    /// How long to wait for another program that holds the database, in milliseconds.
    ///
    /// Only somebody looking at it with other tools does.
    private static let patience: Int32 = 5000

    /// Opens a database that is there, for writing.
    convenience init(path: String) throws(StoreError) {
        try self.init(path: path, name: path, flags: SQLITE_OPEN_READWRITE)
        try execute(Self.settings)
    }

    /// Opens a database that is there, for reading.
    ///
    /// - Parameters:
    ///   - path: The path of the database.
    ///   - options: What follows the question mark of the URI (sqlite.org/uri.html).
    /// - Throws: What SQLite reports.
    convenience init(path: String, readingWith options: String) throws(StoreError) {
        try self.init(
            path: path, name: "\(Self.address(path))?\(options)",
            flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
    }

    private init(path: String, name: String, flags: Int32) throws(StoreError) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            // A handle comes with most failures, and tells more about them.
            let systemError = opened.map(sqlite3_system_errno) ?? 0
            sqlite3_close(opened)
            throw StoreError(
                code: code, detail: String(cString: sqlite3_errstr(code)),
                systemError: systemError, path: path)
        }
        handle = opened
        self.path = path
        sqlite3_extended_result_codes(opened, 1)
        sqlite3_busy_timeout(opened, Self.patience)
    }

    deinit {
        // Closes when the last statement is gone (sqlite.org/c3ref/close.html).
        sqlite3_close_v2(handle)
    }

    /// How a connection writes.
    ///
    /// NORMAL: a commit is not synchronised; what a power failure takes is the last commits, and
    /// never the consistency (sqlite.org/pragma.html#pragma_synchronous). Checkpoints have a
    /// connection of their own. Deleted rows are not overwritten with zeros: the content files of
    /// the user lie beside them. The log is cut to 64 MiB when it starts over.
    private static let settings = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA secure_delete = OFF;
        """

    /// Runs statements whose rows nobody needs.
    func execute(_ sql: String) throws(StoreError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError }
    }

    /// Moves what is in the log into the database, as far as nobody still reads older pages.
    ///
    /// - Returns: How many pages the log has, and how many of them are in the database.
    func checkpoint() throws(StoreError) -> (pages: Int32, moved: Int32) {
        var pages: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved)
        guard code == SQLITE_OK else { throw lastError }
        return (pages, moved)
    }

    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// What the last failure on this connection means.
    var lastError: StoreError {
        StoreError(
            code: sqlite3_extended_errcode(handle), detail: String(cString: sqlite3_errmsg(handle)),
            systemError: sqlite3_system_errno(handle), path: path)
    }

    /// The URI of a path.
    private static func address(_ path: String) -> String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let encoded = segments.map(PercentEncoding.segment).joined(separator: "/")
        // With two slashes more, a path that begins with two of its own names no host.
        return (path.utf8.first == UInt8(ascii: "/") ? "file://" : "file:") + encoded
    }
}
