/// What the service tells about the drive: changes, listings, single items.
extension Engine {
    /// Asks for changes, or for everything where nothing is known yet.
    mutating func startRound(at now: Timestamp) {
        guard cloud.chain == nil else { return }
        askForRoot(at: now)
        guard cloud.feed == .changes else {
            cloud.nextPoll = nil
            cloud.areas[.root, default: Area()].nextWalk = now
            startDueWalk(at: now)
            return
        }
        let purpose: DeltaChain.Purpose =
            if cloud.cursor != nil {
                .changes
            } else if cloud.isWalked {
                // The drive had no feed before: what was deleted meanwhile is not among the items.
                .resynchronization(serverWins: false)
            } else {
                .enumeration
            }
        begin(purpose, from: cloud.cursor ?? cloud.enumerationLink, at: now)
    }

    private mutating func begin(
        _ purpose: DeltaChain.Purpose, from link: String?, at now: Timestamp
    ) {
        let request = submit(
            .delta(link.map(DeltaPosition.link) ?? .initial), for: .delta, .metadata, at: now)
        cloud.chain = DeltaChain(purpose: purpose, request: request, link: link)
    }

    /// One page of a round.
    ///
    /// Observations and the place to go on from are recorded together.
    mutating func pageArrived(_ page: RemotePage, at now: Timestamp) {
        guard var chain = cloud.chain else { return }
        if isOutdated(page, chain), chain.repetitions < Self.repetitionsMax {
            chain.repetitions += 1
            chain.request = submit(
                .delta(chain.link.map(DeltaPosition.link) ?? .initial), for: .delta, .metadata,
                at: now)
            cloud.chain = chain
            return
        }
        chain.repetitions = 0
        chain.itemCount += page.items.count
        var removed = Set(chain.removed)
        beginFirstSight(chain.purpose == .enumeration)
        for item in page.items {
            if !cloud.toldEarly.isEmpty { cloud.toldEarly.remove(item.id) }
            if item.isDeleted {
                if removed.insert(item.id).inserted { chain.removed.append(item.id) }
                continue
            }
            if removed.remove(item.id) != nil { chain.removed.removeAll { $0 == item.id } }
            guard let node = observe(item, at: now) else { continue }
            if chain.purpose.tracksWhatIsSeen { chain.seen.insert(item.id) }
            if chain.purpose == .changes, let count = item.childCount {
                chain.childCounts[node] = count
            }
        }
        endFirstSight(at: now)
        switch page.end {
        case .more(let link):
            if link == chain.link {
                // The service loops. What it told so far is kept; the round starts over later.
                cloud.chain = nil
                cloud.enumerationLink = nil
                roundFailed(nil, at: now)
                return
            }
            if chain.purpose == .enumeration {
                let resumable = chain.removed.isEmpty ? link : nil
                cloud.enumerationLink = resumable
                records.append(.setting(.enumeration, resumable))
            }
            chain.link = link
            chain.request = submit(.delta(.link(link)), for: .delta, .metadata, at: now)
            cloud.chain = chain
            planNow(at: now)
        case .complete(let cursor):
            finish(chain, cursor: cursor, at: now)
        }
    }

    /// How often a page is asked for again; while much goes up, the next one may be as old.
    private static let repetitionsMax = 3

    /// Whether a page tells of an item as it was before a change from here.
    private func isOutdated(_ page: RemotePage, _ chain: DeltaChain) -> Bool {
        page.items.contains { isOutdated($0, askedBy: chain.request) }
    }

    /// Whether an answer tells of an item as it was before a change from here that has been
    /// acknowledged since it was asked for.
    ///
    /// Taken for news, it would undo the change here until the next round: the answer to the change
    /// has overtaken it.
    func isOutdated(_ item: RemoteItem, askedBy request: RequestID) -> Bool {
        guard !item.isDeleted, cloud.isAnswered(item.id, after: request) else { return false }
        guard let tag = tree.node(for: item.id).flatMap({ tree[$0]?.item?.eTag }) else {
            return true
        }
        return item.eTag != tag
    }

