import Core

/// Something that the kernel should no longer believe.
package enum KernelNotification: Hashable, Sendable {
    /// The attributes of an inode and, with `data`, its pages.
    ///
    /// Dropping pages waits for reads of the inode that are under way.
    case inode(InodeNumber, data: Bool)
    /// What a name stands for. Waits for lookups in that directory that are under way.
    case entry(parent: InodeNumber, name: Name)
    /// That a name stands for this inode: programs that watch the directory are told that it was
    /// deleted.
    case deletion(parent: InodeNumber, child: InodeNumber, name: Name)
}
