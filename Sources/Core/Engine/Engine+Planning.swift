/// Deriving what is to be done, and doing it.
extension Engine {
    /// The clock has reached the time that was asked for.
    package mutating func timer(at now: Timestamp) {
        cloudTimer(at: now)
        growthTimer(at: now)
        spaceTimer(at: now)
        if let due = downloads.keepsAgain, due <= now { keepMore(at: now) }
        if let due = planning.due, due <= now { planNow(at: now) }
        advanceCheckouts(at: now)
        setTimer(nextTimer(after: now))
        lockTimer(at: now)
    }

    private func nextTimer(after now: Timestamp) -> Timestamp? {
        let mayPoll = cloud.chain == nil && planning.pause == nil && cloud.confirmation != .asked
        return [
            planning.due, mayPoll ? cloud.nextPoll : nil, scheduler.nextTimer, growth.due,
            growth.discardsDue, space.due, downloads.keepsAgain, nextWalk,
            checkouts.nextTimer(after: now),
        ].compactMap { $0 }.min()
    }

    mutating func requestPlan(at time: Timestamp) {
        let before = planning.due
        planning.request(at: time)
        if planning.due != before { setTimer(planning.due) }
    }

    /// Asks the shell to call again then.
    ///
    /// Only the earliest time counts.
    mutating func setTimer(_ time: Timestamp?) {
        guard let time else { return }
        effects.append(.setTimer(time))
    }

    mutating func planNow(at now: Timestamp) {
        planning.begin(at: now, differing: tree.differingCount)
        judgeInherited(at: now)
        if !planning.approved.isEmpty {
            planning.approved = planning.approved.filter { tree.differs($0) }
        }
        guard planning.pause == nil, cloud.confirmation == .confirmed else { return }
        spellAlike()
        followRewriting()
        let plan = Planner.plan(tree, context: planContext(at: now))
        planning.deferred = plan.deferred
        if let suspension = plan.suspension, suspension != planning.suspension {
            effects.append(.report(.suspended(suspension)))
        }
        planning.suspension = plan.suspension
        apply(plan, at: now)
        advanceCheckouts(at: now)
        // What is tried again later does not keep both sides from being in agreement as far as goes.
        settleQuiet(at: now)
        if let next = nextAttempt(after: now) { requestPlan(at: next) }
    }

    /// Lets the spelling here stand for both where names differ in their Unicode normal form only.
    ///
    /// No side is renamed for that, so both would never be done with such a node.
    private mutating func spellAlike() {
        for id in tree.differing {
            guard let local = tree.local(id)?.place, let remote = tree.remote(id)?.facts?.place,
                local != remote, local.isSame(as: remote)
            else { continue }
            tree.update(id) { $0.spell(local) }
        }
    }

    // MARK: What may not be acted upon now

    package func planContext(at now: Timestamp) -> PlanContext {
        var context = PlanContext(
            isRemoteComplete: cloud.isEnumerated && cloud.chain?.purpose.tracksWhatIsSeen != true,
            host: configuration.host,
            deleteGuard: configuration.deleteGuard, approvedDeletions: planning.approved,
            isReadOnly: configuration.isReadOnly)
        for id in tree.differing {
            guard let (cause, mayMove) = obstacle(to: id, at: now) else { continue }
            context.blocked[id] = cause
            if mayMove { context.mayMoveLocally.insert(id) }
        }
        return context
    }

    /// Why a node may not be acted upon now, and whether it may be moved all the same.
    private func obstacle(
        to id: NodeID, at now: Timestamp
    ) -> (cause: DeferralCause, mayMove: Bool)? {
        if operations[id] != nil { return (.inProgress, false) }
        // The lock of a file that was removed or replaced here is no concern of its name.
        if locks.isLocked(id), unlinked[id] == nil { return (.locked, true) }
        if let count = openCounts[id], count.writers > 0, unlinked[id] == nil {
            return (.openForWriting, true)
        }
        if isBesideLockFile(id) { return (.inUse, false) }
        if isUnproven(id) { return (.hashing, true) }
        if let setback = setbacks[id], setback.until > now { return (setback.cause, false) }
        if awaitsRound(id) || awaitsEcho(id) { return (.awaitingChanges, false) }
        if let end = restOfRemovals(id), now < end { return (.settling, false) }
        if !planning.isHurried, let changed = changedAt[id],
            now < changed.advanced(byNanoseconds: configuration.uploadDelay), changed <= now
        {
            return (.settling, false)
        }
        return nil
    }

