import CFuse3
import Core
import Glibc

/// Turns libfuse's callbacks into calls of a ``FileSystem``.
///
/// The callbacks are closures without captures, as C needs them, and take no lock. They find the
/// file system by the connection that a request came through.
enum FuseDispatcher {
    /// The callbacks.
    ///
    /// Left out on purpose, since the kernel then does it itself: access (the mount option
    /// `default_permissions` checks it), bmap, poll and ioctl; and unless the file system keeps the
    /// locks, those about locks.
    static func operations(locks: Bool) -> fuse_lowlevel_ops {
        var operations = fuse_lowlevel_ops()
        operations.`init` = { _, connection in
            if let connection { FuseDispatcher.agree(&connection.pointee) }
        }
        addNames(to: &operations)
        addAttributes(to: &operations)
        addFiles(to: &operations)
        addRanges(to: &operations)
        addDirectories(to: &operations)
        if locks { addLocks(to: &operations) }
        return operations
    }

    /// Chooses from what the kernel offers.
    ///
    /// To want what it does not offer ends the mount.
    private static func agree(_ connection: inout fuse_conn_info) {
        // With the writeback cache the kernel would decide sizes and times, and keep written bytes
        // to itself. AUTO_INVAL_DATA drops all pages of a file whose time moved, which our own
        // writes do; pages are dropped by notification instead, and by opening without keeping
        // them. READDIRPLUS_AUTO makes a first `ls` ask twice.
        let unwanted =
            FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_READDIRPLUS_AUTO
            | FUSE_CAP_SPLICE_READ
        let wanted =
            FUSE_CAP_ASYNC_READ | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_READDIRPLUS
            | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_EXPLICIT_INVAL_DATA
        connection.want |= UInt32(wanted)
        connection.want &= ~UInt32(unwanted) & connection.capable
        // The kernel's own limit of 12 throttles reading ahead.
        connection.max_background = 64
        connection.congestion_threshold = 48
    }
}
