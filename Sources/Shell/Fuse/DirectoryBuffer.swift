import CFuse3
import Core
import Glibc

/// The entries of one answer to a listing, filled until no more fit.
package struct DirectoryBuffer: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    private let hasAttributes: Bool
    private let lifetime: CacheLifetime
    private var used = 0

    init(_ listing: DirectoryListing, lifetime: CacheLifetime) {
        capacity = listing.capacity
        hasAttributes = listing.hasAttributes
        self.lifetime = lifetime
        memory = .allocate(byteCount: max(capacity, 1), alignment: 8)
    }

    deinit { memory.deallocate() }

    /// Appends an entry.
    ///
    /// In a listing with attributes it counts as a reference to its inode once the answer is
    /// delivered. A name of more than 1024 bytes is left out, since the kernel would refuse the
    /// whole listing.
    ///
    /// - Returns: False if it does not fit: then answer with what is there.
    package mutating func add(_ entry: DirectoryEntry) -> Bool {
        var parameters = fuse_entry_param(entry.attributes, lifetime)
        return entry.name.withBytes { append($0, &parameters, entry.nextOffset) }
    }

    /// Appends the entry `.`, which never counts as a reference.
    ///
    /// - Returns: False if it does not fit: then answer with what is there.
    package mutating func addItself(_ inode: InodeNumber, nextOffset: Int64) -> Bool {
        addDots(count: 1, inode, nextOffset)
    }

    /// Appends the entry `..`, which never counts as a reference.
    ///
    /// - Returns: False if it does not fit: then answer with what is there.
    package mutating func addParent(_ inode: InodeNumber, nextOffset: Int64) -> Bool {
        addDots(count: 2, inode, nextOffset)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: memory, count: used))
    }

    private mutating func addDots(
        count: Int, _ inode: InodeNumber, _ nextOffset: Int64
    ) -> Bool {
        // Without a number in `ino` the kernel takes the name and the kind only.
        var parameters = fuse_entry_param()
        parameters.attr.st_ino = ino_t(inode.rawValue)
        parameters.attr.st_mode = S_IFDIR
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { dots in
            dots.initialize(repeating: UInt8(ascii: "."))
            return append(UnsafeBufferPointer(dots), &parameters, nextOffset)
        }
    }

    private mutating func append(
        _ name: UnsafeBufferPointer<UInt8>, _ parameters: inout fuse_entry_param,
        _ nextOffset: Int64
    ) -> Bool {
        let space = capacity - used
        let size = fuse_shim_add_entry(
            (memory + used).assumingMemoryBound(to: CChar.self), space, name.baseAddress,
            name.count, &parameters, off_t(nextOffset), hasAttributes)
        guard size <= space else { return false }
        used += size
        return true
    }
}