    /// Whether an earlier run may have made the item of a node that has none, without hearing of it.
    ///
    /// The first round of this run tells; sent to another place before that, it would be there twice.
    func awaitsEcho(_ id: NodeID) -> Bool {
        guard cloud.completedRounds == 0, let node = tree[id] else { return false }
        return node.item == nil && node.sent != nil
    }

    /// Whether the lock file of an application lies beside a document.
    func isBesideLockFile(_ id: NodeID) -> Bool {
        guard let node = tree[id], node.kind == .file, let place = node.local?.place else {
            return false
        }
        return EphemeralNames.lockNames(for: place.name).contains {
            tree.child(of: place.parent, named: $0) != nil
        }
    }

    /// When something that waits for a time may go on.
    private func nextAttempt(after now: Timestamp) -> Timestamp? {
        var next: Timestamp?
        for deferral in planning.deferred {
            let time: Timestamp? =
                switch deferral.cause {
                case .settling: endOfSettling(deferral.node)
                case .retry, .lockedRemotely, .quota, .refused: setbacks[deferral.node]?.until
                case .openForWriting, .locked, .inUse, .parent, .awaitingChanges, .name, .readOnly,
                    .inProgress, .deleteGuard, .nameTaken, .holdsLocalOnly, .hashing, .unobserved:
                    nil
                }
            if let time, time > now { next = next.map { min($0, time) } ?? time }
        }
        // What became equal while it had to wait waits for that all the same.
        for id in tree.differing {
            for time in [setbacks[id]?.until, endOfSettling(id)] {
                guard let time, time > now else { continue }
                next = next.map { min($0, time) } ?? time
            }
        }
        return next
    }

    /// When what was changed a moment ago has come to rest.
    private func endOfSettling(_ id: NodeID) -> Timestamp? {
        [
            changedAt[id]?.advanced(byNanoseconds: configuration.uploadDelay),
            restOfRemovals(id),
        ].compactMap { $0 }.max()
    }

    // MARK: Applying

    private mutating func apply(_ plan: Plan, at now: Timestamp) {
        for binding in plan.bindings { bind(binding) }
        for id in plan.adoptions { adoptAgreement(of: id) }
        for id in plan.hashes { startHash(of: id) }
        applyLocal(plan.local, at: now)
        for action in plan.remote.first ?? [] { start(action, at: now) }
        giveUpNeedlessSessions(at: now)
        keepMore(at: now)
        // What is inside two directories that have become one is planned when they have.
        if plan.remote.count > 1 || !plan.local.isEmpty || !plan.bindings.isEmpty {
            requestPlan(at: now)
        }
    }

    /// Makes the changes of the mount.
    ///
    /// First everything that leaves its place is taken out, then everything is put in, so that no
    /// name is in the way of another.
    mutating func applyLocal(_ actions: [Action<LocalChange>], at now: Timestamp) {
        var touched: Set<NodeID> = []
        for action in actions {
            guard let place = tree.local(action.node)?.place else { continue }
            switch action.change {
            case .move:
                effects.append(.invalidateEntry(parent: place.parent, name: place.name))
                announce(action.node)
                touched.insert(place.parent)
                tree.update(action.node) {
                    $0.local?.place = Place(parent: action.node, name: place.name)
                }
            case .remove:
                effects.append(
                    .deleteEntry(parent: place.parent, child: action.node, name: place.name))
                if openCounts[action.node] != nil { announce(action.node) }
                touched.insert(place.parent)
                removeQuietly(action.node, at: now)
            case .show, .takeContent, .takeTime, .keepBoth, .detach: continue
            }
        }
        for action in actions { applyInPlace(action, &touched, at: now) }
        for id in touched.sorted() where tree.contains(id) {
            touchDirectory(id, at: now)
            effects.append(.invalidateInode(id, data: false))
        }
    }

