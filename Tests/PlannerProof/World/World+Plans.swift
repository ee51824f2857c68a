import Core

/// Carrying plans out.
extension World {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// How a request ends.
    enum Fate {
        case answered
        /// The change is made and the reply is lost.
        case unanswered
        /// Nothing happens.
        case failed
    }

    // MARK: The mount

    mutating func applyLocally(_ plan: Plan) throws(Failure) {
        for binding in plan.bindings { try bind(binding) }
        for id in plan.adoptions { tree.update(id) { $0.noteAgreement() } }
        for id in plan.hashes {
            guard let content = tree.local(id)?.content, content.isEdited else {
                throw Failure(description: "\(id) is not to be hashed")
            }
            tree.update(id) { $0.local?.content = Payload.hashed(content) }
        }
        // First everything is taken out, as an engine would do it.
        for action in plan.local {
            guard case .move = action.change, let place = tree.local(action.node)?.place else {
                continue
            }
            tree.update(action.node) {
                $0.local?.place = Place(parent: action.node, name: place.name)
            }
        }
        for action in plan.local { try apply(action) }
        if let fault { throw Failure(description: fault) }
    }

    private mutating func apply(_ action: Action<LocalChange>) throws(Failure) {
        let id = action.node
        guard let node = tree[id] else { throw Failure(description: "\(id) is not there") }
        switch action.change {
        case .show(let place):
            guard node.local == nil, case .present(let facts) = node.remote,
                place == facts.place, tree.local(place.parent) != nil
            else { throw Failure(description: "\(id) cannot be shown") }
            tree.update(id) { node in
                node.local = facts
                node.synced = facts
            }
        case .move(let place):
            guard node.local != nil else { throw Failure(description: "\(id) is not shown") }
            tree.update(id) { node in
                node.local?.place = place
                node.noteAgreement()
            }
        case .takeContent(let content):
            guard let facts = node.remote.facts, facts.content == content else {
                throw Failure(description: "\(id) has no such content")
            }
            tree.update(id) { node in
                node.local?.content = facts.content
                node.local?.modified = facts.modified
                node.noteAgreement()
            }
        case .takeTime(let time):
            tree.update(id) { node in
                node.local?.modified = time
                node.noteAgreement()
            }
        case .remove:
            guard node.local != nil, !tree.hasChildren(id) else {
                throw Failure(description: "\(id) cannot be removed")
            }
            tree.update(id) { node in
                node.local = nil
                node.becomeNew()
            }
        case .keepBoth(let name): try keepBoth(node, name)
        case .detach: tree.update(id) { $0.becomeNew() }
        }
    }

    private mutating func keepBoth(_ node: Node, _ name: Name) throws(Failure) {
        guard let local = node.local, case .present(let remote) = node.remote else {
            throw Failure(description: "\(node.id) is not on both sides")
        }
        tree.update(node.id) { mine in
            mine.becomeNew()
            mine.local?.place.name = name
        }
        var theirs = Node.test(newNode(), node.kind, node.scope)
        theirs.local = Facts(
            place: local.place, content: remote.content, modified: remote.modified)
        theirs.remote = node.remote
        theirs.synced = remote
        theirs.item = node.item
        tree.insert(theirs)
        tree.update(theirs.id) { other in
            // The place may still have to be moved on one side.
            if local.place != remote.place, let base = node.synced?.place {
                other.synced?.place = base
            }
        }
    }

    private mutating func bind(_ binding: Binding) throws(Failure) {
        guard let theirs = tree[binding.remote], theirs.local == nil,
            tree[binding.local]?.local != nil
        else { throw Failure(description: "\(binding) is not possible") }
        tree.remove(binding.remote)
        tree.update(binding.local) { node in
            node.item = theirs.item
            node.remote = theirs.remote
            node.synced = nil
            node.noteAgreement()
            node.sent = nil
        }
        for id in tree.differing {
            tree.update(id) { node in
                guard case .present(var facts) = node.remote,
                    facts.place.parent == binding.remote
                else { return }
                facts.place.parent = binding.local
                node.remote = .present(facts)
            }
        }
    }