    private mutating func finish(_ chain: DeltaChain, cursor: String, at now: Timestamp) {
        markAbsent(chain.removed.compactMap { tree.node(for: $0) })
        switch chain.purpose {
        case .changes, .survey: break
        case .enumeration: doubtWhatWasToldEarly()
        case .resynchronization(let serverWins): judgeUnseen(chain, serverWins: serverWins)
        }
        let isFirst = !cloud.isEnumerated
        cloud.chain = nil
        // A survey tells of no deletions: the changes go on from where they were.
        let next = chain.purpose == .survey ? cloud.cursor ?? cursor : cursor
        cloud.cursor = next
        cloud.enumerationLink = nil
        cloud.completedRounds += 1
        cloud.rejections = 0
        // Who waits for both sides to agree asked for a round that begins after this one began.
        let pause = cloud.completedRounds < quietRound ? 0 : configuration.pollInterval
        cloud.nextPoll = now.advanced(byNanoseconds: pause)
        records.append(.setting(.cursor, next))
        records.append(.setting(.enumeration, nil))
        planNow(at: now)
        if isFirst { enumerated(items: chain.itemCount) }
        compare(chain.childCounts, at: now)
        // The root is told of even where nothing has changed.
        if chain.purpose == .changes, chain.itemCount > 1 { cloud.mayQuotaDiffer = true }
        refreshQuota(at: now)
        setTimer(cloud.nextPoll)
        if chain.purpose != .changes {
            noteShortcutsKnown()
        } else if !cloud.knowsShortcuts {
            begin(.survey, from: nil, at: now)
        }
    }

    /// Has the folders looked into that held something before the first enumeration, which has not
    /// told of it: nothing else would tell that it is gone.
    private mutating func doubtWhatWasToldEarly() {
        let parents = cloud.toldEarly.compactMap { item in
            tree.node(for: item).flatMap { tree[$0]?.remote.facts?.place.parent }
        }
        cloud.toldEarly = []
        cloud.verification.due += Set(parents).subtracting(cloud.verification.due).sorted()
    }

    private mutating func noteShortcutsKnown() {
        guard !cloud.knowsShortcuts else { return }
        cloud.knowsShortcuts = true
        records.append(.setting(.shortcuts, "1"))
    }

    /// Every item of the drive has been seen once.
    mutating func enumerated(items count: Int) {
        effects.append(.report(.enumerated(items: count)))
        let pending = cloud.pendingListings.filter { area(of: $0) == .root }
        cloud.markAllListed()
        for directory in pending { wake(.listed(directory)) }
    }

    /// The drive offers no feed of changes, as in some national clouds: it is walked through.
    mutating func walkInstead(at now: Timestamp) {
        cloud.chain = nil
        cloud.feed = .walks
        startRound(at: now)
    }

    /// The round broke off; the place where the last one ended still holds.
    mutating func roundFailed(_ failure: GraphFailure?, at now: Timestamp) {
        if let failure {
            effects.append(.report(.failed(path: "/", message: "asking for changes: \(failure)")))
        }
        let chain = cloud.chain
        cloud.chain = nil
        cloud.nextPoll = now.advanced(byNanoseconds: configuration.pollInterval)
        setTimer(cloud.nextPoll)
        // The service has handed out links that it did not take back (onedrive-api-docs#1408).
        guard failure?.kind == .badRequest, chain?.link != nil else { return }
        switch chain?.purpose {
        case .enumeration:
            cloud.enumerationLink = nil
            records.append(.setting(.enumeration, nil))
        case .changes:
            cloud.rejections += 1
            if cloud.rejections >= Self.rejectionsBelieved {
                resynchronize(serverWins: false, at: now)
            }
        case .resynchronization, .survey, nil: break
        }
    }

    /// So often a round must break off because the service refuses its own link, until the place in
    /// the sequence of changes counts as lost.
    private static let rejectionsBelieved = 3

    /// The service cannot tell what changed: everything is enumerated anew.
    ///
    /// Nothing is judged before the end of it.
    mutating func resynchronize(serverWins: Bool, at now: Timestamp) {
        effects.append(.report(.resynchronizing))
        begin(.resynchronization(serverWins: serverWins), from: nil, at: now)
    }

    /// Judges the items that a new enumeration did not tell of.
    ///
    /// Items, not nodes: that of an open file may have moved to another node meanwhile. What was
    /// changed from here since it began is there, whether it came in time to be told of or not.
    private mutating func judgeUnseen(_ chain: DeltaChain, serverWins: Bool) {
        var gone: [NodeID] = []
        for id in tree.allNodes where id != .root {
            guard let node = tree[id], let item = node.item, operations[id] == nil,
                item.id.foreignDrive == nil, !chain.seen.contains(item.id),
                !cloud.isAnswered(item.id, after: chain.began)
            else { continue }
            if serverWins || node.local == nil || !isWhole(node) || node.kind.isContainer {
                gone.append(id)
            } else {
                detach(id)
            }
        }
        markAbsent(gone)
    }