    private mutating func applyInPlace(
        _ action: Action<LocalChange>, _ touched: inout Set<NodeID>, at now: Timestamp
    ) {
        let id = action.node
        switch action.change {
        case .show(let place):
            guard let node = tree[id], let facts = node.remote.facts else { return }
            let shown = unlinked[id] == nil ? id : comeBack(node)
            forgetContent(of: shown, at: now)
            tree.update(shown) { node in
                node.local = Facts(
                    place: place, content: facts.content, modified: facts.modified)
                node.overlay.changed = now
                node.synced = facts
            }
            effects.append(.invalidateEntry(parent: place.parent, name: place.name))
            touched.insert(place.parent)
            keep(inside: shown)
        case .move(let place):
            tree.update(id) { node in
                node.local?.place = place
                node.overlay.changed = now
            }
            effects.append(.invalidateEntry(parent: place.parent, name: place.name))
            touched.insert(place.parent)
            advanceSynced(id)
            keep(inside: id)
        case .takeContent(let content): takeContent(id, content, at: now)
        case .takeTime(let time):
            tree.update(id) { $0.local?.modified = time }
            if let place = tree.local(id)?.place {
                effects.append(.invalidateEntry(parent: place.parent, name: place.name))
            }
            effects.append(.invalidateInode(id, data: false))
            advanceSynced(id)
        case .keepBoth(let name): keepBoth(id, name, &touched, at: now)
        case .detach: detach(id)
        case .remove: break
        }
    }

    /// Gives a node the version of the cloud.
    ///
    /// Programs that have the file open keep the bytes that they opened: for them it is as if
    /// another file had been renamed over it.
    private mutating func takeContent(_ id: NodeID, _ content: Content, at now: Timestamp) {
        guard let node = tree[id], let facts = node.local, let remote = node.remote.facts else {
            return
        }
        if openCounts[id] != nil {
            splitOff(node, facts, remote, at: now)
            return
        }
        tree.update(id) { node in
            node.local?.content = content
            node.local?.modified = remote.modified
            node.overlay.changed = now
            node.generation = nil
        }
        if let generation = node.generation { dropGeneration(generation, at: now) }
        // An answer to a lookup that is under way may still bring the old size to the kernel, after
        // it has forgotten what it knew; the name is forgotten only when no lookup is under way.
        effects.append(.invalidateEntry(parent: facts.place.parent, name: facts.place.name))
        effects.append(.invalidateInode(id, data: true))
        announce(id)
        advanceSynced(id)
        keep(inside: id)
    }

    private mutating func splitOff(
        _ node: Node, _ facts: Facts, _ remote: Facts, at now: Timestamp
    ) {
        tree.update(node.id, keep: true) { old in
            old.local = nil
            old.remote = .absent
            old.synced = nil
            old.sent = nil
            old.item = nil
        }
        unlinked[node.id] = facts
        outdated.insert(node.id)
        let new = newNodeID()
        var synced = node.synced
        synced?.content = remote.content
        synced?.modified = remote.modified
        tree.insert(
            Node(
                id: new, kind: node.kind,
                local: Facts(
                    place: facts.place, content: remote.content, modified: remote.modified),
                remote: node.remote, synced: synced, item: node.item,
                overlay: Overlay(
                    permissions: node.overlay.permissions, changed: now,
                    created: node.overlay.created)))
        copyAttributes(of: node.id, to: new)
        movePin(from: node.id, to: new)
        keep(inside: new)
        effects.append(.invalidateEntry(parent: facts.place.parent, name: facts.place.name))
        announce(node.id)
    }

    /// Gives the item of a file that was removed here to a new node.
    ///
    /// Programs that have the removed file open may go on writing into it, and none of that is for
    /// the file that comes back.
    private mutating func comeBack(_ node: Node) -> NodeID {
        tree.update(node.id, keep: true) { old in
            old.remote = .absent
            old.synced = nil
            old.sent = nil
            old.item = nil
        }
        let new = newNodeID()
        tree.insert(
            Node(
                id: new, kind: node.kind, remote: node.remote, item: node.item,
                overlay: node.overlay))
        copyAttributes(of: node.id, to: new)
        movePin(from: node.id, to: new)
        return new
    }

    /// A file that comes back may have other bytes than those that were removed here.
    private mutating func forgetContent(of id: NodeID, at now: Timestamp) {
        guard let generation = tree[id]?.generation else { return }
        tree.update(id, keep: true) { $0.generation = nil }
        if !isFrozen(generation) { dropGeneration(generation, at: now) }
    }

