/// What somebody does: a program on the mount of one client, the user of that client, or somebody in
/// the browser.
///
/// Steps name paths of a small alphabet, not nodes, so that they mean something whatever happened
/// before. Where a path does not exist, or exists already, the step fails as it would for a program.
package struct Step: Hashable, Sendable {
    package var actor: Actor
    package var deed: Deed

    package init(_ actor: Actor, _ deed: Deed) {
        self.actor = actor
        self.deed = deed
    }

    package enum Actor: Hashable, Sendable {
        case client(Int)
        case browser
        /// Whoever filled the drive before the clients came.
        case origin
    }
}

/// A deed with the paths that it concerns.
package struct Deed: Hashable, Sendable {
    package var kind: Kind
    package var path: String
    /// The second path, for those that need one.
    package var target: String

    package init(_ kind: Kind, _ path: String = "", _ target: String = "") {
        self.kind = kind
        self.path = path
        self.target = target
    }

    /// The words are those of the text form of a scenario.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// `cat > path`: opens with `O_TRUNC`, or creates, and writes.
        case write
        /// Opens for writing and overwrites from the begin.
        case edit
        /// Opens for writing and adds at the end.
        case append
        /// Writes in two parts with a long pause between them.
        case writeSlowly = "write-slowly"
        /// Writes and calls `fsync` before closing.
        case writeDurably = "write-durably"
        /// Writes a temporary file, `fsync`, and renames it over the file.
        case saveByRename = "save-by-rename"
        /// Renames the file to a backup name and writes it anew.
        case saveWithBackup = "save-with-backup"
        /// The same, and deletes the backup.
        case saveDroppingBackup = "save-dropping-backup"
        /// Deletes the file and writes it anew.
        case saveByDeleting = "save-by-deleting"
        /// Overwrites from the begin and renames.
        case rework
        /// Opens a file with the lock file of an office program beside it, and saves.
        case saveUnderLockFile = "save-under-lock-file"
        case read
        /// Opens, reads, waits long, reads again.
        case readSlowly = "read-slowly"
        /// Reads under a shared lock of `flock(2)`, with a long pause.
        case readLocked = "read-locked"
        /// Writes twice under an exclusive lock of `fcntl(2)`, with a long pause between.
        case writeLocked = "write-locked"
        case truncate
        /// Sets the modification time.
        case touch
        case remove
        /// Creates a file, writes, deletes it while it is open, and reads it.
        case scratch
        case makeDirectory = "mkdir"
        case removeDirectory = "rmdir"
        /// `rm -r`.
        case removeTree = "remove-tree"
        case rename
        case exchange
        /// Removes what is there and makes the other kind under the name.
        case retype
        case list
        case pin
        case unpin
        case free
        /// `onedrive sync`.
        case synchronize

        /// Whether it needs a second path.
        package var needsTarget: Bool {
            switch self {
            case .rename, .exchange, .rework: true
            case .write, .edit, .append, .writeSlowly, .writeDurably, .saveByRename,
                .saveWithBackup, .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .read,
                .readSlowly, .readLocked, .writeLocked, .truncate, .touch, .remove, .scratch,
                .makeDirectory, .removeDirectory, .removeTree, .retype, .list, .pin, .unpin, .free,
                .synchronize:
                false
            }
        }

        /// Whether it is something that is done to files only.
        package var isForFiles: Bool {
            switch self {
            case .makeDirectory, .removeDirectory, .removeTree, .list, .rename, .exchange, .retype,
                .pin, .unpin, .free:
                false
            case .write, .edit, .append, .writeSlowly, .writeDurably, .saveByRename,
                .saveWithBackup, .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .rework,
                .read, .readSlowly, .readLocked, .writeLocked, .truncate, .touch, .remove, .scratch,
                .synchronize:
                true
            }
        }

        /// Whether it can be done to files and to folders.
        package var isForAnything: Bool {
            switch self {
            case .rename, .exchange, .retype, .pin, .unpin, .free: true
            case .makeDirectory, .removeDirectory, .removeTree, .list, .write, .edit, .append,
                .writeSlowly, .writeDurably, .saveByRename, .saveWithBackup, .saveDroppingBackup,
                .saveByDeleting, .saveUnderLockFile, .rework, .read, .readSlowly, .readLocked,
                .writeLocked, .truncate, .touch, .remove, .scratch, .synchronize:
                false
            }
        }

        /// Whether somebody in the browser can do it.
        package var isForBrowser: Bool {
            switch self {
            case .write, .edit, .touch, .remove, .makeDirectory, .removeTree, .rename, .exchange,
                .retype, .rework:
                true
            case .append, .writeSlowly, .writeDurably, .saveByRename, .saveWithBackup,
                .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .read, .readSlowly,
                .readLocked, .writeLocked, .truncate, .scratch, .removeDirectory, .list, .pin,
                .unpin, .free, .synchronize:
                false
            }
        }
    }
}
