import Core
import Glibc
import Synchronization

/// Bytes.
extension MountedFileSystem {
    func open(_ request: FuseRequest, _ inode: InodeNumber, flags: OpenFlags) {
        run(request) { engine, now throws(PosixError) in
            try engine.openWhenAnnounced(
                NodeID(inode), canWrite: flags.canWrite, truncating: flags.truncates, at: now)
        } undoing: { engine, opened, now in
            engine.openFailed(opened, truncating: flags.truncates, at: now)
        } then: { [self] opened in
            do throws(PosixError) {
                let reply = try enter(
                    opened, canWrite: flags.canWrite, truncating: flags.truncates)
                let caller = request.caller.process
                let delivery = request.reply(opened: reply)
                if delivery == .callerGone {
                    close(opened.handle)
                } else if opened.isExpected {
                    goOn(opened.handle, for: caller)
                }
            } catch {
                request.reply(error: error)
            }
        }
    }

    /// Tells the engine how far a program has come that reads the files of a folder.
    private func goOn(_ handle: HandleID, for thread: Int32) {
        let process = files[handle]?.reader(thread)
        host.notify { engine, now in engine.wentOn(to: handle, by: process, at: now) }
    }

    func create(
        _ request: FuseRequest, _ name: Name, in parent: InodeNumber, permissions: UInt16,
        flags: OpenFlags
    ) {
        run(request) { engine, now throws(PosixError) in
            try engine.create(
                NodeID(parent), name, permissions: permissions, canWrite: flags.canWrite,
                isExclusive: flags.isExclusive, at: now)
        } undoing: { engine, created, now in
            engine.release(created.1.handle, at: now)
            engine.withdraw(created.0.node, at: now)
        } then: { [self] entry, opened in
            do throws(PosixError) {
                let reply = try enter(opened, canWrite: flags.canWrite, truncating: false)
                let delivery = request.reply(
                    created: entry.attributes, lifetime: Self.lifetime, opened: reply)
                if delivery == .callerGone { close(opened.handle) }
            } catch {
                host.notify { engine, now in engine.withdraw(entry.node, at: now) }
                request.reply(error: error)
            }
        }
    }

    private func enter(
        _ opened: OpenedFile, canWrite: Bool, truncating: Bool
    ) throws(PosixError) -> OpenReply {
        let handle = files.insert(opened, canWrite: canWrite)
        if let generation = opened.generation {
            do throws(PosixError) {
                try handle.node.use(generation, isComplete: opened.isComplete, from: content)
            } catch {
                files.remove(opened.handle)
                host.notify { engine, now in
                    engine.openFailed(opened, truncating: truncating, at: now)
                }
                throw error
            }
        }
        return OpenReply(handle: opened.handle, pages: .cached(keepsEarlier: opened.keepsPages))
    }

    private func close(_ handle: HandleID) {
        files.remove(handle)
        host.notify { engine, now in engine.release(handle, at: now) }
    }

    // MARK: Reading

    func read(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64, count: Int
    ) {
        guard let open = files[handle] else {
            request.reply(error: .badDescriptor)
            return
        }
        if let current = open.node.content, current.isComplete {
            request.reply(descriptor: current.file.fileDescriptor, offset: offset, count: count)
            return
        }
        let range = offset..<offset + Int64(count)
        let process = open.reader(request.caller.process)
        run(request) { engine, now throws(PosixError) in
            try engine.read(handle, range, by: process, at: now)
        } then: { [self] readable in
            do throws(PosixError) {
                try open.node.use(
                    readable.generation, isComplete: readable.isComplete, from: content)
            } catch {
                request.reply(error: error)
                return
            }
            guard let current = open.node.content else {
                request.reply(error: .inputOutput)
                return
            }
            request.reply(descriptor: current.file.fileDescriptor, offset: offset, count: count)
        }
    }

    func seek(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, to target: SeekTarget,
        from offset: Int64
    ) {
        guard let open = files[handle] else {
            request.reply(error: .badDescriptor)
            return
        }
        let size = host.read { (try? $0.attributes(of: NodeID(inode)).size) ?? 0 }
        guard offset >= 0, offset < size else {
            request.reply(error: .noSuchAddress)
            return
        }
        // What is not here yet is data all the same: only the holes of a whole file are holes.
        guard let current = open.node.content, current.isComplete else {
            request.reply(offset: target == .data ? offset : size)
            return
        }
        do throws(ContentError) {
            let data = try current.file.nextData(from: offset)
            switch target {
            case .data:
                if let data {
                    request.reply(offset: max(offset, data.lowerBound))
                } else {
                    request.reply(error: .noSuchAddress)
                }
            case .hole:
                guard let data, data.lowerBound <= offset else {
                    request.reply(offset: offset)
                    return
                }
                request.reply(offset: min(data.upperBound, size))
            }
        } catch {
            request.reply(error: PosixError(rawValue: error.errorNumber))
        }
    }

