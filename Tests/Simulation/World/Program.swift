import Core

/// A program on the mount of one device: system calls, one after the other.
struct Program {
    /// One system call, or a pause.
    enum Call: Hashable {
        case open(path: String, Access)
        /// Writes a text that nobody wrote before.
        case put(Position)
        case truncate(Int64)
        case readAll
        case fsync
        case close
        case rename(String, String, RenameMode)
        case unlink(String)
        case makeDirectory(String)
        case removeDirectory(String)
        case touch(String)
        case list(String)
        /// `rm -r`, one level at a time.
        case removeTree(String)
        case retype(String)
        /// Locks all of the open file, waiting for it if need be.
        case lock(LockKind, LockFamily)
        case unlock(LockFamily)
        case pin(String)
        case unpin(String)
        case free(String)
        case synchronize
        case pause(seconds: Int64)
    }

    enum Access: Hashable {
        case reading
        case writing
        /// `O_WRONLY | O_CREAT | O_TRUNC`
        case replacing
    }

    enum Position: Hashable {
        case begin
        case end
    }

    /// A file that the program has open.
    struct Handle {
        var file: OpenedFile
        var canWrite: Bool
        /// The count of changes of the file when it was opened.
        var writeCount: Int
        /// What an earlier read returned.
        var bytes: [UInt8]?
        /// What this program wrote last, while nobody else did.
        var written: [UInt8]?
        /// The lock that the program holds on it.
        var lock: LockKind?
    }

    let deed: Deed
    /// What is still to be done.
    var calls: [Call]
    var handle: Handle?
    var wait: WaitID?
    /// Whether the end of the wait is the lock that the next call takes.
    var awaitsLock = false
    /// On the true clock.
    var pauseEnd: Timestamp?
    var age: Int

    init(_ deed: Deed, age: Int) {
        self.deed = deed
        self.age = age
        calls = Self.calls(of: deed)
    }

    // MARK: What deeds are made of

    private static func calls(of deed: Deed) -> [Call] {
        let path = deed.path
        let write: [Call] = [.open(path: path, .replacing), .put(.begin), .close]
        switch deed.kind {
        case .write: return write
        case .edit: return [.open(path: path, .writing), .put(.begin), .close]
        case .append: return [.open(path: path, .writing), .put(.end), .close]
        case .writeSlowly:
            return [
                .open(path: path, .replacing), .put(.begin), .pause(seconds: 7), .put(.end),
                .readAll, .pause(seconds: 7), .put(.end), .readAll, .close,
            ]
        case .writeDurably:
            return [.open(path: path, .replacing), .put(.begin), .fsync, .close]
        case .saveByRename:
            return [
                .open(path: path + ".new", .replacing), .put(.begin), .fsync, .close,
                .rename(path + ".new", path, .replace),
            ]
        case .saveWithBackup: return [.rename(path, path + "~", .replace)] + write
        case .saveDroppingBackup:
            return [.rename(path, path + "~", .replace)] + write + [.unlink(path + "~")]
        case .saveByDeleting: return [.unlink(path)] + write
        case .saveUnderLockFile:
            let lock = lockFile(path)
            return [.open(path: lock, .replacing), .close, .pause(seconds: 5)] + write
                + [.pause(seconds: 5), .unlink(lock)]
        case .rework:
            return [
                .open(path: path, .writing), .put(.begin), .close,
                .rename(path, deed.target, .replace),
            ]
        case .read: return [.open(path: path, .reading), .readAll, .close]
        case .readSlowly:
            return [
                .open(path: path, .reading), .readAll, .pause(seconds: 40), .readAll, .close,
            ]
        case .readLocked:
            return [
                .open(path: path, .reading), .lock(.shared, .wholeFile), .readAll,
                .pause(seconds: 40), .readAll, .unlock(.wholeFile), .close,
            ]
        case .writeLocked:
            return [
                .open(path: path, .writing), .lock(.exclusive, .byteRange), .put(.begin),
                .pause(seconds: 7), .readAll, .put(.end), .unlock(.byteRange), .close,
            ]
        case .truncate: return [.open(path: path, .writing), .truncate(3), .close]
        case .touch: return [.touch(path)]
        case .remove: return [.unlink(path)]
        case .scratch:
            return [
                .open(path: path, .replacing), .put(.begin), .unlink(path), .pause(seconds: 5),
                .put(.end), .readAll, .close,
            ]
        case .makeDirectory: return [.makeDirectory(path)]
        case .removeDirectory: return [.removeDirectory(path)]
        case .removeTree: return [.removeTree(path)]
        case .rename: return [.rename(path, deed.target, .replace)]
        case .exchange: return [.rename(path, deed.target, .exchange)]
        case .retype: return [.retype(path)]
        case .list: return [.list(path)]
        case .pin: return [.pin(path)]
        case .unpin: return [.unpin(path)]
        case .free: return [.free(path)]
        case .synchronize: return [.synchronize]
        }
    }

    private static func lockFile(_ path: String) -> String {
        let parts = path.split(separator: "/")
        let directory = parts.dropLast().map { $0 + "/" }.joined()
        return "\(directory).~lock.\(parts.last ?? "")#"
    }
}
