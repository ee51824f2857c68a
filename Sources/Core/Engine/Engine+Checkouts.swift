/// Locks that hold on other devices, too: exclusive ones check the file out in the cloud.
extension Engine {
    /// Sees to it that a file is checked out before a program gets an exclusive lock on it.
    ///
    /// - Returns: What to wait for; nil if the cloud has nothing to do with the lock, or has said yes.
    mutating func askCloud(
        for request: LockRequest, waits isPatient: Bool, isSettled: Bool, at now: Timestamp
    ) throws(PosixError) -> WaitID? {
        guard request.lock.kind == .exclusive else { return nil }
        if configuration.remoteLocks == .checkout, outdated.contains(request.node) {
            throw .stale
        }
        guard let item = itemToCheckOut(request.node),
            // Who holds such a lock has what he needs.
            checkouts[item]?.isHeld != true || !locks.wantsExclusion(request.node)
        else { return nil }
        // What another program here refuses need not be asked for.
        if !isPatient, locks.blocker(of: request, isSettled: isSettled) != nil { return nil }
        if checkouts[item]?.isHeld == true {
            if isStale(item) { throw .stale }
            checkouts.want(item, by: request.node, at: now)
            return nil
        }
        guard canAskCloud else { throw .noLocks }
        checkouts.want(item, by: request.node, at: now)
        let wait = wait(for: isPatient ? .checkout(item) : .checkoutNow(item))
        advanceCheckouts(at: now)
        return wait
    }

    /// Whether a program can be told soon what the service says.
    private var canAskCloud: Bool {
        switch scheduler.state {
        case .online, .throttled: planning.pause == nil && cloud.confirmation != .missing
        case .offline, .signInNeeded: false
        }
    }

    /// The item of a file for which a lock matters elsewhere.
    private func itemToCheckOut(_ id: NodeID) -> ItemID? {
        guard configuration.remoteLocks == .checkout, !configuration.isReadOnly,
            cloud.driveKind != .personal, let node = tree[id], node.kind == .file,
            node.scope == .synced
        else { return nil }
        return node.item?.id
    }

    /// Says so where files cannot be checked out, although that is configured.
    mutating func noteCheckoutSupport() {
        guard configuration.remoteLocks == .checkout, cloud.driveKind == .personal else { return }
        effects.append(.report(.noCheckout))
    }

    // MARK: What the service says

    mutating func checkoutAnswered(_ item: ItemID, _ outcome: RequestOutcome, at now: Timestamp) {
        if case .answer(.item(let state)) = outcome {
            observe(state, at: now)
            // Pages that were asked for before may be older.
            noteAnswer(about: item)
            requestPlan(at: now)
        }
        checkouts.answered(item, outcome, isStale: isStale(item), at: now)
        advanceCheckouts(at: now)
    }

    /// Whether the cloud has a version that programs here do not see yet.
    private func isStale(_ item: ItemID) -> Bool {
        guard let id = tree.node(for: item), let node = tree[id] else { return false }
        return node.remote.facts?.content != node.synced?.content
    }

    /// The service cannot be asked: programs that wait are told so.
    mutating func failCheckouts(at now: Timestamp) {
        checkouts.giveUpDue()
        carryOutCheckouts(at: now)
        for item in checkouts.all.keys.sorted() where checkouts[item]?.isHeld != true {
            fail(.checkout(item), .noLocks)
            fail(.checkoutNow(item), .noLocks)
        }
    }

    // MARK: Going on

    /// Asks for what is wanted, gives back what is not, and tells those who wait.
    mutating func advanceCheckouts(at now: Timestamp) {
        carryOutCheckouts(at: now)
        guard !checkouts.all.isEmpty else { return }
        for (item, checkout) in checkouts.all.sorted(by: { $0.key < $1.key }) {
            let isWanted =
                waits.isAwaited(.checkout(item)) || waits.isAwaited(.checkoutNow(item))
                || checkout.nodes.contains { locks.wantsExclusion($0) }
            checkouts.setWanted(item, isWanted, at: now)
        }
        if planning.pause == nil, cloud.confirmation == .confirmed {
            checkouts.advance(at: now, settled: Set(checkouts.all.keys.filter(isSettled)))
        }
        carryOutCheckouts(at: now)
        setTimer(checkouts.nextTimer(after: now))
    }

    /// Whether what programs did to an item is in the cloud, as far as it will be.
    ///
    /// It goes up before the item is given back.
    private func isSettled(_ item: ItemID) -> Bool {
        guard let id = tree.node(for: item) else { return true }
        if operations[id] != nil { return false }
        guard tree.differs(id) else { return true }
        guard let setback = setbacks[id] else { return false }
        // What may take days does not keep others from the file.
        return setback.cause == .quota || setback.cause.isRefusal
    }

    private mutating func carryOutCheckouts(at now: Timestamp) {
        for action in checkouts.takeActions() {
            switch action {
            case .send(let item, let call):
                // Found again after a crash, a file is given back; forgotten, it never would be.
                if case .checkOut = call { effects.append(.synchronizeState) }
                let isAwaited = checkouts[item]?.isWanted == true
                submit(
                    call, for: .checkout(item), isAwaited ? .waitingReader : .foreground, at: now)
            case .record(let item, let saved): records.append(.checkout(item, saved))
            case .granted(let item):
                wake(.checkout(item))
                wake(.checkoutNow(item))
            case .refused(let item): fail(.checkoutNow(item), .tryAgain)
            case .failed(let item, let error):
                fail(.checkout(item), error)
                fail(.checkoutNow(item), error)
            }
        }
    }

    /// Something of an item is about to be changed in the cloud.
    mutating func noteChangeOfCheckout(_ item: ItemID, at now: Timestamp) {
        guard checkouts[item] != nil else { return }
        checkouts.noteChange(of: item)
        carryOutCheckouts(at: now)
    }
}

extension DeferralCause {
    fileprivate var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}
