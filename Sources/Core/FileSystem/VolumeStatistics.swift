/// What `statvfs(3)` tells of a file system.
package struct VolumeStatistics: Hashable, Sendable {
    /// In bytes.
    package var size: Int64
    /// What is free, in bytes.
    package var free: Int64
    /// What is free for programs, in bytes.
    package var available: Int64
    package var fileCount: Int64
    /// How many more files there can be.
    package var freeFileCount: Int64
    /// The longest name, in bytes.
    package var nameLengthMax: Int

    package init(
        size: Int64, free: Int64, available: Int64, fileCount: Int64, freeFileCount: Int64,
        nameLengthMax: Int = 255
    ) {
        self.size = size
        self.free = free
        self.available = available
        self.fileCount = fileCount
        self.freeFileCount = freeFileCount
        self.nameLengthMax = nameLengthMax
    }
}
