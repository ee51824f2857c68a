import Core
import Synchronization

/// The files that programs have open on the mount, with the content files behind them.
final class OpenFiles: Sendable {
    private struct State {
        var handles: [HandleID: OpenHandle] = [:]
        var nodes: [NodeID: OpenNode] = [:]
    }

    private let state = Mutex(State())

    /// Enters a handle.
    ///
    /// All handles of a node share its content file.
    func insert(_ opened: OpenedFile, canWrite: Bool) -> OpenHandle {
        state.withLock { state in
            let node = state.nodes[opened.node] ?? OpenNode(opened.node)
            state.nodes[opened.node] = node
            node.handleCount.add(1, ordering: .relaxed)
            let handle = OpenHandle(id: opened.handle, node: node, canWrite: canWrite)
            state.handles[opened.handle] = handle
            return handle
        }
    }

    subscript(handle: HandleID) -> OpenHandle? { state.withLock { $0.handles[handle] } }

    /// The content behind a node that is open.
    func node(_ id: NodeID) -> OpenNode? { state.withLock { $0.nodes[id] } }

    func remove(_ handle: HandleID) {
        state.withLock { state in
            guard let node = state.handles.removeValue(forKey: handle)?.node else { return }
            if node.handleCount.subtract(1, ordering: .relaxed).newValue == 0 {
                state.nodes[node.id] = nil
            }
        }
    }
}

/// A file opened by a program.
final class OpenHandle: Sendable {
    let id: HandleID
    let node: OpenNode
    let canWrite: Bool
    private let lastReader = Mutex<(process: Int32, name: String?)?>(nil)

    init(id: HandleID, node: OpenNode, canWrite: Bool) {
        self.id = id
        self.node = node
        self.canWrite = canWrite
    }

    /// The name of the process that reads, by the id of its thread; nil if it cannot be found out.
    ///
    /// It is looked up once as long as the reader stays the same.
    func reader(_ thread: Int32) -> String? {
        lastReader.withLock { last in
            if let last, last.process == thread { return last.name }
            let name = ProcessFacts.ofThread(thread)
            last = (thread, name)
            return name
        }
    }
}

/// A node that is open, with the content file that its handles share.
final class OpenNode: Sendable {
    /// The content file in use, and whether all its bytes are here.
    struct Content: Sendable {
        var generation: GenerationID
        var file: ContentFile
        var isComplete: Bool
    }

    let id: NodeID
    let handleCount = Atomic<Int>(0)
    private let current = Mutex<Content?>(nil)
    /// Held by whoever changes bytes, or replaces the content file, of this node.
    let writing = Mutex<Void>(())

    init(_ id: NodeID) { self.id = id }

    var content: Content? { current.withLock { $0 } }

    /// Makes this the content file that all handles use from now on.
    func use(
        _ generation: GenerationID, isComplete: Bool, from store: ContentStore
    ) throws(PosixError) {
        let isInUse = current.withLock { current in
            guard current?.generation == generation else { return false }
            if isComplete { current?.isComplete = true }
            return true
        }
        if isInUse { return }
        let file = try posix { () throws(ContentError) in try store.provide(generation, size: 0) }
        current.withLock {
            $0 = Content(generation: generation, file: file, isComplete: isComplete)
        }
    }

    // MARK: Changing bytes

    func write(_ bytes: RawSpan, at offset: Int64) throws(PosixError) {
        guard let file = content?.file else { throw .badDescriptor }
        try posix { () throws(ContentError) in
            try bytes.withUnsafeBytes { (buffer) throws(ContentError) in
                try file.write(buffer, at: offset)
            }
        }
    }

    func resize(to size: Int64) throws(PosixError) {
        guard let file = content?.file else { throw .badDescriptor }
        try posix { () throws(ContentError) in try file.truncate(to: size) }
    }

    /// Takes away what lies behind a size.
    func shorten(to size: Int64) throws(PosixError) {
        guard let file = content?.file else { return }
        try posix { () throws(ContentError) in
            if try file.size() > size { try file.truncate(to: size) }
        }
    }

    /// Returns the size of the file afterwards, in bytes.
    func allocate(_ mode: AllocationMode, _ range: Range<Int64>) throws(PosixError) -> Int64 {
        guard let file = content?.file else { throw .badDescriptor }
        return try posix { () throws(ContentError) in
            switch mode {
            case .reserve(let keepsSize): try file.reserve(range, keepsSize: keepsSize)
            case .punchHole: try file.punchHole(range)
            case .zero(let keepsSize):
                try file.reserve(range, keepsSize: keepsSize)
                try file.punchHole(range)
            }
            return try file.size()
        }
    }

    /// Copies bytes of another content file; returns how many.
    func copy(
        from source: ContentFile, at offset: Int64, to target: Int64, count: Int
    ) throws(PosixError) -> Int {
        guard let file = content?.file else { throw .badDescriptor }
        return try posix { () throws(ContentError) in
            try file.copy(from: source, at: offset, to: target, count: count)
        }
    }

    func synchronize() throws(PosixError) {
        guard let file = content?.file else { return }
        try posix { () throws(ContentError) in try file.synchronize() }
    }
}

/// Runs work on content files; what fails there is told to programs by its error number.
func posix<Value>(_ body: () throws(ContentError) -> Value) throws(PosixError) -> Value {
    do throws(ContentError) {
        return try body()
    } catch {
        throw PosixError(rawValue: error.errorNumber)
    }
}
