import Core
import Glibc
import Shell
import Synchronization

/// A small file system in memory, and a record of the calls that it got.
///
/// Some names are special. A read of a file called `stuck` is never answered unless its reader
/// gives up; lookups of names that start with `meet-` are answered when two of them have come.
final class MemoryFileSystem: FileSystem {
    struct Node: Sendable {
        var attributes: Attributes
        var bytes: [UInt8] = []
        /// Where the bytes of a file lie, instead of in `bytes`.
        var descriptor: Int32?
        var children: [Name: InodeNumber] = [:]
        var target: [UInt8] = []
        var extendedAttributes: [[UInt8]: [UInt8]] = [:]
    }

    struct State: Sendable {
        var nodes: [InodeNumber: Node] = [:]
        var lastInode: UInt64 = 1
        var lastHandle: UInt64 = 0
        /// The listings of open directories.
        var listings: [HandleID: [DirectoryEntry]] = [:]
        var locks = LockList()
        var backings: [InodeNumber: BackingID] = [:]
        var stuck: [InterruptToken: FuseRequest] = [:]
        var meeting: [(request: FuseRequest, name: Name)] = []
        var calls: [String] = []
        var callers: Set<UInt32> = []
    }

    /// How long the kernel believes what it is told: only notifications change its mind.
    static let hour = CacheLifetime(entry: .seconds(3600), attributes: .seconds(3600))

    let state: Mutex<State>
    /// Raised when a call starts to wait.
    let stuckSignal = Semaphore()
    /// How open files are served, instead of through the page cache; by passthrough only those that
    /// have a descriptor.
    let servesByPassthrough: Bool
    let readsDirectly: Bool

    init(servesByPassthrough: Bool = false, readsDirectly: Bool = false) {
        var state = State()
        state.nodes[.root] = Node(attributes: Self.attributes(.root, .directory, 0o755))
        self.state = Mutex(state)
        self.servesByPassthrough = servesByPassthrough
        self.readsDirectly = readsDirectly
    }

    // MARK: From the side of the test

    /// How many calls there were of that name.
    func count(of call: String) -> Int {
        state.withLock { state in state.calls.filter { $0 == call }.count }
    }

    /// Adds a file without the kernel's knowing.
    @discardableResult
    func add(_ name: Name, bytes: [UInt8] = [], descriptor: Int32? = nil, size: Int64? = nil)
        -> InodeNumber
    {
        state.withLock { state in
            let inode = state.add(name, in: .root, .regular, 0o644)
            state.nodes[inode]?.bytes = bytes
            state.nodes[inode]?.descriptor = descriptor
            state.nodes[inode]?.attributes.size = size ?? Int64(bytes.count)
            return inode
        }
    }

    /// Replaces the bytes of a file without the kernel's knowing.
    func replace(_ inode: InodeNumber, with bytes: [UInt8]) {
        state.withLock { state in
            state.nodes[inode]?.bytes = bytes
            state.nodes[inode]?.attributes.size = Int64(bytes.count)
        }
    }

    /// Takes a name away without the kernel's knowing.
    func remove(_ name: Name) {
        state.withLock { state in state.nodes[.root]?.children[name] = nil }
    }

