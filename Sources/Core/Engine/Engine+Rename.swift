/// Renames, and what editors do with them.
extension Engine {
    /// Renames as `rename(2)` and `renameat2(2)` say.
    package mutating func rename(
        _ name: Name, in parent: NodeID, to newName: Name, in newParent: NodeID,
        mode: RenameMode, at now: Timestamp
    ) throws(PosixError) -> Answer<Void> {
        guard let id = tree.child(of: parent, named: name), let node = tree[id] else {
            if let wait = try waitForListing(of: parent, at: now) { return .wait(wait) }
            throw .noEntry
        }
        try checkWritable(parent)
        if tree.isInside(newParent, id) { throw .invalidArgument }
        // Items never move from one drive to another: programs copy, and delete.
        if area(of: parent) != area(of: newParent) { throw .crossesDevices }
        let target = tree.child(of: newParent, foldingLike: newName).flatMap { tree[$0] }
        let isExact = target?.local?.place.name == newName
        if mode != .exchange,
            let wait = try prepareToAdd(
                newName, to: newParent, at: now,
                replacing: target.map(\.id).flatMap { isExact || $0 == id ? $0 : nil })
        {
            return .wait(wait)
        }
        switch mode {
        case .exchange:
            guard let target, isExact else { throw .noEntry }
            if tree.isInside(parent, target.id) { throw .invalidArgument }
            exchange(node, target, at: now)
        case .noReplace:
            if let target, target.id != id { throw .exists }
            place(node, at: Place(parent: newParent, name: newName), now)
        case .replace:
            if let target, target.id != id {
                if let wait = try prepareToReplace(target, by: node, at: now) {
                    return .wait(wait)
                }
                replace(target, by: node, at: now)
            }
            place(node, at: Place(parent: newParent, name: newName), now)
        }
        touchDirectory(parent, at: now)
        if newParent != parent { touchDirectory(newParent, at: now) }
        return .ready(())
    }

    private mutating func prepareToReplace(
        _ target: Node, by node: Node, at now: Timestamp
    ) throws(PosixError) -> WaitID? {
        switch (node.kind.isContainer, target.kind.isContainer) {
        case (true, false): throw .notDirectory
        case (false, true): throw .isDirectory
        case (false, false): return nil
        case (true, true):
            if let wait = try waitForListing(of: target.id, at: now) { return wait }
            guard !tree.hasChildren(target.id) else { throw .notEmpty }
            return nil
        }
    }

    /// Takes the target of a rename out of the way.
    ///
    /// If only the target is known to the cloud, the node that takes its name becomes the next
    /// version of its item, so that history, shares and links survive the way in which editors
    /// save.
    private mutating func replace(_ target: Node, by node: Node, at now: Timestamp) {
        let place = target.local?.place
        removeFromMount(target, at: now)
        guard let place, target.item != nil, isUnknownToCloud(node),
            scope(of: place.name, node.kind, in: place.parent) == .synced
        else { return }
        forgetVacated(by: target.id)
        transferItem(from: target.id, to: node.id)
    }

    /// Gives a node another place in the mount.
    private mutating func place(_ node: Node, at place: Place, _ now: Timestamp) {
        guard node.local?.place != place else { return }
        forgetVacated(by: node.id)
        noteVacated(node)
        let scope = scope(of: place.name, node.kind, in: place.parent)
        tree.update(node.id) { changed in
            changed.local?.place = place
            changed.overlay.changed = now
            changed.scope = scope
        }
        if scope != node.scope, node.kind.isContainer { reclassify(below: node.id) }
        setbacks[node.id] = nil
        noteChange(node.id, at: now)
        takeOverVacatedItem(node.id)
        keep(inside: node.id)
        keepMore(at: now)
    }

    private mutating func exchange(_ one: Node, _ other: Node, at now: Timestamp) {
        guard let first = one.local?.place, let second = other.local?.place else { return }
        // Out of the names' way, in a place that no other call can see before this one ends.
        tree.update(one.id) { $0.local?.place = Place(parent: one.id, name: first.name) }
        place(other, at: first, now)
        guard let moved = tree[one.id] else { return }
        place(moved, at: second, now)
    }

    /// Decides anew, for all that lies in a directory, whether it takes part in synchronisation.
    private mutating func reclassify(below directory: NodeID) {
        var directories = [directory]
        while let current = directories.popLast() {
            for child in tree.children(of: current) {
                guard let node = tree[child], let place = node.local?.place else { continue }
                let scope = scope(of: place.name, node.kind, in: current)
                if scope != node.scope { tree.update(child) { $0.scope = scope } }
                if node.kind.isContainer { directories.append(child) }
            }
        }
    }

    // MARK: Saving by renaming

    /// Notes that an item left its place here, by a rename or a deletion that the cloud has not
    /// been told of.
    mutating func noteVacated(_ node: Node) {
        guard node.kind == .file, node.item != nil, operations[node.id] == nil,
            let place = node.local?.place, place == node.synced?.place
        else { return }
        vacated[place] = node.id
    }

    mutating func forgetVacated(by id: NodeID) {
        guard let place = tree[id]?.synced?.place, vacated[place] == id else { return }
        vacated[place] = nil
    }

    /// Lets a new file take over the item that had its name a moment ago, if the old file was
    /// deleted or moved aside as a backup: that is how many programs save.
    mutating func takeOverVacatedItem(_ id: NodeID) {
        guard let node = tree[id], node.kind == .file, node.scope == .synced,
            isUnknownToCloud(node), let place = node.local?.place,
            let oldID = vacated[place], oldID != id, let old = tree[oldID],
            operations[oldID] == nil, old.synced?.place == place
        else { return }
        if let backup = old.local?.place {
            // The backup is a file of its own from now on: all its bytes must be here, and right. Were
            // they found to be wrong later, they could not be had again.
            guard backup.parent == place.parent, isWhole(old),
                BackupNames.isBackup(backup.name, of: place.name)
            else { return }
        }
        vacated[place] = nil
        transferItem(from: oldID, to: id)
    }

    /// Whether the cloud has never been told of a node.
    private func isUnknownToCloud(_ node: Node) -> Bool {
        node.item == nil && node.sent == nil && operations[node.id] == nil
    }

    /// Moves what the cloud knows from one node to another.
    ///
    /// The first is new from then on.
    mutating func transferItem(from old: NodeID, to new: NodeID) {
        guard let source = tree[old] else { return }
        tree.update(old) { node in
            node.item = nil
            node.remote = .absent
            node.synced = nil
            node.sent = nil
            node.local?.settleContent()
        }
        let underWay = operations[old]?.sentContent
        if let generation = source.generation, source.local != nil { ownBytes(of: generation) }
        tree.update(new) { node in
            node.item = source.item
            node.remote = source.remote
            node.synced = source.synced
            node.sent = source.sent
            node.distinguishBytes(from: [source.synced?.content, underWay])
        }
        if let operation = operations.removeValue(forKey: old) {
            operations[new] = operation
            operationOwners[operation.id] = new
        }
        movePin(from: old, to: new)
    }
}
