/// The first step: every node by itself, facet by facet.
extension Slice {
    mutating func merge() {
        for id in ids {
            guard var draft = drafts[id] else { continue }
            merge(&draft)
            if let cause = context.blocked[id] { block(&draft, cause) }
            drafts[id] = draft
        }
    }

    private mutating func merge(_ draft: inout Draft) {
        if draft.node.scope != .synced {
            draft.standing = .fixed
            if draft.node.item == nil { return }
        }
        if draft.cloud == .unknown {
            draft.hold(.unobserved)
            draft.bytesHold = .unobserved
            return
        }
        switch (draft.wasHere, draft.wasThere) {
        case (nil, nil): break
        case (let here?, nil): mergeOnlyHere(&draft, here)
        case (nil, let there?): mergeOnlyThere(&draft, there)
        case (let here?, let there?):
            if draft.isFree { draft.mergePlaces(here, there) }
            if draft.needsHash, context.blocked[draft.id] == nil {
                hashes.insert(draft.id)
                draft.bytesHold = .hashing
            }
        }
    }

    // MARK: Existence

    /// The mount shows it and the cloud does not hold it: new here, or deleted there.
    private mutating func mergeOnlyHere(_ draft: inout Draft, _ here: Place) {
        let isFixed = draft.standing == .fixed
        let isNew = draft.base == nil
        if !isNew && !context.isRemoteComplete {
            draft.hold(.awaitingChanges)
        } else if !isNew && !draft.isEditedHere {
            draft.standing = .free
            draft.put(at: nil, .deletedThere)
        } else if isFixed {
            return
        } else if draft.needsHash {
            draft.hold(.hashing)
            draft.bytesHold = .hashing
            if context.blocked[draft.id] == nil { hashes.insert(draft.id) }
        } else {
            draft.put(at: here, isNew ? .newHere : .editedHereDeletedThere)
        }
    }

    /// The cloud holds it and the mount does not show it: new there, or deleted here.
    private func mergeOnlyThere(_ draft: inout Draft, _ there: Place) {
        guard let base = draft.base else {
            if draft.isFree { draft.put(at: there, .newThere) }
            return
        }
        draft.standing = .free
        if draft.isEditedThere {
            draft.put(at: there, .editedThereDeletedHere)
        } else if !there.isSame(as: base.place), isReplacedHere(draft, base) {
            draft.put(at: there, .movedThereDeletedHere)
        } else if draft.node.kind.isContainer, !isEverythingKnown {
            // Deleting a directory deletes everything in it, told of or not.
            draft.hold(.awaitingChanges)
        } else {
            draft.put(at: nil, .deletedHere)
        }
    }

    private var isEverythingKnown: Bool { context.isRemoteComplete && isEverythingPlaced }

    /// Whether something of another kind was made here in the place of a node that was deleted here.
    private func isReplacedHere(_ draft: Draft, _ base: Facts) -> Bool {
        let place = base.place
        guard let other = tree.child(of: place.parent, foldingLike: place.name) else {
            return false
        }
        return tree[other].map { $0.item == nil && $0.kind != draft.node.kind } == true
    }

    // MARK: What may not be acted upon

    private func block(_ draft: inout Draft, _ cause: DeferralCause) {
        draft.bytesHold = cause
        let followsCloud =
            context.mayMoveLocally.contains(draft.id) && draft.isFree
            && draft.wasHere != nil && draft.here != nil
            && draft.wasThere != nil && draft.there == draft.wasThere
        if !followsCloud { draft.hold(cause) }
    }
}

extension Draft {
    /// Whether what is to be done depends on bytes whose hash is not known.
    var needsHash: Bool {
        guard let content = node.local?.content, isEditedHere else { return false }
        return content.hash == nil && content != cloud.facts?.content
    }

    /// Merges directory and name, each by itself.
    ///
    /// Where both sides changed one, the cloud's counts: others have seen it.
    fileprivate mutating func mergePlaces(_ local: Place, _ remote: Place) {
        var here = local
        var there = remote
        switch Self.winner(local.parent, remote.parent, base?.place.parent, by: ==) {
        case .neither: break
        case .local: there.parent = local.parent
        case .remote(let isTie):
            here.parent = remote.parent
            if isTie { reasonHere = .movedOnBoth }
        }
        switch Self.winner(local.name, remote.name, base?.place.name, by: { $0.isSame(as: $1) }) {
        case .neither: break
        case .local: there.name = local.name
        case .remote(let isTie):
            here.name = remote.name
            if isTie { reasonHere = .movedOnBoth }
        }
        self.here = here
        self.there = there
    }

    private enum Winner {
        case neither
        case local
        case remote(isTie: Bool)
    }

    private static func winner<Facet>(
        _ local: Facet, _ remote: Facet, _ base: Facet?, by isSame: (Facet, Facet) -> Bool
    ) -> Winner {
        if isSame(local, remote) { return .neither }
        guard let base else { return .remote(isTie: false) }
        if isSame(local, base) { return .remote(isTie: false) }
        return isSame(remote, base) ? .local : .remote(isTie: true)
    }
}