    // MARK: Writing

    func write(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, offset: Int64,
        bytes: RawSpan
    ) {
        guard let open = files[handle] else {
            request.reply(error: .badDescriptor)
            return
        }
        let node = NodeID(inode)
        let count = bytes.byteCount
        do throws(PosixError) {
            switch try prepare(node, open.node) {
            case .ready:
                try store(bytes, at: offset, in: open.node)
                request.reply(written: count)
            case .wait(let id):
                // The bytes belong to the kernel's buffer, which is gone when this call returns.
                let copy = bytes.withUnsafeBytes { Array($0) }
                change(request, node, open.node, after: id) { [self] () throws(PosixError) in
                    try store(copy.span.bytes, at: offset, in: open.node)
                    request.reply(written: count)
                }
            }
        } catch {
            request.reply(error: error)
        }
    }

    /// Stores bytes that were written.
    ///
    /// Where there is room for some of them only, the file does not become longer by these: after a
    /// crash its length would be believed.
    private func store(
        _ bytes: RawSpan, at offset: Int64, in node: OpenNode
    ) throws(PosixError) {
        do throws(PosixError) {
            try withRoom { () throws(PosixError) in try node.write(bytes, at: offset) }
        } catch {
            if let size = host.read({ try? $0.attributes(of: node.id).size }) {
                try? node.shorten(to: size)
            }
            throw error
        }
        host.notify { engine, now in
            engine.wrote(node.id, through: offset + Int64(bytes.byteCount), at: now)
        }
    }

    /// Works on a content file; where the disk is full, once more after room was made.
    private func withRoom<Value>(
        _ body: () throws(PosixError) -> Value
    ) throws(PosixError) -> Value {
        do throws(PosixError) {
            return try fill(body)
        } catch {
            guard error == .noSpace,
                try host.step({ engine, now throws(PosixError) in engine.makeRoom(at: now) })
            else { throw error }
            return try fill(body)
        }
    }

    private func fill<Value>(_ body: () throws(PosixError) -> Value) throws(PosixError) -> Value {
        guard host.mayFill else { throw .noSpace }
        return try body()
    }

    /// Prepares a file for a change of its bytes; makes a copy of its own where the present content
    /// file is frozen.
    private func prepare(_ id: NodeID, _ node: OpenNode) throws(PosixError) -> Answer<Void> {
        while true {
            let answer = try host.step { engine, now throws(PosixError) in
                try engine.prepareChange(id, at: now)
            }
            switch answer {
            case .wait(let wait): return .wait(wait)
            case .ready(.granted(let generation)):
                try node.use(generation, isComplete: true, from: content)
                return .ready(())
            case .ready(.copyFirst(let old, let new)):
                try copy(id, node, from: old, to: new)
            case .ready(.recordFirst(let revision)):
                guard host.makeDurable() else { throw .inputOutput }
                host.notify { engine, _ in engine.editRecorded(id, revision: revision) }
            }
        }
    }

    private func copy(
        _ id: NodeID, _ node: OpenNode, from old: GenerationID, to new: GenerationID
    ) throws(PosixError) {
        let result = node.writing.withLock { _ in
            Result { () throws(PosixError) in
                // Another writer may have made the copy meanwhile: then this one is not needed.
                guard node.content.map({ $0.generation == old }) ?? true else { return }
                try withRoom { () throws(PosixError) in
                    try posix { () throws(ContentError) in
                        _ = try content.clone(from: old, to: new)
                    }
                }
                host.notify { engine, now in engine.copied(id, from: old, to: new, at: now) }
            }
        }
        try result.get()
    }

    /// Makes a change when the wait is over, or waits on.
    private func change(
        _ request: FuseRequest, _ id: NodeID, _ node: OpenNode, after wait: WaitID,
        _ body: @escaping @Sendable () throws(PosixError) -> Void
    ) {
        park(request, wait) { [self] in
            do throws(PosixError) {
                switch try prepare(id, node) {
                case .ready: try body()
                case .wait(let next): change(request, id, node, after: next, body)
                }
            } catch {
                request.reply(error: error)
            }
        }
    }

