import GRDB

/// The tables of the state, and how older ones become them.
///
/// A migration that was released is never changed: another one follows it.
enum Schema {
    /// Whether a database has the tables of this version.
    enum Age: Hashable {
        case current
        /// No tables yet, or those of an earlier version.
        case older
        case newer
    }

    /// Compares the migrations that a database went through with those of this version.
    static func age(of connection: DatabaseConnection) throws(StoreError) -> Age {
        let tables = try PreparedStatement(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'grdb_migrations'", on: connection)
        guard try tables.next(), tables.integer(0) > 0 else { return .older }
        let row = try PreparedStatement("SELECT identifier FROM grdb_migrations", on: connection)
        var applied: Set<String> = []
        while try row.next() { applied.insert(row.text(0)) }
        let known = Set(migrator.migrations)
        if applied == known { return .current }
        return applied.isSubset(of: known) ? .older : .newer
    }

    /// Brings the tables of a database up to date, each migration in a transaction.
    static func migrate(_ path: String) throws(StoreError) {
        do {
            let queue = try DatabaseQueue(path: path)
            try migrator.migrate(queue)
            try queue.close()
        } catch let error as DatabaseError {
            throw StoreError(
                code: error.extendedResultCode.rawValue, detail: error.message ?? "", path: path)
        } catch {
            throw .database(path: path, code: 0, detail: "\(error)")
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        // There are no foreign keys, and looking for broken ones would read every row.
        migrator = migrator.disablingDeferredForeignKeyChecks()
        migrator.registerMigration("first tables") { database in
            try database.execute(sql: firstTables)
        }
        migrator.registerMigration("pins and uploads that go on") { database in
            try database.execute(sql: pinsAndUploads)
        }
        migrator.registerMigration("shared folders") { database in
            try database.execute(sql: sharedFolders)
        }
        migrator.registerMigration("checkouts") { database in
            try database.execute(sql: checkouts)
        }
        return migrator
    }

    /// Sessions of before say nothing of what they are for: they are taken back.
    private static let pinsAndUploads = """
        CREATE TABLE pin (
            node INTEGER PRIMARY KEY,
            state INTEGER NOT NULL
        ) STRICT;
        ALTER TABLE upload_session ADD COLUMN upload TEXT NOT NULL DEFAULT '';
        """

    /// Files that are checked out in the cloud, or may be.
    ///
    /// `granted` is 1 once the service has said so, `changed` where something may have gone up.
    private static let checkouts = """
        CREATE TABLE checkout (
            item TEXT PRIMARY KEY,
            granted INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            tag TEXT
        ) STRICT, WITHOUT ROWID;
        """

    /// What the shortcut of a node leads to, an item with its drive.
    ///
    /// `walked` is 1 once everything inside has been seen.
    private static let sharedFolders = """
        CREATE TABLE share (
            node INTEGER PRIMARY KEY,
            shortcut TEXT NOT NULL,
            target TEXT NOT NULL,
            walked INTEGER NOT NULL
        ) STRICT;
        """

    /// Times are nanoseconds since 1970 UTC, sizes are bytes; what the numbers of `kind`, `scope`,
    /// `sides` and `content` stand for is said in ``NodeColumns`` and ``ContentColumns``.
    ///
    /// There is no index but the primary keys: everything is looked up in memory, and each index
    /// would cost a page per commit. STRICT tables hold no value of another type than declared.
    private static let firstTables = """
        CREATE TABLE node (
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            scope INTEGER NOT NULL,
            sides INTEGER NOT NULL,
            parent INTEGER,
            name BLOB,
            content INTEGER,
            size INTEGER,
            version ANY,
            modified INTEGER,
            permissions INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            created INTEGER NOT NULL,
            item TEXT,
            e_tag TEXT,
            c_tag TEXT,
            generation INTEGER,
            apart BLOB
        ) STRICT;
        CREATE TABLE generation (
            id INTEGER PRIMARY KEY,
            node INTEGER NOT NULL,
            size INTEGER NOT NULL,
            present BLOB NOT NULL,
            last_used INTEGER NOT NULL,
            item TEXT,
            content INTEGER,
            source_size INTEGER,
            version ANY,
            c_tag TEXT
        ) STRICT;
        CREATE TABLE link_target (
            node INTEGER PRIMARY KEY,
            target BLOB NOT NULL
        ) STRICT;
        CREATE TABLE attribute (
            node INTEGER NOT NULL,
            name BLOB NOT NULL,
            value BLOB NOT NULL,
            PRIMARY KEY (node, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE upload_session (
            node INTEGER PRIMARY KEY,
            address TEXT NOT NULL
        ) STRICT;
        CREATE TABLE setting (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
