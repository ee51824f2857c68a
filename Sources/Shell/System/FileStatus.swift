import Glibc

/// What `fstat(2)` says of a file.
package struct FileStatus: Hashable, Sendable {
    /// The logical size, in bytes.
    package var size: Int64
    /// What the file takes on the disk, in bytes; less than the size where there are holes.
    package var allocated: Int64
    /// Permission bits, `07777` at most.
    package var permissions: UInt16
    package var owner: UInt32
    package var isDirectory: Bool
    package var isRegular: Bool
    package var device: UInt64
    package var inode: UInt64
    /// The last change of the bytes, in nanoseconds since 1970.
    package var modified: Int64

    init(_ raw: stat) {
        size = Int64(raw.st_size)
        // In units of 512 bytes whatever the file system, stat(3type).
        allocated = Int64(raw.st_blocks) * 512
        permissions = UInt16(raw.st_mode & 0o7777)
        owner = raw.st_uid
        isDirectory = raw.st_mode & S_IFMT == S_IFDIR
        isRegular = raw.st_mode & S_IFMT == S_IFREG
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        modified = Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
    }
}