    /// Notes that items are gone in the cloud, with everything that was inside them.
    mutating func markAbsent(_ ids: [NodeID]) {
        var inside: [NodeID: [NodeID]] = [:]
        for id in tree.differing {
            guard let parent = tree[id]?.remote.facts?.place.parent else { continue }
            inside[parent, default: []].append(id)
        }
        var pending = ids
        while let id = pending.popLast() {
            guard let node = tree[id], id != .root else { continue }
            if node.kind.isContainer {
                pending += tree.children(of: id).filter { child in
                    !tree.differs(child) && tree[child]?.scope == .synced
                }
                pending += inside[id] ?? []
            }
            setbacks[id] = nil
            tree.update(id) { $0.remote = .absent }
        }
    }

    // MARK: Items

    /// Takes note of one item as the service describes it now.
    ///
    /// Returns the node it belongs to.
    @discardableResult
    mutating func observe(_ item: RemoteItem, at now: Timestamp) -> NodeID? {
        if item.isRoot {
            cloud.rootItem = item.id
            if let other = tree.node(for: item.id), other != .root {
                // Children were told of before their directory was known to be the root.
                tree.remove(other)
                moveRemoteChildren(from: other, to: .root)
            }
            tree.update(.root) { $0.item = Item(id: item.id, eTag: item.eTag, cTag: item.cTag) }
            cloud.walk?.seen.insert(.root)
            return .root
        }
        if let drive = item.drive, let own = cloud.drive, drive != own { return nil }
        guard let kind = item.nodeKind, let parentItem = item.parent,
            let name = item.name.flatMap(NameMapping.localName(for:)), !isShownElsewhere(item)
        else { return nil }
        let existing = tree.node(for: item.id)
        let known = existing.flatMap { tree[$0] }
        if let known, known.kind != kind, known.remote != .unknown { return nil }
        let parent = node(standingFor: parentItem, at: now)
        let previous = known?.remote.facts ?? known?.synced
        // Where the service gives no time that can be true, the one that it was given counts.
        let modified =
            item.modified ?? known?.sent?.modified ?? previous?.modified ?? item.created
            ?? Timestamp(seconds: 0)
        let content = kind == .file ? item.content(modified: modified, previously: previous) : nil
        let facts = Facts(
            place: Place(parent: parent, name: name), content: content, modified: modified)
        let binding = Item(id: item.id, eTag: item.eTag, cTag: item.cTag)
        guard let existing, known?.kind == kind else {
            if let existing { tree.remove(existing) }
            let new =
                adoptByItsSender(binding, kind, facts)
                ?? insert(item, kind, facts, binding, at: now)
            noteShare(item, of: new, at: now)
            cloud.walk?.seen.insert(new)
            return new
        }
        noteShare(item, of: existing, at: now)
        cloud.walk?.seen.insert(existing)
        if previous != facts { setbacks[existing] = nil }
        if kind.isContainer, previous?.place != facts.place { retryAll(inside: existing) }
        if previous?.content != content { cloud.forgetDownloadAddress(of: item.id) }
        // What was sent makes another version.
        let isVersionOfBefore = item.cTag != nil && item.cTag == known?.item?.cTag
        tree.update(existing) { node in
            node.item = binding
            node.adoptLateHash(of: facts)
            node.remote = .present(isVersionOfBefore ? facts : node.recognized(facts))
        }
        adoptLateHash(of: existing, inPlaceOf: known?.synced?.content, at: now)
        return existing
    }

    /// A directory has another place in the cloud: what was refused because of the old one, such as
    /// a move into a directory inside, may be possible now.
    private mutating func retryAll(inside directory: NodeID) {
        setbacks = setbacks.filter { id, _ in
            var current = tree.localParent(id)
            while let parent = current, parent != .root, parent != directory {
                current = tree.localParent(parent)
            }
            return current != directory
        }
    }

    /// Bytes that came before the service told their hash are of the version that it tells now, and
    /// are compared with it.
    private mutating func adoptLateHash(
        of id: NodeID, inPlaceOf old: Content?, at now: Timestamp
    ) {
        guard let node = tree[id], let content = node.synced?.content, content != old,
            let generation = node.generation, generations[generation]?.source?.content == old
        else { return }
        generations[generation]?.source?.content = content
        // Bytes that are not durable yet are recorded, with this, when they are.
        if let changed = generations[generation], !isGrowing(generation) {
            records.append(.generation(changed))
        }
        completeIfWhole(generation, at: now)
    }

