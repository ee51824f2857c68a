/// Folders of other drives: which they are, what lies in them, and what may be done to them.
extension Engine {
    /// How long deletions in a shared folder rest after the last of them, in nanoseconds: if the
    /// folder itself is removed from the mount meanwhile, nothing of its owner is deleted.
    private static let removalRest: Int64 = 10_000_000_000

    /// The part of the mount that a directory belongs to: the node of the shortcut that leads into
    /// it, or the root.
    func area(of directory: NodeID) -> NodeID {
        if cloud.shares.isEmpty { return .root }
        var current = directory
        var steps = 0
        while current != .root, cloud.shares[current] == nil, steps <= tree.count {
            guard let node = tree[current],
                let facts = node.local ?? node.remote.facts ?? node.synced
            else { return .root }
            current = facts.place.parent
            steps += 1
        }
        return current
    }

    /// The part of the mount that a node lies in.
    private func area(around id: NodeID) -> NodeID {
        guard !cloud.shares.isEmpty, let node = tree[id],
            let facts = node.local ?? node.remote.facts ?? node.synced
        else { return .root }
        return area(of: facts.place.parent)
    }

    /// The item that holds what lies in a directory.
    func containerItem(of directory: NodeID) -> ItemID? {
        cloud.shares[directory]?.target ?? tree[directory]?.item?.id
    }

    // MARK: Taking note

    /// Whether an item is shown at another place: a folder that is shared by itself, and by a
    /// folder around it, is shown once.
    func isShownElsewhere(_ item: RemoteItem) -> Bool {
        if cloud.sharesByTarget[item.id] != nil { return true }
        // What lies behind a shortcut that was removed here is not shown any more.
        if let parent = item.parent, let shortcut = cloud.sharesByTarget[parent],
            let node = tree[shortcut], node.local == nil, node.synced != nil
        {
            return true
        }
        guard case .shortcut(let drive?, let target, _) = item.kind,
            let other = cloud.sharesByTarget[ItemID(target, in: drive)]
        else { return false }
        return tree[other]?.item?.id != item.id
    }

    /// Takes note that a node is a shortcut, if its item is one.
    mutating func noteShare(_ item: RemoteItem, of node: NodeID, at now: Timestamp) {
        guard case .shortcut(let drive?, let target, false) = item.kind else { return }
        let share = Share(shortcut: item.id, target: ItemID(target, in: drive))
        if let known = cloud.shares[node], known.target == share.target,
            known.shortcut == share.shortcut
        {
            return
        }
        setShare(share, of: node)
        cloud.areas[node] = Area(nextWalk: now)
        setTimer(now)
    }

    mutating func setShare(_ share: Share?, of node: NodeID) {
        cloud.setShare(share, of: node)
        records.append(.share(node, share))
    }

    /// A node that is bound to another item, or to none, is no shortcut any more.
    mutating func checkShare(of node: NodeID) {
        guard let share = cloud.shares[node], tree[node]?.item?.id != share.shortcut else { return }
        setShare(nil, of: node)
    }

    /// An answer with its items placed in the drive that was asked.
    ///
    /// Answers of other drives name their items as those drives do; here they carry the drive.
    func located(_ outcome: RequestOutcome, of request: PendingRequest) -> RequestOutcome {
        guard !cloud.shares.isEmpty, case .answer(let answer) = outcome,
            let drive = drive(asked: request)
        else { return outcome }
        switch answer {
        case .item(let item): return .answer(.item(item.located(in: drive)))
        case .listing(var listing):
            let parent = request.purpose.directory.flatMap(containerItem)
            listing.items = listing.items.map { item in
                var item = item.located(in: drive)
                item.parent = parent ?? item.parent
                return item
            }
            return .answer(.listing(listing))
        case .drive, .drives, .page, .location, .session, .progress, .content, .otherContent, .done,
            .failure:
            return outcome
        }
    }

    /// The other drive that a request was about; nil for that of the mount.
    private func drive(asked request: PendingRequest) -> DriveID? {
        switch request.purpose {
        case .listing(let directory), .walk(let directory):
            return cloud.shares[area(of: directory)]?.target.foreignDrive
        case .operation(let number):
            guard let id = operations.first(where: { $0.value.id == number })?.key else {
                return nil
            }
            return cloud.shares[area(around: id)]?.target.foreignDrive
        case .suspect, .fetchAddress:
            guard case .item(let item) = request.call else { return nil }
            return item.foreignDrive
        case .checkout(let item): return item.foreignDrive
        case .drive, .quota, .rootItem, .delta, .fetch, .thumbnail, .cancelSession: return nil
        }
    }

    // MARK: Listings

    func isListed(_ directory: NodeID) -> Bool {
        if cloud.listed.contains(directory) { return true }
        let area = area(of: directory)
        return area == .root ? cloud.isEnumerated : cloud.shares[area]?.isWalked == true
    }

    mutating func markListed(_ directory: NodeID) {
        if !isListed(directory) { cloud.listed.insert(directory) }
    }

    // MARK: Removing

    /// Takes what a shared folder holds out of the mount, without deleting any of it.
    ///
    /// What was changed here and is not in the cloud would be lost, so it keeps the folder.
    mutating func leaveShare(_ shortcut: NodeID, at now: Timestamp) throws(PosixError) {
        let inside = tree.allNodes.filter { $0 != shortcut && isBelow($0, shortcut) }
        let isNeeded = inside.contains { id in
            guard let node = tree[id] else { return false }
            return operations[id] != nil || openCounts[id] != nil
                || (node.local != nil && !node.isSettled)
        }
        if isNeeded { throw .notEmpty }
        if cloud.walk?.scope == .area(shortcut) { cloud.walk = nil }
        // If the service keeps the shortcut after all, it is looked into anew.
        cloud.areas[shortcut] = Area(nextWalk: now)
        if var share = cloud.shares[shortcut] {
            share.isWalked = false
            setShare(share, of: shortcut)
        }
        cloud.listed.subtract(inside + [shortcut])
        for id in inside.reversed() {
            if let generation = tree[id]?.generation { dropGeneration(generation, at: now) }
            changedAt[id] = nil
            setbacks[id] = nil
            tree.remove(id)
        }
        effects.append(.invalidateInode(shortcut, data: false))
    }

    private func isBelow(_ id: NodeID, _ shortcut: NodeID) -> Bool {
        area(around: id) == shortcut
    }

    mutating func noteRemoval(from directory: NodeID, at now: Timestamp) {
        let area = area(of: directory)
        if area != .root { cloud.areas[area]?.lastRemoval = now }
    }

    /// Until when a deletion rests that was made in a shared folder.
    func restOfRemovals(_ id: NodeID) -> Timestamp? {
        guard !cloud.shares.isEmpty, let node = tree[id], node.local == nil else { return nil }
        return cloud.areas[area(around: id)]?.lastRemoval?.advanced(
            byNanoseconds: Self.removalRest)
    }
}

extension Purpose {
    /// The directory whose children the answer holds.
    fileprivate var directory: NodeID? {
        switch self {
        case .listing(let directory), .walk(let directory): directory
        case .drive, .quota, .rootItem, .delta, .suspect, .fetch, .fetchAddress, .operation,
            .checkout, .thumbnail, .cancelSession:
            nil
        }
    }
}

extension RemoteItem {
    /// This item of another drive with the drive in its ids.
    fileprivate func located(in drive: DriveID) -> RemoteItem {
        var item = self
        item.id = ItemID(id, in: drive)
        item.parent = parent.map { ItemID($0, in: drive) }
        item.drive = nil
        // The root of another drive is a folder like any other here.
        item.isRoot = false
        return item
    }
}
