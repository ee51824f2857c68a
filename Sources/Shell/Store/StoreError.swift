import GRDBSQLite

/// Why the state could not be opened, read or written.
package enum StoreError: Error, Hashable, Sendable {
    /// There is no state here yet.
    case missing(path: String)
    /// A later version of the program has written this state.
    case newerSchema(path: String)
    /// An earlier version has written this state, and it is only to be read.
    case olderSchema(path: String)
    /// The file is not what was written. `setAside` says where it was moved to, so that the next
    /// start begins with an empty state; nil where it was left as it is.
    case damaged(path: String, detail: String, setAside: String?)
    /// There is no room. What was to be written waits in memory.
    case noSpace(path: String, detail: String)
    /// The disk failed. What was to be written waits in memory.
    case inputOutput(path: String, detail: String)
    /// The file or its directory may not be written or read.
    case notPermitted(path: String, detail: String)
    /// Another program holds the database.
    case busy(path: String)
    /// The state was opened for reading only.
    case readOnly(path: String)
    /// The state was closed, or set aside as damaged.
    case closed(path: String)
    /// Anything else that SQLite reports.
    case database(path: String, code: Int32, detail: String)

    /// Whether writing the same again may well succeed.
    package var isTransient: Bool {
        switch self {
        case .noSpace, .inputOutput, .busy: true
        case .missing, .newerSchema, .olderSchema, .damaged, .notPermitted, .readOnly, .closed,
            .database:
            false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path):
            "\(path): there is no state yet; 'onedrive start' makes it"
        case .newerSchema(let path):
            "\(path): written by a later version of onedrive; install that version or a later one"
        case .olderSchema(let path):
            "\(path): written by an earlier version of onedrive; 'onedrive start' brings it up to date"
        case .damaged(let path, let detail, let setAside):
            "\(path): the state is damaged (\(detail))"
                + (setAside.map { "; it was kept as \($0)" } ?? "")
        case .noSpace(let path, let detail):
            "\(path): no space left (\(detail)); free some"
        case .inputOutput(let path, let detail):
            "\(path): the disk failed (\(detail))"
        case .notPermitted(let path, let detail):
            "\(path): may not be used (\(detail)); it must belong to you and be writable"
        case .busy(let path):
            "\(path): another program holds the database; close it"
        case .readOnly(let path):
            "\(path): opened for reading only"
        case .closed(let path):
            "\(path): the state is closed"
        case .database(let path, let code, let detail):
            "\(path): SQLite error \(code) (\(detail))"
        }
    }
}

extension StoreError {
    /// Says what a result code of SQLite means.
    ///
    /// - Parameters:
    ///   - code: A primary or extended result code (sqlite.org/rescode.html).
    ///   - detail: What SQLite says of it.
    ///   - systemError: The `errno` behind it, or zero.
    ///   - path: The path of the database.
    init(code: Int32, detail: String, systemError: Int32 = 0, path: String) {
        let cause = SystemCallFailure(call: detail, code: systemError)
        let detail = systemError == 0 ? detail : cause.description
        switch code & 0xff {
        case SQLITE_FULL:
            self = .noSpace(path: path, detail: detail)
        case SQLITE_IOERR where systemError != 0 && cause.isNoSpace:
            self = .noSpace(path: path, detail: detail)
        case SQLITE_IOERR:
            self = .inputOutput(path: path, detail: detail)
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self = .damaged(path: path, detail: detail, setAside: nil)
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            self = .notPermitted(path: path, detail: detail)
        case SQLITE_BUSY, SQLITE_LOCKED:
            self = .busy(path: path)
        default:
            self = .database(path: path, code: code, detail: detail)
        }
    }
}
