/// The changes of the cloud with what each must wait for.
///
/// There are four preconditions: the directory exists, the name is free, a directory to be deleted
/// holds nothing that is kept, and nothing is moved into itself.
struct RemoteSteps {
    private let slice: Slice
    private(set) var steps: [RemoteStep] = []
    /// The step that makes, moves or deletes a node.
    private var placing: [NodeID: Int] = [:]

    init(_ slice: Slice) {
        self.slice = slice
        for id in slice.ids { addPlacing(id) }
        waitForDirectories()
        waitForNames()
        waitForEmptiness()
        for id in slice.ids { addBytes(id) }
    }

    /// The nodes that change.
    var nodes: Set<NodeID> { Set(steps.map(\.action.node)) }

    /// The steps in layers, parks included where nodes wait for each other's names.
    func layers() -> [[Action<RemoteChange>]] {
        var layering = RemoteLayering(steps)
        return layering.run()
    }

    // MARK: Steps

    private mutating func addPlacing(_ id: NodeID) {
        guard let draft = slice[id], draft.isFree else { return }
        let tag = draft.node.item?.eTag
        switch (draft.wasThere, draft.there) {
        case (nil, nil): return
        case (let old?, nil):
            if let directory = slice[old.parent], directory.isDoomed, directory.wasThere != nil {
                return
            }
            add(draft, .delete(unlessChangedFrom: tag), draft.reasonThere)
        case (nil, let place?):
            guard let local = draft.node.local else { return }
            let change: RemoteChange =
                if let content = local.content {
                    .createFile(place, content)
                } else {
                    .createDirectory(place)
                }
            add(draft, change, draft.reasonThere)
        case (let old?, let new?):
            if old == new { return }
            add(draft, .move(new, unlessChangedFrom: tag), draft.reasonThere)
        }
    }

    private mutating func add(_ draft: Draft, _ change: RemoteChange, _ reason: Reason) {
        placing[draft.id] = steps.count
        steps.append(
            RemoteStep(
                action: Action(node: draft.id, change: change, reason: reason),
                tag: draft.node.item?.eTag))
    }

    private mutating func addBytes(_ id: NodeID) {
        guard let draft = slice[id] else { return }
        let tag = draft.node.item?.eTag
        let action: Action<RemoteChange>
        switch draft.bytesChange {
        case .none, .take, .takeTime, .keepBoth: return
        case .send(let content):
            action = Action(
                node: id, change: .replaceContent(content, unlessChangedFrom: tag),
                reason: .editedHere)
        case .sendTime(let time):
            action = Action(
                node: id, change: .setTime(time, unlessChangedFrom: tag), reason: .touchedHere)
        }
        var step = RemoteStep(action: action, tag: tag)
        // Two changes of one item cannot be on their way at once: each needs the tag of the other.
        if let place = placing[id] { step.dependencies.insert(place) }
        steps.append(step)
    }

    // MARK: Preconditions

    private mutating func waitForDirectories() {
        for (index, step) in steps.enumerated() {
            guard let parent = slice[step.action.node]?.there?.parent else { continue }
            if let other = placing[parent], steps[other].isCreation {
                steps[index].dependencies.insert(other)
            }
            guard step.isMove, slice.tree.kind(step.action.node)?.isContainer == true,
                mayBeInside(parent, step.action.node)
            else { continue }
            // Once the whole way up is as it is to be, it leads past the node.
            for ancestor in wayUp(from: parent) {
                guard let other = placing[ancestor], steps[other].isMove else { continue }
                steps[index].dependencies.insert(other)
            }
        }
    }

    /// Whether a node could lie below another at some moment, whatever is moved first.
    private func mayBeInside(_ start: NodeID, _ directory: NodeID) -> Bool {
        var seen: Set<NodeID> = []
        var pending = [start]
        while let id = pending.popLast() {
            if id == directory { return true }
            guard id != .root, seen.insert(id).inserted else { continue }
            if let parent = slice.place(id, on: .there)?.parent { pending.append(parent) }
            if let parent = slice.formerPlace(id, on: .there)?.parent { pending.append(parent) }
        }
        return false
    }

    /// A node and the directories above it, as they are to be.
    private func wayUp(from id: NodeID) -> [NodeID] {
        var way: [NodeID] = []
        var current = id
        while current != .root, way.count <= slice.tree.count {
            way.append(current)
            guard let parent = slice.place(current, on: .there)?.parent else { break }
            current = parent
        }
        return way
    }

    private mutating func waitForNames() {
        var owners: [NameKey: Int] = [:]
        for (index, step) in steps.enumerated() where !step.isCreation {
            guard let place = slice[step.action.node]?.wasThere else { continue }
            owners[NameKey(place)] = index
        }
        if owners.isEmpty { return }
        for index in steps.indices {
            guard let place = slice[steps[index].action.node]?.there,
                let owner = owners[NameKey(place)], owner != index
            else { continue }
            steps[index].nameOwner = owner
        }
    }

    private mutating func waitForEmptiness() {
        for (index, step) in steps.enumerated() where step.isMove {
            var current = slice[step.action.node]?.wasThere?.parent
            // What lies in a directory that was deleted here differs, too: the way up leads through
            // nodes of the slice.
            while let id = current, let directory = slice[id], directory.isDoomed {
                if let other = placing[id] { steps[other].dependencies.insert(index) }
                current = directory.wasThere?.parent
            }
        }
    }
}

/// One change of the cloud.
struct RemoteStep {
    var action: Action<RemoteChange>
    /// The eTag of the item.
    var tag: Tag?
    /// The steps that must be done before.
    var dependencies: Set<Int> = []
    /// The step that frees the name, which may also be a dependency for another reason.
    var nameOwner: Int?

    var isCreation: Bool {
        switch action.change {
        case .createDirectory, .createFile: true
        case .replaceContent, .move, .park, .setTime, .delete: false
        }
    }

    var isMove: Bool {
        switch action.change {
        case .move: true
        case .createDirectory, .createFile, .replaceContent, .park, .setTime, .delete: false
        }
    }

    var isDeletion: Bool {
        switch action.change {
        case .delete: true
        case .createDirectory, .createFile, .replaceContent, .move, .park, .setTime: false
        }
    }
}
