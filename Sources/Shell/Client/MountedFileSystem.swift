import Core
import Dispatch
import Synchronization

/// The calls of the kernel, answered by the engine.
///
/// Calls about names and attributes are one step of the engine each. Bytes are read and written
/// through descriptors of content files; the engine is asked only while bytes are missing, and
/// before they change.
final class MountedFileSystem: FileSystem {
    let host: EngineHost
    let content: ContentStore
    let files = OpenFiles()
    let directories = OpenDirectories()
    private let waits: WaitTable
    private let interrupts = InterruptTable()
    /// Held while libfuse is told whom to call when a program gives up.
    private let registration = Mutex<Void>(())
    /// What `df` shows while the service has told no quota.
    private let fallbackStatistics: @Sendable () -> VolumeStatistics

    /// How long the kernel may answer by itself.
    ///
    /// Every change that does not come through the mount is told to it, so this may be long.
    static let lifetime = CacheLifetime(entry: .seconds(3600), attributes: .seconds(3600))

    init(
        host: EngineHost, content: ContentStore, waits: WaitTable,
        fallbackStatistics: @escaping @Sendable () -> VolumeStatistics
    ) {
        self.host = host
        self.content = content
        self.waits = waits
        self.fallbackStatistics = fallbackStatistics
    }

    // MARK: Running calls

    /// Runs a step of the engine for a request; where it must wait, the step is run again when the
    /// wait ends, until it is ready or the program gives up.
    ///
    /// - Parameters:
    ///   - request: What is answered with an error if the step fails.
    ///   - step: The step.
    ///   - undo: Takes back what the step gave, if the program is told that it failed.
    ///   - finish: Called with what the step gave.
    func run<Value: Sendable>(
        _ request: FuseRequest,
        _ step: @escaping @Sendable (inout Engine, Timestamp) throws(PosixError) -> Answer<Value>,
        undoing undo: @escaping @Sendable (inout Engine, Value, Timestamp) -> Void = { _, _, _ in },
        then finish: @escaping @Sendable (Value) -> Void
    ) {
        do throws(PosixError) {
            let answer = try host.step(
                undoing: { engine, answer, now in
                    if case .ready(let value) = answer { undo(&engine, value, now) }
                }, step)
            switch answer {
            case .ready(let value): finish(value)
            case .wait(let id):
                park(request, id) { [self] in run(request, step, undoing: undo, then: finish) }
            }
        } catch {
            request.reply(error: error)
        }
    }

    /// Runs a step that never waits, and answers with its error if it fails.
    func answer<Value: Sendable>(
        _ request: FuseRequest,
        _ step: (inout Engine, Timestamp) throws(PosixError) -> Value,
        then finish: (Value) throws(PosixError) -> Void
    ) {
        do throws(PosixError) {
            try finish(try host.step(step))
        } catch {
            request.reply(error: error)
        }
    }

    func park(
        _ request: FuseRequest, _ id: WaitID, then resume: @escaping @Sendable () -> Void
    ) {
        let token = InterruptToken(rawValue: id.rawValue)
        // Nobody may answer the request, and so free it, before libfuse has returned from this.
        registration.withLock { _ in
            interrupts.enter(token, request)
            request.onInterrupt(token)
        }
        waits.wait(id) { [interrupts] error in
            // Whoever takes the request out answers it.
            guard interrupts.take(token) != nil else { return }
            if let error { request.reply(error: error) } else { resume() }
        }
        // Given up meanwhile.
        if !interrupts.contains(token) { waits.cancel(id) }
    }

    func interrupted(_ token: InterruptToken) {
        // Called with libfuse's locks held: the answer goes out from elsewhere.
        waits.queue.async { [self] in
            registration.withLock { _ in }
            let id = WaitID(rawValue: token.rawValue)
            do throws(PosixError) {
                // A wait that has just ended stays so: a lock, for one, may have been granted.
                let isWaiting = try host.step { engine, now throws(PosixError) in
                    engine.cancelWait(id, at: now)
                }
                guard isWaiting else { return }
            } catch {
                // The wait is given up; what could not be written comes with the next step.
            }
            waits.cancel(id)
            interrupts.take(token)?.reply(error: .interrupted)
        }
    }

    // MARK: Names

    func lookUp(_ request: FuseRequest, _ name: Name, in parent: InodeNumber) {
        do throws(PosixError) {
            let answer = try host.step { engine, now throws(PosixError) in
                try engine.lookup(NodeID(parent), name, at: now)
            }
            switch answer {
            case .ready(let entry): request.reply(entry: entry.attributes, lifetime: Self.lifetime)
            case .wait(let id):
                park(request, id) { [self] in lookUp(request, name, in: parent) }
            }
        } catch {
            if error == .noEntry {
                request.replyNoEntry(lifetime: Self.lifetime.entry)
            } else {
                request.reply(error: error)
            }
        }
    }