    // MARK: The cloud

    /// Sends one change.
    ///
    /// A refusal is a fault of the plan if everything was known.
    mutating func send(_ action: Action<RemoteChange>, _ fate: Fate) throws(Failure) {
        guard let node = tree[action.node] else {
            throw Failure(description: "\(action.node) is not there")
        }
        if fate == .failed { return }
        do {
            let item = try request(action.change, node)
            noteSent(action.change, node)
            guard fate == .answered else { return }
            if let item { acknowledge(action.change, node.id, item) } else { noteDeleted(node.id) }
        } catch {
            guard !isUpToDate else {
                throw Failure(
                    description: "\(PlanText(tree, showsIDs: true).line(action)): \(error)")
            }
        }
    }

    private mutating func request(
        _ change: RemoteChange, _ node: Node
    ) throws(CloudModel.Refusal) -> Int? {
        let version = Self.version(node.item?.eTag)
        func parent(_ place: Place) throws(CloudModel.Refusal) -> Int {
            guard let item = item(of: place.parent) else { throw .notFound }
            return item
        }
        let modified = node.local?.modified ?? .epoch
        switch change {
        case .createDirectory(let place):
            return try cloud.create(.directory, in: parent(place), place.name, nil, modified)
        case .createFile(let place, let content):
            return try cloud.create(.file, in: parent(place), place.name, content, modified)
        case .replaceContent(let content, _):
            guard let item = item(of: node.id) else { throw .notFound }
            try cloud.write(item, content, modified, version: version)
            return item
        case .setTime(let time, _):
            guard let item = item(of: node.id) else { throw .notFound }
            try cloud.write(item, nil, time, version: version)
            return item
        case .move(let place, _):
            guard let item = item(of: node.id) else { throw .notFound }
            try cloud.move(item, to: parent(place), place.name, version: version)
            return item
        case .park(let name, _):
            guard let item = item(of: node.id), let parent = cloud.items[item]?.parent else {
                throw .notFound
            }
            try cloud.move(item, to: parent, name, version: version)
            return item
        case .delete:
            guard let item = item(of: node.id) else { throw .notFound }
            try cloud.delete(item, version: version)
            return nil
        }
    }

    private mutating func noteSent(_ change: RemoteChange, _ node: Node) {
        var sent = node.local
        if case .park(let name, _) = change, let facts = node.remote.facts {
            sent = sent ?? facts
            sent?.place = Place(parent: facts.place.parent, name: name)
        }
        tree.update(node.id) { $0.sent = sent }
    }

    private mutating func acknowledge(_ change: RemoteChange, _ id: NodeID, _ item: Int) {
        tree.update(id) { node in
            if node.item?.id != Self.itemID(item) { node.item = Item(id: Self.itemID(item)) }
        }
        observe(item)
        tree.update(id) { node in
            node.sent = nil
            guard case .present(let remote) = node.remote else { return }
            var agreed = node.synced ?? remote
            switch change {
            case .createDirectory, .createFile: agreed = remote
            case .replaceContent(let content, _):
                agreed.content = content
                agreed.modified = remote.modified
            case .setTime: agreed.modified = remote.modified
            case .move, .park: agreed.place = remote.place
            case .delete: return
            }
            node.synced = agreed
            node.noteAgreement()
        }
    }

    /// The item is gone, with everything that was inside.
    private mutating func noteDeleted(_ id: NodeID) {
        var pending = [id]
        while let current = pending.popLast() {
            pending += tree.differing.filter { tree[$0]?.remote.facts?.place.parent == current }
            tree.update(current) { node in
                node.remote = .absent
                node.sent = nil
                guard node.local == nil else { return }
                node.synced = nil
                node.item = nil
            }
        }
    }
}

extension Node {
    /// Forgets the cloud.
    fileprivate mutating func becomeNew() {
        item = nil
        remote = .absent
        synced = nil
        sent = nil
    }
}