    private mutating func copyAttributes(of old: NodeID, to new: NodeID) {
        guard let extended = extendedAttributes[old] else { return }
        extendedAttributes[new] = extended
        for (name, value) in extended.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            records.append(.attribute(new, name: name, value: value))
        }
    }

    /// Moves what was edited here into a file of its own and lets the cloud's version have the name.
    private mutating func keepBoth(
        _ id: NodeID, _ name: Name, _ touched: inout Set<NodeID>, at now: Timestamp
    ) {
        guard let node = tree[id], let place = node.local?.place, let remote = node.remote.facts
        else { return }
        let path = displayPath(of: id)
        tree.update(id) { mine in
            mine.becomeNew()
            mine.local?.place.name = name
            mine.overlay.changed = now
        }
        if let generation = node.generation { ownBytes(of: generation) }
        let theirs = newNodeID()
        tree.insert(
            Node(
                id: theirs, kind: node.kind,
                local: Facts(place: place, content: remote.content, modified: remote.modified),
                remote: node.remote, synced: remote, item: node.item,
                overlay: Overlay(
                    permissions: node.overlay.permissions, changed: now,
                    created: node.overlay.created)))
        movePin(from: id, to: theirs)
        keep(inside: theirs)
        effects.append(.invalidateEntry(parent: place.parent, name: place.name))
        effects.append(.invalidateEntry(parent: place.parent, name: name))
        announce(id)
        touched.insert(place.parent)
        effects.append(.report(.conflict(path: path, copy: name.string)))
    }

    /// Makes a node new: whatever the cloud had of it is not there any more.
    mutating func detach(_ id: NodeID) {
        guard let generation = tree[id]?.generation else {
            tree.update(id) { $0.becomeNew() }
            return
        }
        ownBytes(of: generation)
        tree.update(id) { $0.becomeNew() }
    }

    private mutating func removeQuietly(_ id: NodeID, at now: Timestamp) {
        guard let node = tree[id], let facts = node.local else { return }
        let isOpen = openCounts[id] != nil
        if isOpen {
            unlinked[id] = facts
            outdated.insert(id)
        }
        if let generation = node.generation, !isOpen { dropGeneration(generation, at: now) }
        tree.update(id) { node in
            node.local = nil
            node.becomeNew()
        }
    }

    /// A new file here and a new item in the cloud turn out to be one.
    mutating func bind(_ binding: Binding) {
        guard let theirs = tree[binding.remote], operations[binding.local] == nil else { return }
        tree.remove(binding.remote)
        tree.update(binding.local) { node in
            node.item = theirs.item
            node.remote = theirs.remote
            node.sent = nil
        }
        moveRemoteChildren(from: binding.remote, to: binding.local)
        advanceSynced(binding.local)
    }

    /// Items told of below a node that has become another one.
    mutating func moveRemoteChildren(from old: NodeID, to new: NodeID) {
        for id in tree.differing {
            guard case .present(var facts)? = tree[id]?.remote, facts.place.parent == old else {
                continue
            }
            facts.place.parent = new
            tree.update(id) { $0.remote = .present(facts) }
        }
    }

    /// Notes what both sides were found to agree on, be it that a node is gone.
    private mutating func adoptAgreement(of id: NodeID) {
        tree.update(id) { $0.noteAgreement() }
        if tree[id]?.isSettled ?? true { changedAt[id] = nil }
    }

    /// Lets the agreed facts follow wherever both sides say the same.
    mutating func advanceSynced(_ id: NodeID) {
        tree.update(id) { node in
            guard let local = node.local, let remote = node.remote.facts,
                // Bytes that were never agreed on, and differ, are nobody's edit of the other's.
                var synced = node.synced ?? (local.content == remote.content ? remote : nil)
            else { return }
            if local.place == remote.place { synced.place = remote.place }
            if local.content == remote.content { synced.content = remote.content }
            if local.agreesInTime(with: remote) { synced.modified = remote.modified }
            node.synced = synced
            if local.agrees(with: remote) { node.sent = nil }
        }
        if tree[id]?.isSettled == true { changedAt[id] = nil }
    }

    /// Ends the waits for both sides to agree, once there is nothing left that can be done.
    private mutating func settleQuiet(at now: Timestamp) {
        guard planning.isHurried, isQuiet else { return }
        planning.isHurried = false
        wake(.quiet)
    }
}

extension Node {
    /// Writes a place in this way wherever it is the same.
    fileprivate mutating func spell(_ place: Place) {
        func spelled(_ facts: Facts) -> Facts {
            guard facts.place.isSame(as: place) else { return facts }
            return Facts(place: place, content: facts.content, modified: facts.modified)
        }
        if case .present(let facts) = remote { remote = .present(spelled(facts)) }
        synced = synced.map(spelled)
        sent = sent.map(spelled)
    }

    /// Forgets the cloud: the node is as if it had just been made here.
    fileprivate mutating func becomeNew() {
        item = nil
        remote = .absent
        synced = nil
        sent = nil
        local?.settleContent()
    }
}