    func setAttributes(
        _ request: FuseRequest, of inode: InodeNumber, _ change: AttributeChange, handle: HandleID?
    ) {
        guard let size = change.size else {
            finish(request, inode, change)
            return
        }
        let id = NodeID(inode)
        do throws(PosixError) {
            let opened = try host.step(
                undoing: { engine, opened, now in
                    engine.openFailed(opened, truncating: size == 0, at: now)
                }
            ) { engine, now throws(PosixError) in
                try engine.open(id, canWrite: true, truncating: size == 0, at: now)
            }
            _ = try enter(opened, canWrite: true, truncating: size == 0)
            guard let node = files[opened.handle]?.node else { throw .badDescriptor }
            let body: @Sendable () throws(PosixError) -> Void = {
                [self] () throws(PosixError) in
                defer { close(opened.handle) }
                if size > 0 { try node.resize(to: size) }
                host.notify { engine, now in
                    if size > 0 { engine.resized(id, to: size, at: now) }
                    engine.flush(id, at: now)
                }
                finish(request, inode, change)
            }
            guard size > 0 else {
                try body()
                return
            }
            do throws(PosixError) {
                switch try prepare(id, node) {
                case .ready: try body()
                case .wait(let wait): self.change(request, id, node, after: wait, body)
                }
            } catch {
                close(opened.handle)
                throw error
            }
        } catch {
            request.reply(error: error)
        }
    }

    private func finish(
        _ request: FuseRequest, _ inode: InodeNumber, _ change: AttributeChange
    ) {
        let id = NodeID(inode)
        answer(request) { engine, now throws(PosixError) in
            try engine.setAttributes(id, change, at: now)
            return try engine.attributes(of: id)
        } then: {
            request.reply(attributes: $0, lifetime: Self.lifetime.attributes)
        }
    }

    func allocate(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, mode: AllocationMode,
        range: Range<Int64>
    ) {
        guard let open = files[handle] else {
            request.reply(error: .badDescriptor)
            return
        }
        let id = NodeID(inode)
        let body: @Sendable () throws(PosixError) -> Void = { [self] () throws(PosixError) in
            let size = try withRoom { () throws(PosixError) in
                try open.node.allocate(mode, range)
            }
            host.notify { engine, now in engine.resized(id, to: size, at: now) }
            request.replySuccess()
        }
        do throws(PosixError) {
            switch try prepare(id, open.node) {
            case .ready: try body()
            case .wait(let wait): change(request, id, open.node, after: wait, body)
            }
        } catch {
            request.reply(error: error)
        }
    }

    /// Left to the kernel, which copies through read and write: both ends are on this machine.
    func copyRange(
        _ request: FuseRequest, from source: FileRange, to target: FileRange, count: Int
    ) {
        guard let from = files[source.handle], let to = files[target.handle],
            let bytes = from.node.content, bytes.isComplete, from.node !== to.node
        else {
            request.reply(error: .notSupported)
            return
        }
        let id = NodeID(target.inode)
        do throws(PosixError) {
            guard case .ready = try prepare(id, to.node) else { throw .notSupported }
            let copied = try withRoom { () throws(PosixError) in
                try to.node.copy(
                    from: bytes.file, at: source.offset, to: target.offset, count: count)
            }
            host.notify { engine, now in
                engine.wrote(id, through: target.offset + Int64(copied), at: now)
            }
            request.reply(written: copied)
        } catch {
            request.reply(error: error)
        }
    }

    // MARK: Closing

    func flush(_ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner) {
        let id = NodeID(inode)
        guard let open = files[handle], open.canWrite || host.read({ $0.hasLocks(id) }) else {
            request.replySuccess()
            return
        }
        answer(request) { engine, now throws(PosixError) in
            engine.closeDescriptor(of: handle, on: id, owner: owner, at: now)
            if open.canWrite { engine.flush(id, at: now) }
        } then: {
            request.replySuccess()
        }
    }

    func release(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, flockOwner: LockOwner?
    ) {
        close(handle)
        request.replySuccess()
    }

    func synchronize(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, dataOnly: Bool
    ) {
        guard let open = files[handle] else {
            request.reply(error: .badDescriptor)
            return
        }
        do throws(PosixError) {
            // First the bytes, then what tells of them.
            try open.node.synchronize()
            try host.step { engine, now throws(PosixError) in
                engine.flush(open.node.id, at: now)
            }
            guard host.makeDurable() else { throw .inputOutput }
            request.replySuccess()
        } catch {
            request.reply(error: error)
        }
    }
}
