/// What `stat(2)` tells of a file.
package struct Attributes: Hashable, Sendable {
    package var inode: InodeNumber
    package var kind: FileKind
    /// The permission bits with set-user-ID, set-group-ID and sticky: 0 to 0o7777.
    package var permissions: UInt16
    package var linkCount: UInt32
    /// In bytes.
    package var size: Int64
    /// The space taken on this disk, in units of 512 bytes; 0 for a placeholder.
    package var blocks: Int64
    package var accessed: Timestamp
    package var modified: Timestamp
    /// When attributes last changed, `st_ctim`.
    package var changed: Timestamp
    /// Kept for those who ask the file system itself: FUSE has no place for it in its answers.
    package var created: Timestamp
    /// A user id.
    package var owner: UInt32
    /// A group id.
    package var group: UInt32

    package init(
        inode: InodeNumber, kind: FileKind, permissions: UInt16, linkCount: UInt32, size: Int64,
        blocks: Int64, accessed: Timestamp, modified: Timestamp, changed: Timestamp,
        created: Timestamp, owner: UInt32, group: UInt32
    ) {
        self.inode = inode
        self.kind = kind
        self.permissions = permissions
        self.linkCount = linkCount
        self.size = size
        self.blocks = blocks
        self.accessed = accessed
        self.modified = modified
        self.changed = changed
        self.created = created
        self.owner = owner
        self.group = group
    }
}
