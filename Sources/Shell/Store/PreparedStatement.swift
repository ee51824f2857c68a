import GRDBSQLite

/// A statement of SQLite, compiled once and run many times.
///
/// Commits and the reading of the whole state go through it: GRDB's own statements check every
/// access and box every value, which costs more here than the work itself. A statement must be used
/// by one thread at a time.
final class PreparedStatement {
    private let handle: OpaquePointer
    private let connection: DatabaseConnection

    /// Compiles a statement.
    init(_ sql: String, on connection: DatabaseConnection) throws(StoreError) {
        var compiled: OpaquePointer?
        let code = sqlite3_prepare_v3(
            connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        guard code == SQLITE_OK, let compiled else {
            throw connection.lastError
        }
        handle = compiled
        self.connection = connection
    }

    deinit {
        sqlite3_finalize(handle)
    }

    // MARK: Running

    /// Moves to the next row.
    ///
    /// - Returns: False after the last one.
    func next() throws(StoreError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw connection.lastError
        }
    }

    /// Makes the statement ready for the next run; the bound values stay.
    func reset() { sqlite3_reset(handle) }

    /// Runs a statement that gives no rows, and makes it ready for the next run.
    func run() throws(StoreError) {
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE else {
            // The error is taken before the reset, which may replace it.
            let error = connection.lastError
            reset()
            throw error
        }
        reset()
    }

    // MARK: Parameters, counted from one

    func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, value) }

    func bind(_ value: Int64?, at index: Int32) {
        if let value { bind(value, at: index) } else { bindNull(at: index) }
    }

    func bindNull(at index: Int32) { sqlite3_bind_null(handle, index) }

    /// Binds text, whose NUL bytes stay.
    func bind(_ text: String?, at index: Int32) {
        guard var text else {
            bindNull(at: index)
            return
        }
        text.withUTF8 { bytes in
            withSomeAddress(of: UnsafeRawBufferPointer(bytes)) { address, count in
                sqlite3_bind_text(
                    handle, index, address.assumingMemoryBound(to: CChar.self), count, transient)
            }
        }
    }

    func bind(_ bytes: [UInt8], at index: Int32) {
        bytes.withUnsafeBytes { bind($0, at: index) }
    }

    func bind(_ bytes: UnsafeRawBufferPointer, at index: Int32) {
        withSomeAddress(of: bytes) { address, count in
            sqlite3_bind_blob(handle, index, address, count, transient)
        }
    }

    // MARK: Columns of the current row, counted from zero

    func isNull(_ index: Int32) -> Bool { sqlite3_column_type(handle, index) == SQLITE_NULL }

    func integer(_ index: Int32) -> Int64 { sqlite3_column_int64(handle, index) }

    func optionalInteger(_ index: Int32) -> Int64? { isNull(index) ? nil : integer(index) }

    /// The bytes of a text or blob; valid until the statement moves on.
    func bytes(_ index: Int32) -> UnsafeRawBufferPointer {
        // In this order: the address first, then its count (sqlite.org/c3ref/column_blob.html).
        let address = sqlite3_column_blob(handle, index)
        return UnsafeRawBufferPointer(
            start: address, count: Int(sqlite3_column_bytes(handle, index)))
    }

    /// The UTF-8 of a text; valid until the statement moves on.
    func optionalUTF8(_ index: Int32) -> UnsafeBufferPointer<UInt8>? {
        isNull(index) ? nil : bytes(index).bindMemory(to: UInt8.self)
    }

    func text(_ index: Int32) -> String { String(decoding: bytes(index), as: UTF8.self) }

    func optionalText(_ index: Int32) -> String? { isNull(index) ? nil : text(index) }
}

/// Tells SQLite to copy what is bound (`SQLITE_TRANSIENT`, a macro that Swift cannot import).
private let transient = unsafeBitCast(-1 as Int, to: sqlite3_destructor_type.self)

/// Gives the address of some bytes, one that is not null even if there are none: SQLite takes null
/// for NULL.
private func withSomeAddress(
    of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawPointer, Int32) -> Void
) {
    if let address = bytes.baseAddress {
        body(address, Int32(bytes.count))
    } else {
        withUnsafeBytes(of: UInt8(0)) { one in
            if let address = one.baseAddress { body(address, 0) }
        }
    }
}
