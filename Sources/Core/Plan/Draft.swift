/// What is to become of one node, while a plan is being made.
struct Draft: Sendable {
    let node: Node
    /// What the cloud holds.
    ///
    /// An item in a directory that is gone is gone, whether or not the service has said so of the
    /// item itself.
    let cloud: Observation
    /// What both sides last agreed on.
    let base: Facts?
    var standing = Standing.free
    /// Where the mount is to show the node; nil where it is not to.
    var here: Place?
    /// Where the cloud is to hold the item; nil where it is not to.
    var there: Place?
    /// Why the mount is to show it there.
    var reasonHere = Reason.movedThere
    /// Why the cloud is to hold it there.
    var reasonThere = Reason.movedHere
    /// Why the bytes and the time stay as they are, whatever becomes of the place.
    var bytesHold: DeferralCause?

    init(_ node: Node, cloud: Observation) {
        self.node = node
        self.cloud = cloud
        base = node.base
        here = node.local?.place
        there = cloud.facts?.place
    }

    /// How free the plan is with a node.
    enum Standing: Hashable, Sendable {
        /// It may be moved, made and deleted.
        case free
        /// It stays where it is, on this device at least, and has nothing to wait for.
        case fixed
        /// It has to stay where it is on both sides for now.
        case held(DeferralCause)
        /// It becomes one with the given node.
        case binding(NodeID)
    }

    var id: NodeID { node.id }

    var isFree: Bool { standing == .free }

    /// Why the node has to wait.
    var hold: DeferralCause? {
        switch standing {
        case .held(let cause): cause
        case .free, .fixed, .binding: nil
        }
    }

    /// Where the mount shows the node now.
    var wasHere: Place? { node.local?.place }

    /// Where the cloud holds the item now.
    var wasThere: Place? { cloud.facts?.place }

    /// The directory that the cloud holds the item in, or held it in when it was last observed.
    var presumedDirectory: NodeID? {
        switch cloud {
        case .present(let facts): facts.place.parent
        case .unknown: base?.place.parent
        case .absent: nil
        }
    }

    /// Whether the plan deletes the node, on one side or on both.
    var isDoomed: Bool {
        isFree && here == nil && there == nil && (wasHere != nil || wasThere != nil)
    }

    /// Whether the bytes were changed here.
    var isEditedHere: Bool {
        guard let local = node.local else { return false }
        return local.content != base?.content
    }

    /// Whether the bytes were changed in the cloud.
    var isEditedThere: Bool {
        guard case .present(let remote) = cloud else { return false }
        return remote.content != base?.content
    }

    /// Whether the sides differ in anything that would have to be done.
    var isPending: Bool {
        switch (node.local, cloud) {
        case (nil, .absent): false
        case (nil, .unknown): base != nil
        case (nil, .present), (.some, .absent), (.some, .unknown): true
        case (let local?, .present(let remote)): !local.isSame(as: remote)
        }
    }

    /// Settles where the node is to be on both sides.
    mutating func put(at place: Place?, _ reason: Reason) {
        here = place
        there = place
        reasonHere = reason
        reasonThere = reason
    }

    /// Leaves the node where it is.
    mutating func hold(_ cause: DeferralCause) {
        standing = .held(cause)
        here = wasHere
        there = wasThere
    }

    func place(on side: Side) -> Place? {
        switch side {
        case .here: here
        case .there: there
        }
    }

    func formerPlace(on side: Side) -> Place? {
        switch side {
        case .here: wasHere
        case .there: wasThere
        }
    }
}

/// The two trees that a plan brings together.
enum Side: CaseIterable, Sendable {
    /// The mount.
    case here
    /// The cloud.
    case there
}
