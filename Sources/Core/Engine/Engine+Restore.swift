/// Going on from what was stored, also after a crash.
extension Engine {
    /// The content files found at start, with their sizes in bytes.
    ///
    /// What the engine knows and what is there are brought together: nothing that holds bytes is
    /// deleted.
    package struct ContentInventory: Sendable {
        package var sizes: [GenerationID: Int64]

        package init(sizes: [GenerationID: Int64] = [:]) { self.sizes = sizes }
    }

    mutating func restore(_ stored: StoredState, _ inventory: ContentInventory, at now: Timestamp) {
        tree = stored.nodes.tree
        notable = stored.nodes.notable
        linkTargets = stored.linkTargets
        extendedAttributes = stored.attributes
        pins = Pins(stored.pins)
        for generation in stored.generations { generations[generation.id] = generation }
        cloud.drive = stored.settings[.drive].map(DriveID.init(normalizing:))
        planning.pause = stored.settings[.pause].flatMap(Pause.init(rawValue:))
        cloud.quota = stored.settings[.quota].flatMap(Quota.init(stored:))
        cloud.cursor = stored.settings[.cursor]
        cloud.enumerationLink = stored.settings[.enumeration]
        cloud.rootItem = tree[.root]?.item?.id
        cloud.knowsShortcuts = stored.settings[.shortcuts] != nil
        cloud.isWalked = stored.settings[.walked] != nil
        if !tree.contains(.root) { insertRoot(at: now) }
        for (node, share) in stored.shares where tree[node]?.item?.id == share.shortcut {
            cloud.setShare(share, of: node)
            cloud.areas[node] = Area(nextWalk: now)
        }
        for id in tree.differing {
            guard let node = tree[id], node.item == nil, let sent = node.sent else { continue }
            noteUnanswered(sent, of: id)
        }
        matchContent(inventory, of: stored.nodes.withGeneration, at: now)
        recoverSizes(inventory)
        verifyOwnBytes(at: now)
        savedSessions = stored.sessions
        checkouts = CheckoutTable(restoring: stored.checkouts, at: now)
    }

    private mutating func insertRoot(at now: Timestamp) {
        let facts = Facts(
            place: Place(parent: .root, name: "root"), content: nil, modified: now)
        tree.insert(
            Node(
                id: .root, kind: .directory, local: facts, remote: .present(facts), synced: facts,
                overlay: Overlay(permissions: 0o755, changed: now, created: now)))
    }

    /// Content files that nothing knows are set aside; files whose content file is missing are
    /// placeholders again, if the cloud has their bytes.
    private mutating func matchContent(
        _ inventory: ContentInventory, of nodes: [NodeID], at now: Timestamp
    ) {
        for id in inventory.sizes.keys.sorted() where generations[id] == nil {
            effects.append(.setContentAside(id))
        }
        for generation in generations.values.sorted(by: { $0.id < $1.id }) {
            // What was removed here has no open files any more.
            let node = tree[generation.node]
            let isNeeded = node?.generation == generation.id && node?.local != nil
            let size = inventory.sizes[generation.id]
            let isThere = size != nil
            let isCut = size.map { $0 < (node.map { leastSize(of: generation, $0) } ?? 0) } ?? false
            if isNeeded && isThere && !isCut { continue }
            generations[generation.id] = nil
            if !isThere || isCut && isNeeded { records.append(.removeGeneration(generation.id)) }
            if isThere && isNeeded {
                effects.append(.setContentAside(generation.id))
                lostContent(of: generation.node)
            } else if isThere {
                // A file that was unlinked while it was open, or a version that was replaced: its
                // deletion was decided before the end of the last run.
                discardLater(generation.id, at: now)
            } else if isNeeded {
                lostContent(of: generation.node)
            }
        }
        for id in nodes {
            guard let generation = tree[id]?.generation, generations[generation] == nil else {
                continue
            }
            tree.update(id) { $0.generation = nil }
        }
    }

    /// How long a content file is at least that has all the bytes which are said to be in it.
    private func leastSize(of generation: Generation, _ node: Node) -> Int64 {
        if generation.source != nil { return generation.present.ranges.last?.upperBound ?? 0 }
        // What was written since the last flush is found by the length of the file. And of what the
        // cloud has never had, a part is better than nothing.
        guard let content = node.local?.content, !content.isEdited, node.synced?.content != nil
        else { return 0 }
        return content.size
    }

    /// The content file of a node is not there any more, or has become shorter.
    ///
    /// The cloud's version comes back; what was never in the cloud is gone, and is said to be.
    mutating func lostContent(of id: NodeID) {
        guard let node = tree[id], let local = node.local, local.content != node.synced?.content
        else { return }
        effects.append(
            .report(
                .failed(
                    path: displayPath(of: id),
                    message: "its content file is missing or cut off; "
                        + "the version of the cloud is shown again"
                )))
        if node.synced?.content == nil, openCounts[id] != nil {
            // Programs that have it open are told when they read; it has lost its name only.
            unlinked[id] = local
            outdated.insert(id)
            effects.append(
                .deleteEntry(parent: local.place.parent, child: id, name: local.place.name))
            announce(id)
        }
        tree.update(id) { node in
            if let content = node.synced?.content {
                node.local?.content = content
            } else {
                node.local = nil
            }
            node.generation = nil
        }
    }

    /// Bytes written after the last flush are in the content file, but their number is not in the
    /// database.
    private mutating func recoverSizes(_ inventory: ContentInventory) {
        recoverFirstBytes(inventory)
        for id in tree.differing {
            guard let node = tree[id], let generation = node.generation,
                let size = inventory.sizes[generation],
                case .edited(let revision, let recorded) = node.local?.content, size != recorded
            else { continue }
            tree.update(id) { $0.local?.content = .edited(revision: revision, size: size) }
            generations[generation]?.size = size
        }
    }

    /// Bytes in a file that was empty were written just before a power failure, which took what the
    /// database had been told of it.
    private mutating func recoverFirstBytes(_ inventory: ContentInventory) {
        for generation in generations.values.sorted(by: { $0.id < $1.id }) {
            guard generation.size == 0, inventory.sizes[generation.id, default: 0] > 0,
                tree.local(generation.node)?.content == .empty
            else { continue }
            let content = Content.edited(revision: newRevision(), size: 0)
            tree.update(generation.node) { $0.local?.content = content }
        }
    }

    /// Files became files of their own just after their bytes had come: whether these survived is
    /// found out, since they may not be had again.
    private mutating func verifyOwnBytes(at now: Timestamp) {
        let sorted = generations.values.sorted { $0.id < $1.id }
        for generation in sorted where hasForeignSource(generation) {
            guard generation.source?.content.hash != nil else {
                ownBytes(of: generation.id)
                continue
            }
            noteGrowth(of: generation.id, at: now)
            let request = HashRequest(
                node: generation.node, generation: generation.id, revision: nil,
                size: generation.size)
            hashing[generation.id] = request
            effects.append(.hash(request))
        }
    }

    /// Whether the bytes of a file are of a version of an item that is not its own, and it is not
    /// known whether they are right.
    func isUnproven(_ node: NodeID) -> Bool {
        let generation = tree[node]?.generation.flatMap { generations[$0] }
        return generation.map(hasForeignSource) ?? false
    }

    /// Whether all bytes of a file are here, of a version of an item that is not its own.
    func hasForeignSource(_ generation: Generation) -> Bool {
        guard let source = generation.source, generation.isComplete,
            let node = tree[generation.node], node.generation == generation.id
        else { return false }
        return node.item?.id != source.item
    }
}
