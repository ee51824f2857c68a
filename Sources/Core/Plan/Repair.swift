/// The second step: what the merged nodes must satisfy together. Directories of what is kept are
/// kept, nothing lies inside itself, no two names in a directory are alike.
///
/// The rules are applied in turn until nothing changes any more. Each change goes one way only: a
/// deletion is taken back, a move is taken back, a node is renamed, a node waits. What waits stays
/// where it is on both sides, which is always possible.
extension Slice {
    mutating func repair() {
        // Every node can change in each of four ways.
        for _ in 0...(4 * ids.count) {
            var isChanged = keepDirectories()
            isChanged = keepNonempty() || isChanged
            isChanged = breakCircles() || isChanged
            isChanged = separateNames() || isChanged
            if !isChanged { return }
        }
    }

    // MARK: Directories

    /// Keeps the directories of what is kept, and leaves alone what has no directory to be in.
    private mutating func keepDirectories() -> Bool {
        var isChanged = false
        for id in ids {
            var current = id
            // Upwards as long as deletions are taken back.
            while let draft = drafts[current], draft.isFree, let parent = keepDirectory(of: draft) {
                isChanged = true
                current = parent
            }
        }
        return isChanged
    }

    /// Sees to the directory that a node is to be in.
    ///
    /// Returns the node that was changed, if any.
    private mutating func keepDirectory(of draft: Draft) -> NodeID? {
        for side in Side.allCases {
            guard let parent = draft.place(on: side)?.parent, !isDirectory(parent, on: side) else {
                continue
            }
            if let directory = drafts[parent], directory.isDoomed, revive(directory) {
                return parent
            }
            hold(draft.id, .parent)
            return draft.id
        }
        return nil
    }

    /// Takes the deletion of a directory back.
    private mutating func revive(_ directory: Draft) -> Bool {
        guard directory.node.kind.isContainer else { return false }
        // What the cloud does not hold can only be made there anew, which a name that it cannot
        // hold rules out.
        if directory.wasThere == nil && directory.node.scope != .synced { return false }
        guard let place = directory.wasHere ?? directory.wasThere else { return false }
        change(directory.id) { $0.put(at: place, .neededInside) }
        return true
    }

    /// Keeps directories in which something stays behind.
    private mutating func keepNonempty() -> Bool {
        var isChanged = false
        for id in ids {
            guard let draft = drafts[id], draft.isDoomed else { continue }
            if draft.node.kind.isContainer, let cause = causeToStay(draft) {
                hold(id, cause)
                isChanged = true
            } else if draft.wasHere == nil, let parent = draft.wasThere?.parent,
                let directory = drafts[parent], directory.wasHere == nil,
                directory.hold?.isBrief == true
            {
                // Soon one request will delete the whole directory.
                hold(id, .parent)
                isChanged = true
            }
        }
        return isChanged
    }

    private func causeToStay(_ directory: Draft) -> DeferralCause? {
        let id = directory.id
        if directory.wasHere != nil {
            for child in tree.children(of: id).sorted() where place(child, on: .here)?.parent == id
            {
                guard let draft = drafts[child] else { return .holdsLocalOnly }
                return draft.hold ?? .holdsLocalOnly
            }
        }
        if directory.wasThere != nil {
            for child in entriesThere[id] ?? [] {
                guard let draft = drafts[child] else { continue }
                if draft.cloud == .unknown { return .unobserved }
                if draft.there?.parent == id { return draft.hold ?? .parent }
            }
        }
        return nil
    }

    // MARK: Circles

    /// Takes moves back that put a directory into itself.
    private mutating func breakCircles() -> Bool {
        var isChanged = false
        for side in Side.allCases {
            while let circle = firstCircle(on: side) {
                breakCircle(circle)
                isChanged = true
            }
        }
        return isChanged
    }

    private struct Circle {
        var members: [NodeID]
        /// A node on its way into the circle, or in it, that is to change its directory.
        var entrance: NodeID
    }

    /// Only a directory that changes its own directory can close a circle.
    private func firstCircle(on side: Side) -> Circle? {
        var cleared: Set<NodeID> = []
        for id in ids {
            guard let draft = drafts[id], draft.node.kind.isContainer,
                draft.place(on: side)?.parent != draft.formerPlace(on: side)?.parent
            else { continue }
            var path: [NodeID] = []
            var onPath: Set<NodeID> = []
            var current = id
            while current != .root, !cleared.contains(current) {
                if !onPath.insert(current).inserted {
                    let members = path.firstIndex(of: current).map { Array(path[$0...]) }
                    return Circle(members: members ?? path, entrance: id)
                }
                path.append(current)
                guard let parent = place(current, on: side)?.parent else { break }
                current = parent
            }
            cleared.formUnion(onPath)
        }
        return nil
    }

    /// The cloud's tree has no circles, so a move that was made here can be taken back.
    ///
    /// Of several the first stand, as if they were made one after the other. A circle through what
    /// has to wait may be none when the wait is over, so all of it waits.
    private mutating func breakCircle(_ circle: Circle) {
        let members = circle.members.compactMap { drafts[$0] }
        let free = members.filter(\.isFree)
        let movedHere = free.filter { draft in
            draft.wasThere.map { $0.parent != draft.there?.parent } == true
        }
        let isWaiting = members.contains { $0.hold != nil }
        if !isWaiting, let last = movedHere.max(by: { $0.id < $1.id }) {
            change(last.id) { $0.put(at: last.wasThere, .cycle) }
        } else {
            hold(free.map(\.id).max() ?? circle.entrance, .parent)
        }
    }
}

extension DeferralCause {
    /// Whether the wait is over soon without anybody's doing.
    fileprivate var isBrief: Bool {
        switch self {
        case .settling, .inProgress, .hashing, .parent, .awaitingChanges, .unobserved, .retry,
            .deleteGuard:
            true
        case .openForWriting, .locked, .inUse, .lockedRemotely, .quota, .refused, .name,
            .nameTaken, .holdsLocalOnly, .readOnly:
            false
        }
    }
}
