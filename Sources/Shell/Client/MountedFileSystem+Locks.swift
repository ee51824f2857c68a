import Core

/// Locks, answered by the engine. No thread waits for one.
extension MountedFileSystem {
    func testLock(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ lock: FileLock
    ) {
        test(
            request,
            LockRequest(
                node: NodeID(inode), family: .byteRange, owner: owner, handle: handle, lock: lock),
            isSettled: false)
    }

    private func test(_ request: FuseRequest, _ wish: LockRequest, isSettled: Bool) {
        switch host.read({ $0.testLock(wish, isSettled: isSettled) }) {
        case .free: request.reply(lock: nil)
        case .held(let lock): request.reply(lock: lock)
        case .unsettled:
            request.connection.afterEarlierCalls { [self] in test(request, wish, isSettled: true) }
        }
    }

    func changeLock(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ change: LockChange, waits: Bool
    ) {
        switch change.action {
        case .acquire(let kind):
            let lock = FileLock(kind: kind, range: change.range, process: change.process)
            acquire(
                request,
                LockRequest(
                    node: NodeID(inode), family: .byteRange, owner: owner, handle: handle,
                    lock: lock),
                waits: waits, isSettled: false)
        case .release: release(request, change.range, NodeID(inode), .byteRange, owner)
        }
    }

    func lockFile(
        _ request: FuseRequest, _ inode: InodeNumber, handle: HandleID, owner: LockOwner,
        _ action: LockAction, waits: Bool
    ) {
        // Such a lock belongs to the open file, whose handle is never used again; the kernel's number
        // is.
        let owner = LockOwner(rawValue: handle.rawValue)
        let node = NodeID(inode)
        switch action {
        case .acquire(let kind):
            let lock = FileLock(
                kind: kind, range: FileLock.everything, process: request.caller.process)
            acquire(
                request,
                LockRequest(
                    node: node, family: .wholeFile, owner: owner, handle: handle, lock: lock),
                waits: waits, isSettled: false)
        case .release: release(request, FileLock.everything, node, .wholeFile, owner)
        }
    }

    private func acquire(
        _ request: FuseRequest, _ wish: LockRequest, waits: Bool, isSettled: Bool
    ) {
        answer(request) { engine, now throws(PosixError) in
            try engine.lock(wish, waits: waits, isSettled: isSettled, at: now)
        } then: { [self] answer in
            switch answer {
            case .granted: request.replySuccess()
            case .waits(let id): park(request, id) { request.replySuccess() }
            case .asks(let id):
                park(request, id) { [self] in
                    acquire(request, wish, waits: waits, isSettled: false)
                }
            case .unsettled:
                request.connection.afterEarlierCalls { [self] in
                    acquire(request, wish, waits: waits, isSettled: true)
                }
            }
        }
    }

    private func release(
        _ request: FuseRequest, _ range: ClosedRange<Int64>, _ node: NodeID, _ family: LockFamily,
        _ owner: LockOwner
    ) {
        answer(request) { engine, now throws(PosixError) in
            try engine.unlock(range, on: node, family, of: owner, at: now)
        } then: {
            request.replySuccess()
        }
    }
}
