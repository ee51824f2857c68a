import Core

/// What answers the calls that programs make on a mount.
///
/// Several threads call at once. Each method that gets a ``FuseRequest`` sees to it that the request
/// is answered exactly once, now or later, from any thread; it never waits for the network itself.
/// Names and bytes passed in are valid during the call.
///
/// What the kernel does by itself: it checks permissions and sticky bits, keeps hard links out
/// (EPERM) and finds out whether an exclusive `create` is allowed, as far as it knows.
package protocol FileSystem: Sendable {
    // MARK: Names

    /// Answer with an entry, or that there is none. A delivered entry counts as one reference.
    func lookUp(_ request: FuseRequest, _ name: Name, in parent: InodeNumber)

    /// Gives back references that entries counted; not answered.
    ///
    /// At unmounting the kernel may give back none.
    func forget(_ inode: InodeNumber, count: UInt64)

    /// Make an empty regular file without opening it, and answer with its entry.
    func makeFile(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16)

    /// Answer with the entry.
    func makeDirectory(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16)

    /// Answer with the entry. The target is any bytes but NUL.
    func makeSymlink(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, target: [UInt8])

    /// Answer with the target.
    func readLink(_ request: FuseRequest, _ inode: InodeNumber)

    /// Answer with success. The inode lives on while it is open or referenced.
    func unlink(_ request: FuseRequest, _ name: Name, in parent: InodeNumber)

    /// Answer with success. The inode lives on while it is open or referenced.
    func removeDirectory(_ request: FuseRequest, _ name: Name, in parent: InodeNumber)

    /// Answer with success.
    func rename(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, to newName: Name,
        in newParent: InodeNumber, mode: RenameMode)

    // MARK: Attributes

    /// Answer with the attributes; `handle` is an open file that the question came through.
    func attributes(_ request: FuseRequest, of inode: InodeNumber, handle: HandleID?)

    /// Answer with the new attributes.
    func setAttributes(
        _ request: FuseRequest, of inode: InodeNumber, _ change: AttributeChange,
        handle: HandleID?)

    /// Answer with success.
    func setExtendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8], to value: RawSpan,
        mode: AttributeMode)

    /// Answer with ``FuseRequest/reply(extendedAttribute:capacity:)``.
    func extendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8], capacity: Int)

    /// Answer with ``FuseRequest/reply(extendedAttribute:capacity:)``: the names, each ended by a
    /// NUL.
    func extendedAttributeNames(_ request: FuseRequest, of inode: InodeNumber, capacity: Int)

    /// Answer with success.
    func removeExtendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8])

    // MARK: Files

    /// Answer with ``FuseRequest/reply(opened:)``.
    ///
    /// If ``OpenFlags/truncates``, the file is made empty as well.
    func open(_ request: FuseRequest, _ inode: InodeNumber, flags: OpenFlags)

    /// Make a regular file and open it; answer with
    /// ``FuseRequest/reply(created:lifetime:opened:)``.
    func create(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16,
        flags: OpenFlags)

    /// Answer with as many bytes as there are: fewer than `count` only at the end of the file.
    func read(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64, count: Int)

    /// Answer with how many bytes were written.
    func write(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64,
        bytes: RawSpan)

    /// A descriptor of the handle is being closed: there may be others.
    ///
    /// All POSIX locks of the owner on this file end, and nobody else says so. Answer with success.
    func flush(_ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner)

    /// The handle is no longer in use, by descriptors or by maps; answer with success.
    ///
    /// The lock that `flockOwner` has by `flock(2)` ends with it.
    func release(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, flockOwner: LockOwner?)

    /// Make the file durable on this disk; with `dataOnly`, what is needed to read its bytes. Answer
    /// with success.
    func synchronize(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, dataOnly: Bool)

    /// Answer with success.
    func allocate(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, mode: AllocationMode,
        range: Range<Int64>)

    /// Answer with an offset, or ``PosixError/noSuchAddress``.
    func seek(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, to target: SeekTarget,
        from offset: Int64)

    /// Copy bytes between files; answer with how many were.
    func copyRange(
        _ request: FuseRequest, from source: FileRange, to target: FileRange, count: Int)

    // MARK: Directories

    /// Answer with ``FuseRequest/reply(openedDirectory:keepsListing:)``.
    func openDirectory(_ request: FuseRequest, _ inode: InodeNumber)

    /// Answer with the entries behind `offset` that fit: see
    /// ``FuseRequest/makeDirectoryBuffer(_:lifetime:)``.
    func readDirectory(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64,
        listing: DirectoryListing)

    /// Answer with success.
    func releaseDirectory(_ request: FuseRequest, _ inode: InodeNumber, handle: HandleID)

    /// Make the names in the directory durable on this disk; answer with success.
    func synchronizeDirectory(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, dataOnly: Bool)

    // MARK: Locks

    /// Answer with ``FuseRequest/reply(lock:)``: one that keeps the owner from getting `lock`.
    func testLock(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ lock: FileLock)

    /// Take or give back a lock of `fcntl(2)` on a range; answer with success.
    ///
    /// If another lock is in the way: wait, or without `waits` fail with ``PosixError/tryAgain``.
    func changeLock(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ change: LockChange, waits: Bool)

    /// Take, convert or give back a lock of `flock(2)`; answer with success.
    ///
    /// If another lock is in the way: wait, or without `waits` fail with ``PosixError/tryAgain``.
    func lockFile(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ action: LockAction, waits: Bool)

    // MARK: The rest

    /// Answer with ``FuseRequest/reply(statistics:)``.
    func statistics(_ request: FuseRequest)

    /// The program that waits for a call gave up; see ``FuseRequest/onInterrupt(_:)``.
    ///
    /// Called with libfuse's locks held: note it or pass it on, and answer from elsewhere.
    func interrupted(_ token: InterruptToken)
}

/// A place in an open file.
package struct FileRange: Hashable, Sendable {
    package var inode: InodeNumber
    package var handle: HandleID
    /// In bytes.
    package var offset: Int64
}

/// What `fcntl(2)` does to the locks of an owner on a range.
package struct LockChange: Hashable, Sendable {
    package var action: LockAction
    /// The offsets of the first and the last byte; the last is `Int64.max` for all bytes to come.
    package var range: ClosedRange<Int64>
    /// The process that asks.
    package var process: Int32
}

/// What kind of listing the kernel asks for, and its size.
package struct DirectoryListing: Hashable, Sendable {
    /// In bytes.
    package var capacity: Int
    /// Whether entries carry attributes, and count as references like answers to lookups.
    package var hasAttributes: Bool
}