    /// Binds a new item to the node that it was made for, where no reply has said so: it was lost, it
    /// told of no item, or the run ended before it came.
    ///
    /// The node may have been moved since then, so it is found by what was sent.
    private mutating func adoptByItsSender(
        _ item: Item, _ kind: Kind, _ facts: Facts
    ) -> NodeID? {
        guard let unanswered = unanswered[facts.place], case let id = unanswered.node,
            let node = tree[id], node.item == nil, node.kind == kind,
            let sent = unanswered.sent.last(where: { kind != .file || $0.isRecognized(in: facts) })
                ?? sentBeforeRewriting(unanswered, facts)
        else { return nil }
        self.unanswered[facts.place] = nil
        let isRewritten = kind == .file && !sent.isRecognized(in: facts)
        if isRewritten { rewritten[item.id] = facts.content }
        var agreed = facts
        agreed.content = sent.content
        tree.update(id) { node in
            node.item = item
            node.remote = .present(isRewritten ? facts : agreed)
            // Both sides agreed on that when it was sent, whatever has been sent since then.
            node.synced = agreed
        }
        return id
    }

    private mutating func insert(
        _ item: RemoteItem, _ kind: Kind, _ facts: Facts, _ binding: Item, at now: Timestamp
    ) -> NodeID {
        let id = newNodeID()
        let isShown = !item.isShortcut && isPlain(kind, at: facts.place)
        tree.insert(
            Node(
                id: id, kind: kind, local: isShown ? facts : nil, remote: .present(facts),
                synced: isShown ? facts : nil, item: binding,
                overlay: Overlay(
                    permissions: kind.defaultPermissions, changed: isShown ? now : facts.modified,
                    created: item.created ?? facts.modified)))
        if isShown { noteFirstSight(of: id, at: facts.place) }
        return id
    }

    /// The node of a parent, which may be told of only after its children.
    private mutating func node(standingFor item: ItemID, at now: Timestamp) -> NodeID {
        if item == cloud.rootItem { return .root }
        if let shortcut = cloud.sharesByTarget[item] { return shortcut }
        if let id = tree.node(for: item) { return id }
        let id = newNodeID()
        tree.insert(
            Node(
                id: id, kind: .directory, remote: .unknown, item: Item(id: item),
                overlay: Overlay(
                    permissions: Kind.directory.defaultPermissions, changed: now, created: now)))
        return id
    }
}

extension DeltaChain.Purpose {
    /// Whether what is not seen by the end is gone.
    var tracksWhatIsSeen: Bool {
        switch self {
        case .enumeration, .changes, .survey: false
        case .resynchronization: true
        }
    }
}

extension Kind {
    /// The permissions of what came from the cloud, which knows none.
    var defaultPermissions: UInt16 {
        switch self {
        case .directory: 0o755
        case .package: 0o555
        case .file: 0o644
        case .symlink: 0o777
        }
    }
}

extension Node {
    /// The service may give a hash late: the bytes are the same, and so must our names for them be.
    mutating func adoptLateHash(of facts: Facts) {
        guard let content = facts.content, content.hash != nil,
            case .unhashed(let size, let modified) = synced?.content,
            size == content.size, modified.wholeSeconds == facts.modified.wholeSeconds
        else { return }
        if local?.content == synced?.content { local?.content = content }
        synced?.content = content
    }
}

extension Facts {
    /// Whether an item of this place holds what was sent, as far as one can tell: without a hash the
    /// size and the time have to do, which went up together with the bytes.
    fileprivate func isRecognized(in remote: Facts) -> Bool {
        guard case .unhashed(let size, let time) = remote.content else {
            return content == remote.content
        }
        return content?.size == size && modified.wholeSeconds == time.wholeSeconds
    }
}

extension Node {
    /// What the service says, with our own name for bytes that were sent from here.
    ///
    /// Otherwise an upload whose reply was lost would look like somebody else's version where the
    /// service tells no hash, and each copy made for that reason like another.
    fileprivate func recognized(_ facts: Facts) -> Facts {
        guard let sent, sent.content?.isEdited == false, sent.isRecognized(in: facts) else {
            return facts
        }
        var facts = facts
        facts.content = sent.content
        return facts
    }
}

extension RemoteItem {
    /// What identifies the bytes of a file.
    ///
    /// A hash that the service left out this time counts as unchanged where size and time are.
    func content(modified: Timestamp, previously previous: Facts?) -> Content {
        let size = size ?? 0
        if let hash { return .hashed(hash, size: size) }
        if size == 0 { return .empty }
        if let previous, let content = previous.content, content.size == size,
            previous.modified.wholeSeconds == modified.wholeSeconds
        {
            return content
        }
        return .unhashed(size: size, modified: modified)
    }
}
