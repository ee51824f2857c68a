import Core
import Glibc
import Shell
import Synchronization

extension MemoryFileSystem {
    // MARK: Files

    func open(_ request: FuseRequest, _ inode: InodeNumber, flags: OpenFlags) {
        note("open")
        guard let node = node(inode) else { return fail(request, .stale) }
        if flags.truncates { state.withLock { state in state.nodes[inode]?.resize(to: 0) } }
        request.reply(opened: opened(request, inode, node.descriptor))
    }

    private func opened(
        _ request: FuseRequest, _ inode: InodeNumber, _ descriptor: Int32?
    ) -> OpenReply {
        let handle = state.withLock { state in state.newHandle() }
        if servesByPassthrough, let descriptor,
            let backing = request.connection.registerBacking(descriptor)
        {
            state.withLock { state in state.backings[inode] = backing }
            return OpenReply(handle: handle, pages: .passthrough(backing))
        }
        return OpenReply(
            handle: handle, pages: readsDirectly ? .direct : .cached(keepsEarlier: true))
    }

    func create(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16,
        flags: OpenFlags
    ) {
        note("create")
        let isThere = state.withLock { $0.nodes[parent]?.children[name] != nil }
        if isThere { return fail(request, flags.isExclusive ? .exists : .stale) }
        let created = state.withLock { state in
            let inode = state.add(name, in: parent, .regular, permissions)
            return state.nodes[inode]
        }
        guard let created else { return fail(request, .stale) }
        request.reply(
            created: created.attributes, lifetime: Self.hour,
            opened: opened(request, created.attributes.inode, nil))
    }

    func read(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64, count: Int
    ) {
        note("read")
        guard let node = node(inode) else { return fail(request, .stale) }
        if isStuck(inode) { return getStuck(request, handle) }
        if let descriptor = node.descriptor {
            request.reply(descriptor: descriptor, offset: offset, count: count)
            return
        }
        let start = min(Int(offset), node.bytes.count)
        let end = min(start + count, node.bytes.count)
        node.bytes[start..<end].withUnsafeBytes { bytes in _ = request.reply(bytes: bytes) }
    }

    private func isStuck(_ inode: InodeNumber) -> Bool {
        state.withLock { state in state.nodes[.root]?.children["stuck"] == inode }
    }

    private func getStuck(_ request: FuseRequest, _ handle: HandleID) {
        let token = InterruptToken(rawValue: handle.rawValue)
        state.withLock { state in state.stuck[token] = request }
        request.onInterrupt(token)
        stuckSignal.raise()
    }

    func write(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64,
        bytes: RawSpan
    ) {
        let bytes = bytes.withUnsafeBytes { Array($0) }
        state.withLock { state in
            let end = Int(offset) + bytes.count
            state.nodes[inode]?.bytes.reserveCapacity(end)
            if state.nodes[inode].map({ $0.bytes.count < end }) == true {
                state.nodes[inode]?.resize(to: end)
            }
            state.nodes[inode]?.bytes.replaceSubrange(Int(offset)..<end, with: bytes)
        }
        request.reply(written: bytes.count)
    }

    func flush(_ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner) {
        note("flush")
        releaseLocks(of: owner, inode)
        request.replySuccess()
    }

    func release(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, flockOwner: LockOwner?
    ) {
        let backing = state.withLock { state in state.backings.removeValue(forKey: inode) }
        if let backing { request.connection.unregisterBacking(backing) }
        if let flockOwner { releaseLocks(of: flockOwner, inode) }
        request.replySuccess()
        note("release")
    }

    func synchronize(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, dataOnly: Bool
    ) {
        note(dataOnly ? "synchronize data" : "synchronize")
        request.replySuccess()
    }

    func allocate(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, mode: AllocationMode,
        range: Range<Int64>
    ) {
        note("allocate \(mode) \(range)")
        if case .reserve(keepsSize: false) = mode {
            state.withLock { state in state.nodes[inode]?.resize(to: Int(range.upperBound)) }
        }
        request.replySuccess()
    }

    func seek(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, to target: SeekTarget,
        from offset: Int64
    ) {
        guard let size = node(inode)?.attributes.size, offset < size else {
            return fail(request, .noSuchAddress)
        }
        switch target {
        case .data: request.reply(offset: offset)
        case .hole: request.reply(offset: size)
        }
    }

    func copyRange(
        _ request: FuseRequest, from source: FileRange, to target: FileRange, count: Int
    ) {
        // The kernel then copies by reading and writing.
        fail(request, .notSupported)
    }

    // MARK: Directories

    func openDirectory(_ request: FuseRequest, _ inode: InodeNumber) {
        let handle = state.withLock { state -> HandleID in
            let handle = state.newHandle()
            let children = (state.nodes[inode]?.children ?? [:]).sorted { $0.key < $1.key }
            state.listings[handle] = children.enumerated().compactMap { index, child in
                state.nodes[child.value].map {
                    DirectoryEntry(
                        name: child.key, attributes: $0.attributes, nextOffset: Int64(index) + 3)
                }
            }
            return handle
        }
        request.reply(openedDirectory: handle, keepsListing: false)
    }

