/// The calls of the file system that concern names. None of them touches the network, but for a
/// directory whose children have never been listed.
extension Engine {
    /// The child of a directory under exactly this name.
    package mutating func lookup(
        _ parent: NodeID, _ name: Name, at now: Timestamp
    ) throws(PosixError) -> Answer<Entry> {
        if let id = tree.child(of: parent, named: name) { return .ready(try entry(id)) }
        if let wait = try waitForListing(of: parent, at: now) { return .wait(wait) }
        throw .noEntry
    }

    package mutating func makeDirectory(
        _ parent: NodeID, _ name: Name, permissions: UInt16, at now: Timestamp
    ) throws(PosixError) -> Answer<Entry> {
        if let wait = try prepareToAdd(name, to: parent, at: now) { return .wait(wait) }
        let id = addNode(.directory, parent, name, permissions: permissions, at: now)
        markListed(id)
        return .ready(try entry(id))
    }

    /// Makes a symbolic link, which stays on this device.
    package mutating func makeSymlink(
        _ parent: NodeID, _ name: Name, target: [UInt8], at now: Timestamp
    ) throws(PosixError) -> Answer<Entry> {
        if let wait = try prepareToAdd(name, to: parent, at: now) { return .wait(wait) }
        let id = addNode(.symlink, parent, name, permissions: 0o777, at: now)
        linkTargets[id] = target
        records.append(.linkTarget(id, target))
        return .ready(try entry(id))
    }

    package func readLink(_ id: NodeID) throws(PosixError) -> [UInt8] {
        guard let target = linkTargets[id] else { throw .invalidArgument }
        return target
    }

    package mutating func unlink(
        _ parent: NodeID, _ name: Name, at now: Timestamp
    ) throws(PosixError) -> Answer<Void> {
        guard let id = tree.child(of: parent, named: name), let node = tree[id] else {
            if let wait = try waitForListing(of: parent, at: now) { return .wait(wait) }
            throw .noEntry
        }
        guard !node.kind.isContainer else { throw .isDirectory }
        try checkWritable(parent)
        removeFromMount(node, at: now)
        touchDirectory(parent, at: now)
        return .ready(())
    }

    package mutating func removeDirectory(
        _ parent: NodeID, _ name: Name, at now: Timestamp
    ) throws(PosixError) -> Answer<Void> {
        guard let id = tree.child(of: parent, named: name), let node = tree[id] else {
            if let wait = try waitForListing(of: parent, at: now) { return .wait(wait) }
            throw .noEntry
        }
        guard node.kind.isContainer else { throw .notDirectory }
        guard node.kind == .directory else { throw .accessDenied }
        try checkWritable(parent)
        if let wait = try waitForListing(of: id, at: now) { return .wait(wait) }
        if cloud.shares[id] != nil { try leaveShare(id, at: now) }
        guard !tree.hasChildren(id) else { throw .notEmpty }
        removeFromMount(node, at: now)
        touchDirectory(parent, at: now)
        return .ready(())
    }

    /// The children of a directory, as they are now, for one reader from begin to end.
    package mutating func list(
        _ directory: NodeID, at now: Timestamp
    ) throws(PosixError) -> Answer<[NodeID]> {
        guard let kind = tree[directory]?.kind else { throw .stale }
        guard kind.isContainer else { throw .notDirectory }
        if let wait = try waitForListing(of: directory, at: now) { return .wait(wait) }
        return .ready(tree.children(of: directory))
    }

    /// The name and attributes of a listed child, if it is still where it was.
    package func listed(_ id: NodeID, in parent: NodeID) -> (Name, Entry)? {
        guard let place = tree.local(id)?.place, place.parent == parent,
            let entry = try? entry(id)
        else { return nil }
        return (place.name, entry)
    }

    package func parent(of directory: NodeID) -> NodeID {
        tree.local(directory)?.place.parent ?? .root
    }

    // MARK: Steps

    func entry(_ id: NodeID) throws(PosixError) -> Entry {
        Entry(node: id, attributes: try attributes(of: id))
    }

    /// Checks that a name may be added to a directory; returns what to wait for, if anything.
    mutating func prepareToAdd(
        _ name: Name, to parent: NodeID, at now: Timestamp, replacing: NodeID? = nil
    ) throws(PosixError) -> WaitID? {
        guard let directory = tree[parent], directory.local != nil else { throw .noEntry }
        guard directory.kind.isContainer else { throw .notDirectory }
        try checkWritable(parent)
        guard name.bytes.count <= 255 else { throw .nameTooLong }
        if let sibling = tree.child(of: parent, foldingLike: name), sibling != replacing {
            throw .exists
        }
        if configuration.rejectsNames, directory.scope == .synced,
            NameRules.forbids(name, atRoot: parent == .root), !EphemeralNames.isEphemeral(name)
        {
            throw .invalidArgument
        }
        return try waitForListing(of: parent, at: now)
    }

