/// The whole client as one state machine: what a program, the service, the clock or the user does
/// comes in as a call; the new state and the effects come out.
///
/// The engine decides everything and does nothing. It never sees a socket, a file or a clock, and
/// the same calls in the same order always give the same effects. The calls of the file system are
/// answered from the local tree at once; only bytes and listings that are not here make a call wait.
///
/// The shell owns one engine under a lock. After each call it takes ``takeOutput()``, writes the
/// records in one transaction and then carries out the effects.
package struct Engine: Sendable {
    package private(set) var configuration: EngineConfiguration
    package internal(set) var tree = Tree()

    // Content
    var generations: [GenerationID: Generation] = [:]
    var downloads = Downloads()
    var growth = Growth()
    var space = Space()
    /// When programs used content files in this run.
    var uses: [GenerationID: Timestamp] = [:]
    package internal(set) var pins = Pins()
    var hashing: [GenerationID: HashRequest] = [:]
    /// Files whose bytes have all come, and could not be read to find out whether they are right.
    var unjudged: Set<GenerationID> = []

    /// Edits that are about to change bytes in place, by their revisions: it is not known yet to be
    /// durable that these bytes are changed.
    var unrecordedEdits: [NodeID: UInt64] = [:]

    // Open files
    var handles: [HandleID: OpenFile] = [:]
    var openCounts: [NodeID: OpenCount] = [:]
    /// The last facts of nodes that are gone from the tree while programs have them open.
    var unlinked: [NodeID: Facts] = [:]
    /// Files that programs have open, and that were replaced or removed elsewhere meanwhile.
    var outdated: Set<NodeID> = []
    var linkTargets: [NodeID: [UInt8]] = [:]
    var extendedAttributes: [NodeID: [[UInt8]: [UInt8]]] = [:]

    var locks = LockTable()
    var checkouts = CheckoutTable()
    /// Nodes that lost their name or their bytes to a change from elsewhere of which the kernel has not
    /// heard yet, and how many such changes there are.
    var unannounced: [NodeID: Int] = [:]

    // The cloud
    var cloud = CloudState()
    var scheduler: RequestScheduler
    var tally = RequestTally()
    var requests: [RequestID: PendingRequest] = [:]
    var operations: [NodeID: Operation] = [:]
    var setbacks: [NodeID: Setback] = [:]
    /// Deletions refused although the item is as it was.
    var refusedDeletions: [NodeID: RefusedDeletion] = [:]
    /// The ways in which the bytes of nodes could not go up: a session, maybe since a forgotten one
    /// is open; or one request, since it would be too long.
    var refusedWays: [NodeID: UploadWay] = [:]
    /// Files of which other bytes arrived than were sent; they are sent a second time, and no third.
    var sentAnew: Set<NodeID> = []
    /// What the service made of the bytes that were sent, where it rewrites them.
    var rewritten: [ItemID: Content] = [:]
    /// What was sent to become a new item, by the place it was sent to.
    ///
    /// The outcome may never be learnt, in this run or an earlier one: then the item is recognised
    /// when it is told of.
    var unanswered: [Place: Unanswered] = [:]
    /// Both sides agree only after this many rounds: earlier ones began before it was asked.
    var quietRound = 0
    /// Upload sessions of an earlier run: the same upload goes on with its own, the others are taken
    /// back, since a forgotten one blocks its file.
    var savedSessions: [NodeID: SavedSession] = [:]
    /// Which node an operation belongs to.
    var operationOwners: [OperationID: NodeID] = [:]
    /// How many uploads read a content file, whose bytes may not change then.
    var frozen: [GenerationID: Int] = [:]

    // Planning
    /// When a node was last changed here: what was changed a moment ago may change again.
    var changedAt: [NodeID: Timestamp] = [:]
    /// Places that an item of the cloud had here a moment ago: the file that takes one is, in all
    /// likelihood, the next version of that item.
    var vacated: [Place: NodeID] = [:]
    /// Directories that were removed here, with the round that has to be over before they are removed
    /// in the cloud.
    var removalRounds: [NodeID: Int] = [:]
    var planning = PlanningState()
    /// Directories in which items of the page at hand were shown without a plan; nil where none may
    /// be.
    var sighted: Set<NodeID>?
    var waits = WaitList()
    /// Answers that nobody has taken yet.
    var thumbnails: [ThumbnailQuestion: ThumbnailAnswer] = [:]
    var notable = NotableNodes()

    /// What a preview has to ask next.
    var previewCall: GraphCall?

    // Output of the current step
    var effects: [Effect] = []
    var records: [RecordChange] = []
    var nodeCounter: IdentityCounter
    var generationCounter: IdentityCounter
    /// Numbers requests, handles and waits of this run.
    private var lastNumber: UInt64 = 0

    /// An engine that goes on from what was stored.
    package init(
        _ stored: StoredState, _ inventory: ContentInventory, configuration: EngineConfiguration,
        at now: Timestamp
    ) {
        self.configuration = configuration
        scheduler = RequestScheduler(configuration: configuration.scheduler)
        nodeCounter = IdentityCounter(
            recorded: stored.settings[.nodeIdentity],
            used: stored.nodes.last.rawValue)
        generationCounter = IdentityCounter(
            recorded: stored.settings[.generationIdentity],
            used: stored.generations.map(\.id.rawValue).max() ?? 0)
        restore(stored, inventory, at: now)
    }

    /// The records and effects since the last call, in order.
    package mutating func takeOutput() -> (records: [RecordChange], effects: [Effect]) {
        collectRecords()
        defer {
            records.removeAll(keepingCapacity: true)
            effects.removeAll(keepingCapacity: true)
        }
        return (records, effects)
    }

    /// The records that follow from what the step changed in the tree.
    ///
    /// Nothing that changes can be forgotten: the tree itself says what was touched.
    private mutating func collectRecords() {
        if let reserved = nodeCounter.takeReservation() {
            records.append(.setting(.nodeIdentity, String(reserved)))
        }
        if let reserved = generationCounter.takeReservation() {
            records.append(.setting(.generationIdentity, String(reserved)))
        }
        guard tree.hasTouched else { return }
        for id in tree.takeTouched() {
            checkShare(of: id)
            notable.note(id, tree[id])
            if let node = tree[id], !node.isGone {
                records.append(.node(node))
            } else {
                records.append(.removeNode(id))
                forgetExtras(of: id)
            }
        }
    }

    /// Drops what hangs on a node that is gone from the tree for good.
    private mutating func forgetExtras(of id: NodeID) {
        if linkTargets.removeValue(forKey: id) != nil { records.append(.removeNode(id)) }
        extendedAttributes[id] = nil
        if pins[id] != nil { pins[id] = nil }
        changedAt[id] = nil
        setbacks[id] = nil
        removalRounds[id] = nil
        refusedDeletions[id] = nil
        refusedWays[id] = nil
        unrecordedEdits[id] = nil
        sentAnew.remove(id)
    }

    /// Goes on with other settings.
    package mutating func reconfigure(_ configuration: EngineConfiguration, at now: Timestamp) {
        self.configuration = configuration
        // The guard may hold back less now, or more; a poll may be due earlier; and the cache may have
        // to be smaller.
        requestPlan(at: now)
        pollNoLater(at: now)
        measureSpace()
    }

    // MARK: Identities

    mutating func newNodeID() -> NodeID { NodeID(rawValue: nodeCounter.next()) }

    mutating func newGenerationID() -> GenerationID {
        GenerationID(rawValue: generationCounter.next())
    }

    mutating func newRevision() -> UInt64 { generationCounter.next() }

    mutating func newNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }
}
