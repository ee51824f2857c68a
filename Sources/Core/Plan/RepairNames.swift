/// Names in a directory that OneDrive could not tell apart.
extension Slice {
    /// Sees to it that no two nodes are to have one name.
    ///
    /// What has the name in the cloud keeps it.
    mutating func separateNames() -> Bool {
        var isChanged = false
        for side in Side.allCases {
            for clash in clashes(on: side) { isChanged = resolve(clash) || isChanged }
        }
        return isChanged
    }

    private struct Clash {
        var key: NameKey
        var side: Side
        /// The nodes of the slice that are to have the name, in the order of their ids.
        var claimants: [NodeID]
        /// A node outside the slice that has it and keeps it.
        var owner: NodeID?
    }

    /// In the order of the first claimant.
    private func clashes(on side: Side) -> [Clash] {
        var claimants: [NameKey: [NodeID]] = [:]
        var keys: [NameKey] = []
        for id in ids {
            guard let place = drafts[id]?.claim(on: side) else { continue }
            let key = NameKey(place)
            if claimants[key] == nil { keys.append(key) }
            claimants[key, default: []].append(id)
        }
        return keys.compactMap { key in
            let claimants = claimants[key] ?? []
            guard let name = drafts[claimants[0]]?.claim(on: side)?.name else { return nil }
            let owner = owner(of: key, name, on: side)
            let isClash = claimants.count + (owner == nil ? 0 : 1) > 1
            return isClash
                ? Clash(key: key, side: side, claimants: claimants, owner: owner) : nil
        }
    }

    /// A settled node, or one that stays on this device, that has a name.
    private func owner(of key: NameKey, _ name: Name, on side: Side) -> NodeID? {
        guard let id = tree.child(of: key.parent, foldingLike: name), drafts[id] == nil else {
            return nil
        }
        switch side {
        case .here: return id
        case .there: return tree.scope(id) == .synced ? id : nil
        }
    }

    // MARK: Resolving

    private mutating func resolve(_ clash: Clash) -> Bool {
        let claimants = clash.claimants.compactMap { drafts[$0] }
        let free = claimants.filter(\.isFree)
        guard !free.isEmpty else { return false }
        if let owner = clash.owner {
            let isSynced = tree.scope(owner) == .synced
            for draft in free { yield(draft, to: isSynced ? nil : .nameTaken, clash) }
            return true
        }
        if let waiting = claimants.lazy.compactMap(\.hold).first {
            for draft in free { hold(draft.id, waiting) }
            return true
        }
        if claimants.contains(where: { $0.standing == .fixed }) {
            for draft in free { yield(draft, to: clash.side == .here ? .nameTaken : nil, clash) }
            return true
        }
        if free.count < claimants.count {
            for draft in free { yield(draft, to: nil, clash) }
            return true
        }
        guard let keeper = free.min(by: { rank($0, clash.key) < rank($1, clash.key) }) else {
            return false
        }
        for draft in free where draft.id != keeper.id { separate(draft, from: keeper, clash) }
        return free.count > 1
    }

    /// Lower numbers keep the name: what has it in the cloud, then what the cloud knows at all; of
    /// these, what has it here.
    private func rank(_ draft: Draft, _ key: NameKey) -> Rank {
        if draft.wasThere.map(NameKey.init) == key { return Rank(number: 0, id: draft.id) }
        let isHere = draft.wasHere.map(NameKey.init) == key
        let number = (draft.wasThere == nil ? 3 : 1) + (isHere ? 0 : 1)
        return Rank(number: number, id: draft.id)
    }

    private struct Rank: Comparable {
        var number: Int
        var id: NodeID

        static func < (left: Rank, right: Rank) -> Bool {
            (left.number, left.id) < (right.number, right.id)
        }
    }

    private mutating func separate(_ draft: Draft, from keeper: Draft, _ clash: Clash) {
        let mayBeOne =
            context.isRemoteComplete && draft.wasThere == nil && keeper.wasHere == nil
            && draft.wasHere == draft.here && keeper.wasThere == keeper.there
        guard mayBeOne, draft.node.kind == keeper.node.kind else {
            yield(draft, to: nil, clash)
            return
        }
        let content = draft.node.local?.content
        let theirs = keeper.cloud.facts?.content
        // What was made from here and whose reply was lost comes back as a new item.
        let isEcho = draft.node.sent.map { $0.content == theirs } == true
        let isOne = content == nil || isEcho || (content?.hash != nil && content == theirs)
        if isOne {
            change(draft.id) { $0.bind(to: keeper.id) }
            change(keeper.id) { $0.bind(to: draft.id) }
        } else {
            yield(draft, to: nil, clash)
        }
    }

    /// Gives a name up: for another one, or by waiting for the given cause.
    private mutating func yield(_ draft: Draft, to cause: DeferralCause?, _ clash: Clash) {
        if let cause {
            hold(draft.id, cause)
        } else if !context.isRemoteComplete || draft.wasHere == nil
            || draft.wasThere.map(NameKey.init) == clash.key
        {
            // The cloud cannot hold two such names: one of them is about to be told otherwise.
            hold(draft.id, .awaitingChanges)
        } else if draft.node.local?.content?.isEdited == true {
            if draft.bytesHold == nil || draft.bytesHold == .hashing {
                holdForHash(draft.id)
            } else {
                hold(draft.id, draft.bytesHold ?? .hashing)
            }
        } else if let place = draft.here, let name = conflictName(for: draft, in: place) {
            change(draft.id) { $0.makeWay(to: Place(parent: place.parent, name: name)) }
        } else {
            hold(draft.id, .nameTaken)
        }
    }
}

extension Draft {
    /// The place whose name the node has or is to have.
    ///
    /// What was not observed may still have the one that it had.
    fileprivate func claim(on side: Side) -> Place? {
        side == .there && cloud == .unknown ? base?.place : place(on: side)
    }

    fileprivate mutating func makeWay(to place: Place) {
        here = place
        there = place
        reasonHere = .nameTaken
        // What is made under another name is made for the same reason as before.
        if wasThere != nil { reasonThere = .nameTaken }
    }

    fileprivate mutating func bind(to other: NodeID) {
        standing = .binding(other)
        here = wasHere
        there = wasThere
    }
}

/// What OneDrive tells the entries of all directories apart by.
struct NameKey: Hashable {
    var parent: NodeID
    var fold: FoldKey

    init(_ place: Place) {
        parent = place.parent
        fold = place.name.foldKey
    }
}