    func readDirectory(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64,
        listing: DirectoryListing
    ) {
        note(listing.hasAttributes ? "readDirectory with attributes" : "readDirectory")
        let entries = state.withLock { state in state.listings[handle] ?? [] }
        var buffer = request.makeDirectoryBuffer(listing, lifetime: Self.hour)
        var fits = true
        if offset < 1 { fits = buffer.addItself(inode, nextOffset: 1) }
        if fits, offset < 2 { fits = buffer.addParent(.root, nextOffset: 2) }
        for entry in entries.dropFirst(max(0, Int(offset) - 2)) {
            guard fits else { break }
            fits = buffer.add(entry)
        }
        request.reply(listing: buffer)
    }

    func releaseDirectory(_ request: FuseRequest, _ inode: InodeNumber, handle: HandleID) {
        state.withLock { state in state.listings[handle] = nil }
        request.replySuccess()
    }

    func synchronizeDirectory(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, dataOnly: Bool
    ) {
        note("synchronizeDirectory")
        request.replySuccess()
    }

    // MARK: Locks

    func testLock(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ lock: FileLock
    ) {
        let obstacle = state.withLock { state in state.locks.obstacle(to: lock, owner, inode) }
        request.reply(lock: obstacle)
    }

    func changeLock(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ change: LockChange, waits: Bool
    ) {
        switch change.action {
        case .release: unlock(request, owner, inode)
        case .acquire(let kind):
            let lock = FileLock(kind: kind, range: change.range, process: change.process)
            acquire(request, lock, owner, inode, waits: waits)
        }
    }

    func lockFile(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ action: LockAction, waits: Bool
    ) {
        note("lockFile")
        switch action {
        case .release: unlock(request, owner, inode)
        case .acquire(let kind):
            let lock = FileLock(kind: kind, range: 0...Int64.max, process: 0)
            acquire(request, lock, owner, inode, waits: waits)
        }
    }

    private func unlock(_ request: FuseRequest, _ owner: LockOwner, _ inode: InodeNumber) {
        releaseLocks(of: owner, inode)
        request.replySuccess()
    }

    private func acquire(
        _ request: FuseRequest, _ lock: FileLock, _ owner: LockOwner, _ inode: InodeNumber,
        waits: Bool
    ) {
        let held = LockList.Held(inode: inode, owner: owner, lock: lock)
        let token = InterruptToken(rawValue: owner.rawValue)
        let isFree = state.withLock { state in
            let isFree = state.locks.obstacle(to: lock, owner, inode) == nil
            if isFree {
                state.locks.held.append(held)
            } else if waits {
                state.locks.waiting.append(held)
                state.stuck[token] = request
            }
            return isFree
        }
        if isFree {
            request.replySuccess()
        } else if waits {
            request.onInterrupt(token)
            stuckSignal.raise()
        } else {
            fail(request, .tryAgain)
        }
    }

    /// Gives back the locks of an owner on a file, and free ones to those who wait.
    private func releaseLocks(of owner: LockOwner, _ inode: InodeNumber) {
        let granted = state.withLock { state in
            state.locks.release(owner, of: inode)
            return state.locks.grant().compactMap { owner in
                state.stuck.removeValue(forKey: InterruptToken(rawValue: owner.rawValue))
            }
        }
        for request in granted { request.replySuccess() }
    }
}

/// Locks in the order in which they were taken; releasing gives back all that an owner has on a
/// file, which is enough for tests.
struct LockList: Sendable {
    struct Held: Sendable {
        var inode: InodeNumber
        var owner: LockOwner
        var lock: FileLock
    }

    var held: [Held] = []
    var waiting: [Held] = []

    func obstacle(to lock: FileLock, _ owner: LockOwner, _ inode: InodeNumber) -> FileLock? {
        held.first {
            $0.inode == inode && $0.owner != owner && $0.lock.range.overlaps(lock.range)
                && ($0.lock.kind == .exclusive || lock.kind == .exclusive)
        }?.lock
    }

    mutating func release(_ owner: LockOwner, of inode: InodeNumber) {
        held.removeAll { $0.owner == owner && $0.inode == inode }
    }

    /// Gives free locks to those who wait; returns who they are.
    mutating func grant() -> [LockOwner] {
        var granted: [LockOwner] = []
        var still: [Held] = []
        for wanted in waiting {
            if obstacle(to: wanted.lock, wanted.owner, wanted.inode) == nil {
                held.append(wanted)
                granted.append(wanted.owner)
            } else {
                still.append(wanted)
            }
        }
        waiting = still
        return granted
    }
}