    /// Nodes are kept by the engine for as long as any side knows them, so there is nothing to give
    /// back.
    func forget(_ inode: InodeNumber, count: UInt64) {}

    func makeFile(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16
    ) {
        run(request) { engine, now throws(PosixError) in
            try engine.makeFile(NodeID(parent), name, permissions: permissions, at: now)
        } undoing: { engine, entry, now in
            engine.withdraw(entry.node, at: now)
        } then: {
            request.reply(entry: $0.attributes, lifetime: Self.lifetime)
        }
    }

    func makeDirectory(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16
    ) {
        run(request) { engine, now throws(PosixError) in
            try engine.makeDirectory(NodeID(parent), name, permissions: permissions, at: now)
        } undoing: { engine, entry, now in
            engine.withdraw(entry.node, at: now)
        } then: {
            request.reply(entry: $0.attributes, lifetime: Self.lifetime)
        }
    }

    func makeSymlink(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, target: [UInt8]
    ) {
        run(request) { engine, now throws(PosixError) in
            try engine.makeSymlink(NodeID(parent), name, target: target, at: now)
        } undoing: { engine, entry, now in
            engine.withdraw(entry.node, at: now)
        } then: {
            request.reply(entry: $0.attributes, lifetime: Self.lifetime)
        }
    }

    func readLink(_ request: FuseRequest, _ inode: InodeNumber) {
        answer(request) { engine, _ throws(PosixError) in
            try engine.readLink(NodeID(inode))
        } then: {
            request.reply(linkTarget: $0)
        }
    }

    func unlink(_ request: FuseRequest, _ name: Name, in parent: InodeNumber) {
        run(request) { engine, now throws(PosixError) in
            try engine.unlink(NodeID(parent), name, at: now)
        } undoing: { engine, _, _ in
            engine.renewEntry(name, in: NodeID(parent))
        } then: {
            request.replySuccess()
        }
    }

    func removeDirectory(_ request: FuseRequest, _ name: Name, in parent: InodeNumber) {
        run(request) { engine, now throws(PosixError) in
            try engine.removeDirectory(NodeID(parent), name, at: now)
        } undoing: { engine, _, _ in
            engine.renewEntry(name, in: NodeID(parent))
        } then: {
            request.replySuccess()
        }
    }

    func rename(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, to newName: Name,
        in newParent: InodeNumber, mode: RenameMode
    ) {
        run(request) { engine, now throws(PosixError) in
            try engine.rename(
                name, in: NodeID(parent), to: newName, in: NodeID(newParent), mode: mode, at: now)
        } undoing: { engine, _, _ in
            engine.renewEntry(name, in: NodeID(parent))
            engine.renewEntry(newName, in: NodeID(newParent))
        } then: {
            request.replySuccess()
        }
    }

    // MARK: Attributes

    func attributes(_ request: FuseRequest, of inode: InodeNumber, handle: HandleID?) {
        let result = host.read { engine in
            Result { () throws(PosixError) in try engine.attributes(of: NodeID(inode)) }
        }
        switch result {
        case .success(let attributes):
            request.reply(attributes: attributes, lifetime: Self.lifetime.attributes)
        case .failure(let error): request.reply(error: error)
        }
    }

    func setExtendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8], to value: RawSpan,
        mode: AttributeMode
    ) {
        let value = value.withUnsafeBytes { Array($0) }
        answer(request) { engine, now throws(PosixError) in
            try engine.setAttribute(NodeID(inode), name, value, mode: mode, at: now)
        } then: {
            request.replySuccess()
        }
    }

    func extendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8], capacity: Int
    ) {
        // The kernel asks for one before each first write to a file.
        let result = host.read { engine in
            Result { () throws(PosixError) in try engine.attribute(NodeID(inode), name) }
        }
        switch result {
        case .success(let value): request.reply(extendedAttribute: value, capacity: capacity)
        case .failure(let error): request.reply(error: error)
        }
    }

    func extendedAttributeNames(_ request: FuseRequest, of inode: InodeNumber, capacity: Int) {
        let names = host.read { $0.attributeNames(NodeID(inode)) }
        let list = names.reduce(into: [UInt8]()) { $0 += $1 + [0] }
        request.reply(extendedAttribute: list, capacity: capacity)
    }

    func removeExtendedAttribute(
        _ request: FuseRequest, of inode: InodeNumber, named name: [UInt8]
    ) {
        answer(request) { engine, now throws(PosixError) in
            try engine.removeAttribute(NodeID(inode), name, at: now)
        } then: {
            request.replySuccess()
        }
    }

    func statistics(_ request: FuseRequest) {
        let fallback = fallbackStatistics()
        request.reply(statistics: host.read { $0.statistics(otherwise: fallback) })
    }
}
