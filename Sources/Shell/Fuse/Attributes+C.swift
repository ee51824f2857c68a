import CFuse3
import Core
import Glibc

// The values of Core as the C structures that libfuse takes, and back.

extension stat {
    init(_ attributes: Attributes) {
        self.init()
        st_ino = ino_t(attributes.inode.rawValue)
        st_mode = attributes.kind.modeBits | UInt32(attributes.permissions)
        st_nlink = nlink_t(attributes.linkCount)
        st_uid = attributes.owner
        st_gid = attributes.group
        st_size = off_t(attributes.size)
        // The unit in which programs best read and write.
        st_blksize = 1 << 17
        st_blocks = blkcnt_t(attributes.blocks)
        st_atim = timespec(attributes.accessed)
        st_mtim = timespec(attributes.modified)
        st_ctim = timespec(attributes.changed)
    }
}

extension fuse_entry_param {
    init(_ attributes: Attributes, _ lifetime: CacheLifetime) {
        self.init()
        ino = attributes.inode.rawValue
        attr = stat(attributes)
        attr_timeout = lifetime.attributes.fuseSeconds
        entry_timeout = lifetime.entry.fuseSeconds
    }
}

extension fuse_file_info {
    /// A file that is served through the page cache or directly.
    init(_ reply: OpenReply) {
        self.init()
        fh = reply.handle.rawValue
        nonseekable = reply.isSeekable ? 0 : 1
        switch reply.pages {
        case .cached(let keepsEarlier): keep_cache = keepsEarlier ? 1 : 0
        case .direct: direct_io = 1
        case .passthrough: break
        }
    }
}

extension flock {
    /// A lock in the way, or none.
    init(_ lock: FileLock?) {
        self.init()
        l_whence = Int16(SEEK_SET)
        guard let lock else {
            l_type = Int16(F_UNLCK)
            return
        }
        l_type = Int16(lock.kind == .shared ? F_RDLCK : F_WRLCK)
        l_start = off_t(lock.range.lowerBound)
        // A length of 0 means all bytes to come.
        let isOpenEnded = lock.range.upperBound == .max
        l_len = isOpenEnded ? 0 : off_t(lock.range.upperBound - lock.range.lowerBound) + 1
        l_pid = lock.process
    }

    /// The offsets of the first and the last byte; nil if they make no sense.
    var bytes: ClosedRange<Int64>? {
        let first = Int64(l_start)
        guard l_len != 0 else { return first >= 0 ? first...Int64.max : nil }
        let (last, overflow) = first.addingReportingOverflow(Int64(l_len) - 1)
        return first >= 0 && l_len > 0 && !overflow ? first...last : nil
    }

    var action: LockAction? {
        switch Int32(l_type) {
        case F_RDLCK: .acquire(.shared)
        case F_WRLCK: .acquire(.exclusive)
        case F_UNLCK: .release
        default: nil
        }
    }
}

extension statvfs {
    init(_ statistics: VolumeStatistics) {
        let blockSize: Int64 = 4096
        self.init()
        f_bsize = UInt(blockSize)
        f_frsize = UInt(blockSize)
        f_blocks = UInt(clamping: statistics.size / blockSize)
        f_bfree = UInt(clamping: statistics.free / blockSize)
        f_bavail = UInt(clamping: statistics.available / blockSize)
        f_files = UInt(clamping: statistics.fileCount)
        f_ffree = UInt(clamping: statistics.freeFileCount)
        f_favail = f_ffree
        f_namemax = UInt(statistics.nameLengthMax)
    }
}

extension AttributeChange {
    /// What SETATTR asks for: the members of `values` that `mask` names.
    init(_ values: stat, mask: Int32) {
        self.init()
        if mask & FUSE_SET_ATTR_MODE != 0 { permissions = UInt16(values.st_mode & 0o7777) }
        if mask & FUSE_SET_ATTR_UID != 0 { owner = values.st_uid }
        if mask & FUSE_SET_ATTR_GID != 0 { group = values.st_gid }
        if mask & FUSE_SET_ATTR_SIZE != 0 { size = Int64(values.st_size) }
        if mask & FUSE_SET_ATTR_ATIME != 0 { accessed = .at(Timestamp(values.st_atim)) }
        if mask & FUSE_SET_ATTR_MTIME != 0 { modified = .at(Timestamp(values.st_mtim)) }
        if mask & FUSE_SET_ATTR_ATIME_NOW != 0 { accessed = .now }
        if mask & FUSE_SET_ATTR_MTIME_NOW != 0 { modified = .now }
        if mask & FUSE_SET_ATTR_CTIME != 0 { changed = Timestamp(values.st_ctim) }
    }
}

extension FileKind {
    fileprivate var modeBits: UInt32 {
        switch self {
        case .regular: S_IFREG
        case .directory: S_IFDIR
        case .symlink: S_IFLNK
        }
    }
}

extension timespec {
    fileprivate init(_ time: Timestamp) {
        self.init(tv_sec: Int(time.wholeSeconds), tv_nsec: Int(time.nanosecondsOfSecond))
    }
}

extension Timestamp {
    fileprivate init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}

extension Duration {
    /// In seconds, as libfuse takes times.
    var fuseSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