    static func attributes(
        _ inode: InodeNumber, _ kind: FileKind, _ permissions: UInt16
    ) -> Attributes {
        let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)
        return Attributes(
            inode: inode, kind: kind, permissions: permissions, linkCount: 1, size: 0, blocks: 0,
            accessed: time, modified: time, changed: time, created: time, owner: getuid(),
            group: getgid())
    }

    // MARK: Names

    func lookUp(_ request: FuseRequest, _ name: Name, in parent: InodeNumber) {
        // A desktop asks every mount for hidden names of its own.
        if !name.string.hasPrefix(".") { note("lookUp") }
        if name.string.hasPrefix("meet-") { return meet(request, name) }
        let found = state.withLock { state in
            state.callers.insert(request.caller.user)
            return state.nodes[parent]?.children[name].flatMap { state.nodes[$0] }
        }
        guard let found else {
            request.replyNoEntry(lifetime: Self.hour.entry)
            return
        }
        request.reply(entry: found.attributes, lifetime: Self.hour)
    }

    private func meet(_ request: FuseRequest, _ name: Name) {
        let met = state.withLock { state in
            state.meeting.append((request, name))
            guard state.meeting.count == 2 else { return [] as [FuseRequest] }
            defer { state.meeting = [] }
            return state.meeting.map(\.request)
        }
        for request in met { request.replyNoEntry(lifetime: .zero) }
    }

    func forget(_ inode: InodeNumber, count: UInt64) { note("forget") }

    func makeFile(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16
    ) {
        make(request, name, parent, .regular, permissions)
    }

    func makeDirectory(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16
    ) {
        make(request, name, parent, .directory, permissions)
    }

    func makeSymlink(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, target: [UInt8]
    ) {
        make(request, name, parent, .symlink, 0o777, target: target)
    }

    private func make(
        _ request: FuseRequest, _ name: Name, _ parent: InodeNumber, _ kind: FileKind,
        _ permissions: UInt16, target: [UInt8] = []
    ) {
        let made = state.withLock { state in
            let inode = state.add(name, in: parent, kind, permissions)
            state.nodes[inode]?.target = target
            return state.nodes[inode]
        }
        guard let made else { return fail(request, .stale) }
        request.reply(entry: made.attributes, lifetime: Self.hour)
    }

    func readLink(_ request: FuseRequest, _ inode: InodeNumber) {
        guard let node = node(inode) else { return fail(request, .stale) }
        request.reply(linkTarget: node.target)
    }

    func unlink(_ request: FuseRequest, _ name: Name, in parent: InodeNumber) {
        state.withLock { state in state.nodes[parent]?.children[name] = nil }
        request.replySuccess()
    }

    func removeDirectory(_ request: FuseRequest, _ name: Name, in parent: InodeNumber) {
        let isEmpty = state.withLock { state -> Bool in
            guard let inode = state.nodes[parent]?.children[name],
                state.nodes[inode]?.children.isEmpty == true
            else { return false }
            state.nodes[parent]?.children[name] = nil
            return true
        }
        if isEmpty { request.replySuccess() } else { fail(request, .notEmpty) }
    }

    func rename(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, to newName: Name,
        in newParent: InodeNumber, mode: RenameMode
    ) {
        note("rename \(mode)")
        state.withLock { state in
            let old = state.nodes[parent]?.children[name]
            let replaced = state.nodes[newParent]?.children[newName]
            state.nodes[parent]?.children[name] = mode == .exchange ? replaced : nil
            state.nodes[newParent]?.children[newName] = old
        }
        request.replySuccess()
    }

    // MARK: Attributes

    func attributes(_ request: FuseRequest, of inode: InodeNumber, handle: HandleID?) {
        note("attributes")
        guard let node = node(inode) else { return fail(request, .stale) }
        request.reply(attributes: node.attributes, lifetime: Self.hour.attributes)
    }

    func setAttributes(
        _ request: FuseRequest, of inode: InodeNumber, _ change: AttributeChange,
        handle: HandleID?
    ) {
        let changed = state.withLock { state -> Attributes? in
            state.nodes[inode]?.change(change)
            return state.nodes[inode]?.attributes
        }
        guard let changed else { return fail(request, .stale) }
        request.reply(attributes: changed, lifetime: Self.hour.attributes)
    }

    func setExtendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8], to value: RawSpan,
        mode: AttributeMode
    ) {
        let value = value.withUnsafeBytes { Array($0) }
        let error = state.withLock { state -> PosixError? in
            let exists = state.nodes[inode]?.extendedAttributes[name] != nil
            if mode == .create, exists { return .exists }
            if mode == .replace, !exists { return .noAttribute }
            state.nodes[inode]?.extendedAttributes[name] = value
            return nil
        }
        if let error { fail(request, error) } else { request.replySuccess() }
    }

    func extendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8], capacity: Int
    ) {
        guard let value = node(inode)?.extendedAttributes[name] else {
            return fail(request, .noAttribute)
        }
        request.reply(extendedAttribute: value, capacity: capacity)
    }

    func extendedAttributeNames(_ request: FuseRequest, of inode: InodeNumber, capacity: Int) {
        let names = (node(inode)?.extendedAttributes ?? [:]).keys.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        request.reply(extendedAttribute: names.flatMap { $0 + [0] }, capacity: capacity)
    }

    func removeExtendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8]
    ) {
        state.withLock { state in state.nodes[inode]?.extendedAttributes[name] = nil }
        request.replySuccess()
    }

    func statistics(_ request: FuseRequest) {
        request.reply(
            statistics: VolumeStatistics(
                size: 4096 * 1000, free: 4096 * 600, available: 4096 * 500, fileCount: 77,
                freeFileCount: 33))
    }

    func interrupted(_ token: InterruptToken) {
        note("interrupted")
        // The answer comes from another thread: libfuse holds the lock of the request here.
        let request = state.withLock { state in state.stuck.removeValue(forKey: token) }
        guard let request else { return }
        do {
            _ = try JoinableThread(name: "answer") { request.reply(error: .interrupted) }
        } catch {
            preconditionFailure("no thread: \(error)")
        }
    }

    /// Answers all that is stuck.
    func giveUp() {
        let requests = state.withLock { state in
            defer { state.stuck = [:] }
            return Array(state.stuck.values)
        }
        for request in requests { request.reply(error: .inputOutput) }
    }

    // MARK: Shared

    func note(_ call: String) { state.withLock { state in state.calls.append(call) } }

    func node(_ inode: InodeNumber) -> Node? { state.withLock { state in state.nodes[inode] } }

    func fail(_ request: FuseRequest, _ error: PosixError) { request.reply(error: error) }
}

extension MemoryFileSystem.State {
    mutating func add(
        _ name: Name, in parent: InodeNumber, _ kind: FileKind, _ permissions: UInt16
    ) -> InodeNumber {
        lastInode += 1
        let inode = InodeNumber(rawValue: lastInode)
        nodes[inode] = MemoryFileSystem.Node(
            attributes: MemoryFileSystem.attributes(inode, kind, permissions))
        nodes[parent]?.children[name] = inode
        return inode
    }

    mutating func newHandle() -> HandleID {
        lastHandle += 1
        return HandleID(rawValue: lastHandle)
    }
}

extension MemoryFileSystem.Node {
    mutating func change(_ change: AttributeChange) {
        if let permissions = change.permissions { attributes.permissions = permissions }
        if let owner = change.owner { attributes.owner = owner }
        if let group = change.group { attributes.group = group }
        if let size = change.size { resize(to: Int(size)) }
        if case .at(let time) = change.modified { attributes.modified = time }
        if case .at(let time) = change.accessed { attributes.accessed = time }
    }

    mutating func resize(to size: Int) {
        if size < bytes.count { bytes.removeLast(bytes.count - size) }
        bytes += Array(repeating: 0, count: size - bytes.count)
        attributes.size = Int64(size)
    }
}