    func checkWritable(_ directory: NodeID) throws(PosixError) {
        if configuration.isReadOnly { throw .readOnlyFileSystem }
        var current = directory
        while current != .root {
            guard let node = tree[current] else { return }
            if node.kind == .package || cloud.areas[current]?.isBroken == true {
                throw .accessDenied
            }
            guard let parent = node.local?.place.parent else { return }
            current = parent
        }
    }

    mutating func addNode(
        _ kind: Kind, _ parent: NodeID, _ name: Name, permissions: UInt16, at now: Timestamp
    ) -> NodeID {
        let id = newNodeID()
        var content: Content?
        if kind == .file { content = .edited(revision: newRevision(), size: 0) }
        tree.insert(
            Node(
                id: id, kind: kind,
                local: Facts(
                    place: Place(parent: parent, name: name), content: content, modified: now),
                overlay: Overlay(permissions: permissions, changed: now, created: now),
                scope: scope(of: name, kind, in: parent)))
        noteChange(id, at: now)
        touchDirectory(parent, at: now)
        takeOverVacatedItem(id)
        return id
    }

    /// Takes a node out of the mount.
    ///
    /// Its item, if it has one, is deleted when the plan says so.
    mutating func removeFromMount(_ node: Node, at now: Timestamp) {
        guard let facts = node.local else { return }
        forgetVacated(by: node.id)
        noteVacated(node)
        setbacks[node.id] = nil
        noteRemoval(from: facts.place.parent, at: now)
        if openCounts[node.id] != nil { unlinked[node.id] = facts }
        noteChange(node.id, at: now)
        if node.kind == .directory, node.item != nil {
            awaitRound(beforeRemoving: node.id, at: now)
        }
        tree.update(node.id) { $0.local = nil }
        discardUnneeded(node, at: now)
    }

    /// Lets a directory be removed in the cloud only when it is known what was in it at that time.
    ///
    /// It goes with everything inside, also with what somebody has put there since the last round; no
    /// condition of the request keeps the service from that.
    mutating func awaitRound(beforeRemoving id: NodeID, at now: Timestamp) {
        removalRounds[id] = cloud.completedRounds + (cloud.chain == nil ? 1 : 2)
        let wish = now.advanced(byNanoseconds: configuration.uploadDelay)
        if let next = cloud.nextPoll, next > wish {
            cloud.nextPoll = wish
            setTimer(wish)
        }
    }

    /// Whether a node lies in a removed directory, or is one, of which it is not known yet what was
    /// in it.
    ///
    /// Of a directory that was removed in an earlier run it is known after the first round of this.
    func awaitsRound(_ id: NodeID) -> Bool {
        guard cloud.feed == .changes else { return false }
        var current = id
        while let node = tree[current], node.local == nil, node.synced != nil,
            let place = node.remote.facts?.place
        {
            if node.kind == .directory, cloud.completedRounds < removalRounds[current] ?? 1 {
                return true
            }
            current = place.parent
        }
        return false
    }

    /// Drops the content of a node that neither the mount nor a handle shows any more.
    mutating func discardUnneeded(_ node: Node, at now: Timestamp) {
        guard openCounts[node.id] == nil, let generation = node.generation else { return }
        // An upload under way reads it; its end asks again.
        guard !isFrozen(generation) else { return }
        tree.update(node.id) { $0.generation = nil }
        dropGeneration(generation, at: now)
    }

    /// Whether, and if not why not, a node of this name takes part in synchronisation.
    func scope(of name: Name, _ kind: Kind, in parent: NodeID) -> Scope {
        if let directory = tree[parent], directory.scope != .synced { return .localOnly(.parent) }
        if kind == .symlink { return .localOnly(.symlink) }
        if EphemeralNames.isEphemeral(name) { return .localOnly(.ephemeral) }
        if configuration.exclusions.contains(where: { $0.matches(name) }) {
            return .localOnly(.excluded)
        }
        switch NameMapping.remoteName(for: name, atRoot: parent == .root) {
        case .name: return .synced
        case .impossible: return .localOnly(.name)
        }
    }

    /// Notes that a node was changed here, so that the change rests before it goes up.
    mutating func noteChange(_ id: NodeID, at now: Timestamp) {
        changedAt[id] = now
        planAfterRest(at: now)
    }

    /// Plans when what was changed now has rested; while somebody waits for both sides to agree,
    /// nothing rests.
    mutating func planAfterRest(at now: Timestamp) {
        requestPlan(
            at: planning.isHurried
                ? now : now.advanced(byNanoseconds: configuration.uploadDelay))
    }

    mutating func touchDirectory(_ id: NodeID, at now: Timestamp) {
        tree.update(id) { node in
            node.local?.modified = now
            node.overlay.changed = now
        }
    }
}
