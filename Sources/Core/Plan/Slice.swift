/// The part of a tree that a plan is about: the nodes on which the sides differ and what hangs on
/// them.
///
/// All other nodes are settled and stay as they are.
struct Slice {
    let tree: Tree
    let context: PlanContext
    /// In the order of their ids.
    private(set) var ids: [NodeID] = []
    var drafts: [NodeID: Draft] = [:]
    /// Files whose bytes must be hashed first.
    var hashes: Set<NodeID> = []
    /// Every name that a node of the slice has or is to have; nil until a new one is needed.
    var takenNames: Set<NameKey>?
    /// The nodes that the cloud holds in a directory, for directories that lose their children.
    private(set) var entriesThere: [NodeID: [NodeID]] = [:]
    /// Whether everything that the cloud has is known with its place.
    ///
    /// Otherwise it could lie in a directory that is to be deleted.
    private(set) var isEverythingPlaced = true
    private var presence: [NodeID: Presence] = [:]

    private enum Presence {
        case present
        case absent
        case unknown
    }

    init(_ tree: Tree, _ context: PlanContext, about start: [NodeID]) {
        self.tree = tree
        self.context = context
        ids.reserveCapacity(start.count)
        drafts.reserveCapacity(start.count)
        for id in start { add(id) }
        // What lies in a directory that is gone in the cloud is gone with it.
        var isExtended = false
        var position = 0
        while position < ids.count {
            let id = ids[position]
            position += 1
            guard let draft = drafts[id], draft.node.kind.isContainer, draft.cloud == .absent,
                draft.wasHere != nil
            else { continue }
            for child in tree.children(of: id) where drafts[child] == nil {
                guard tree.scope(child) == .synced else { continue }
                add(child)
                isExtended = true
            }
        }
        if isExtended { ids.sort() }
        for id in ids {
            guard let parent = drafts[id]?.presumedDirectory else { continue }
            entriesThere[parent, default: []].append(id)
        }
    }

    private mutating func add(_ id: NodeID) {
        guard id != .root, let node = tree[id] else { return }
        var cloud = node.remote
        if case .present(let facts) = cloud, presence(of: facts.place.parent) == .absent {
            cloud = .absent
        }
        let draft = Draft(node, cloud: cloud)
        if cloud == .unknown { isEverythingPlaced = false }
        ids.append(id)
        drafts[id] = draft
    }

    /// Whether the cloud holds a node, as far as its directories tell.
    private mutating func presence(of start: NodeID) -> Presence {
        var path: [NodeID] = []
        var current = start
        var result = Presence.present
        climbing: while current != .root {
            if let known = presence[current] {
                result = known
                break
            }
            // Until the walk is over; only a circle, which no cloud has, leads back here.
            presence[current] = .unknown
            path.append(current)
            switch tree.remote(current) {
            case .absent:
                result = .absent
                break climbing
            case .unknown, nil:
                result = .unknown
                break climbing
            case .present(let facts): current = facts.place.parent
            }
        }
        for id in path { presence[id] = result }
        return result
    }

    // MARK: Looking up

    subscript(id: NodeID) -> Draft? { drafts[id] }

    /// Where a node is to be in the end; nil where it is not to be.
    func place(_ id: NodeID, on side: Side) -> Place? {
        if let draft = drafts[id] { return draft.place(on: side) }
        return settledPlace(id, on: side)
    }

    /// Where a node is now.
    func formerPlace(_ id: NodeID, on side: Side) -> Place? {
        if let draft = drafts[id] { return draft.formerPlace(on: side) }
        return settledPlace(id, on: side)
    }

    private func settledPlace(_ id: NodeID, on side: Side) -> Place? {
        switch side {
        case .here: tree.local(id)?.place
        case .there: tree.remote(id)?.facts?.place
        }
    }

    /// Whether a node will be there to hold others.
    func isDirectory(_ id: NodeID, on side: Side) -> Bool {
        if id == .root { return true }
        return tree.kind(id)?.isContainer == true && place(id, on: side) != nil
    }

    // MARK: Changing

    mutating func change(_ id: NodeID, _ body: (inout Draft) -> Void) {
        guard let index = drafts.index(forKey: id) else { return }
        body(&drafts.values[index])
    }

    /// Leaves a node where it is.
    mutating func hold(_ id: NodeID, _ cause: DeferralCause) {
        change(id) { $0.hold(cause) }
    }

    /// Leaves a node where it is until its bytes are hashed.
    mutating func holdForHash(_ id: NodeID) {
        hashes.insert(id)
        change(id) { draft in
            draft.hold(.hashing)
            draft.bytesHold = .hashing
        }
    }
}
