import Core

/// Programs that lock files.
extension World {
    mutating func lock(
        _ kind: LockKind, _ family: LockFamily, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        guard let handle = program.handle else { return .failed(.badDescriptor) }
        if mutant == .locksUnseen {
            program.handle?.lock = kind
            return .done
        }
        let request = LockRequest(
            node: handle.file.node, family: family, owner: owner(of: handle),
            handle: handle.file.handle,
            lock: FileLock(kind: kind, range: FileLock.everything, process: 1))
        let outcome = step(number) { engine, now throws(PosixError) in
            try engine.lock(request, waits: true, isSettled: true, at: now)
        }
        switch outcome {
        case .value(.granted):
            program.handle?.lock = kind
            checkExclusion(handle, kind, family, number)
            return .done
        case .value(.waits(let wait)):
            program.awaitsLock = true
            return .wait(wait)
        case .value(.asks(let wait)): return .wait(wait)
        case .value(.unsettled): return .failed(.tryAgain)
        case .error(let error): return .failed(error)
        case .ended: return .ended
        }
    }

    mutating func unlock(
        _ family: LockFamily, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        guard let handle = program.handle else { return .failed(.badDescriptor) }
        program.handle?.lock = nil
        if mutant == .locksUnseen { return .done }
        let owner = owner(of: handle)
        let outcome = step(number) { engine, now throws(PosixError) in
            try engine.unlock(
                FileLock.everything, on: handle.file.node, family, of: owner, at: now)
        }
        switch outcome {
        case .value: return .done
        case .error(let error): return .failed(error)
        case .ended: return .ended
        }
    }

    private func owner(of handle: Program.Handle) -> LockOwner {
        LockOwner(rawValue: handle.file.handle.rawValue)
    }

    mutating func checkExclusion(
        _ handle: Program.Handle, _ kind: LockKind, _ family: LockFamily, _ number: Int
    ) {
        for other in devices[number].programs {
            guard let held = other.handle, let lock = held.lock,
                held.file.node == handle.file.node, held.file.handle != handle.file.handle,
                // Locks of the other family are not seen.
                other.lockFamily == family, kind == .exclusive || lock == .exclusive
            else { continue }
            fail(.lock, "client \(number): two programs hold a lock of \(held.file.node)")
        }
    }

    // MARK: What is locked is left alone

    /// What programs have locked on a device.
    struct LockedFile {
        var node: NodeID
        var isShown: Bool
        var content: Content?
        var bytes: [UInt8]?
    }

    func lockedFiles(_ number: Int) -> [LockedFile] {
        devices[number].programs.compactMap { program in
            guard let handle = program.handle, handle.lock != nil else { return nil }
            let facts = devices[number].engine.tree.local(handle.file.node)
            return LockedFile(
                node: handle.file.node, isShown: facts != nil, content: facts?.content,
                bytes: bytes(of: handle.file.node, number))
        }
    }

    /// Looks whether something other than a program has touched a file that one has locked.
    mutating func check(_ before: [LockedFile], _ number: Int) {
        for file in before where file.isShown {
            guard let facts = devices[number].engine.tree.local(file.node) else {
                fail(.lock, "client \(number): \(file.node) is locked, and gone")
                continue
            }
            switch (file.content, facts.content) {
            case (.edited, _):
                if file.bytes != bytes(of: file.node, number) {
                    fail(.lock, "client \(number): \(file.node) is locked, and has other bytes")
                }
            case (.unhashed, .hashed): break
            case (let old, let new):
                if old != new {
                    fail(.lock, "client \(number): \(file.node) is locked, and was replaced")
                }
            }
        }
    }
}

extension Program {
    /// The family of the lock that this program takes.
    fileprivate var lockFamily: LockFamily? {
        if deed.kind == .readLocked { return .wholeFile }
        return deed.kind == .writeLocked ? .byteRange : nil
    }
}
