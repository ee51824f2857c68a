/// The third step: the difference between what is and what is to be, in order.
extension Slice {
    mutating func schedule() -> Plan {
        var plan = Plan()
        plan.adoptions = ids.filter(isAgreementNew)
        plan.bindings = ids.compactMap { id in
            guard let draft = drafts[id], draft.wasHere != nil,
                case .binding(let other) = draft.standing
            else { return nil }
            return Binding(local: id, remote: other)
        }
        plan.hashes = hashes.sorted()
        plan.local = localActions()
        let steps = RemoteSteps(self)
        if context.isReadOnly {
            plan.deferred = deferrals(readOnly: steps.nodes)
        } else {
            plan.remote = steps.layers()
            plan.deferred = deferrals(readOnly: [])
        }
        return plan
    }

    /// Whether there is something to note that both sides agree on.
    private func isAgreementNew(_ id: NodeID) -> Bool {
        guard let draft = drafts[id], context.blocked[id] == nil else { return false }
        if draft.wasHere == nil && !context.isRemoteComplete { return false }
        var node = draft.node
        node.noteAgreement()
        return node != draft.node
    }

    private func deferrals(readOnly: Set<NodeID>) -> [Deferral] {
        ids.compactMap { id in
            guard let draft = drafts[id] else { return nil }
            if let cause = draft.hold {
                if cause == .hashing && hashes.contains(id) { return nil }
                return draft.isPending ? Deferral(node: id, cause: cause) : nil
            }
            if let cause = draft.bytesHold, draft.isWaitingForBytes, !hashes.contains(id) {
                return Deferral(node: id, cause: cause)
            }
            return readOnly.contains(id) ? Deferral(node: id, cause: .readOnly) : nil
        }
    }

    // MARK: The mount

    /// First what goes, the innermost first; then what comes or moves, directories before what is
    /// in them; then bytes and times.
    private mutating func localActions() -> [Action<LocalChange>] {
        var removed: [(depth: Int, action: Action<LocalChange>)] = []
        var placed: [(depth: Int, action: Action<LocalChange>)] = []
        var changed: [Action<LocalChange>] = []
        for id in ids {
            guard let draft = drafts[id], !draft.isBinding else { continue }
            func action(_ change: LocalChange, _ reason: Reason) -> Action<LocalChange> {
                Action(node: id, change: change, reason: reason)
            }
            if draft.isDetached {
                changed.append(action(.detach, draft.reasonThere))
            }
            switch (draft.wasHere, draft.here) {
            case (nil, nil): break
            case (.some, nil):
                removed.append(
                    (depth(of: id, before: true), action(.remove, draft.reasonHere)))
            case (nil, let place?):
                placed.append(
                    (depth(of: id, before: false), action(.show(place), draft.reasonHere)))
            case (let old?, let new?):
                if old != new {
                    placed.append(
                        (depth(of: id, before: false), action(.move(new), draft.reasonHere)))
                }
            }
            switch draft.bytesChange {
            case .none, .send, .sendTime: break
            case .take(let content, let reason):
                changed.append(action(.takeContent(content), reason))
            case .takeTime(let time): changed.append(action(.takeTime(time), .touchedThere))
            case .keepBoth:
                // The copy lies beside the file, so the file has to be in its place before.
                let isThere = draft.there == draft.wasThere || context.isReadOnly
                guard draft.hold == nil, isThere, let place = draft.here,
                    let name = conflictName(for: draft, in: place)
                else { continue }
                changed.append(action(.keepBoth(name), .editedOnBoth))
            }
        }
        removed.sort { ($1.depth, $0.action.node) < ($0.depth, $1.action.node) }
        placed.sort { ($0.depth, $0.action.node) < ($1.depth, $1.action.node) }
        return removed.map(\.action) + placed.map(\.action) + changed
    }

    /// How many directories lie above a node of the mount, as it is or as it is to be.
    private func depth(of id: NodeID, before: Bool) -> Int {
        var depth = 0
        var current = id
        // A circle cannot be longer than there are nodes.
        while current != .root, depth <= tree.count {
            let place = before ? formerPlace(current, on: .here) : place(current, on: .here)
            guard let parent = place?.parent else { break }
            current = parent
            depth += 1
        }
        return depth
    }
}

extension Draft {
    fileprivate var isBinding: Bool {
        switch standing {
        case .binding: true
        case .free, .fixed, .held: false
        }
    }

    /// Whether the mount keeps what the cloud has deleted.
    fileprivate var isDetached: Bool {
        guard node.synced != nil, here != nil, cloud == .absent, wasHere != nil else {
            return false
        }
        switch standing {
        case .free: return true
        case .fixed: return isEditedHere
        case .held, .binding: return false
        }
    }
}
