/// Numbers the operations of this run: the node of one may become another while it is under way.
struct OperationID: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt64
}

/// One change of the cloud under way.
///
/// While it lasts, nothing else is planned for its node.
struct Operation: Sendable {
    let id: OperationID
    let change: RemoteChange
    /// The local facts that the change carries to the cloud.
    let facts: Facts?
    /// The version that the cloud had when it began, as far as that was known.
    let cTag: Tag?
    /// The content file that is being uploaded: it is frozen.
    let generation: GenerationID?
    var stage: Stage
    /// The upload session in use: it is taken back when the upload turns out pointless.
    var session: String?
    /// Tells this upload from others, also after a restart.
    var upload = ""
    var pace = UploadPace()
    var fragmentBegan: Timestamp?
    /// Whether the bytes may be in the cloud by now: they were sent, at this time or before, and no
    /// answer came.
    var isMaybeDone = false
    /// Whether the service has refused the bytes of a new file: what was sent is forgotten in the end.
    var isRefused = false
    /// Whether the service has said that the change is done, without saying what came of it.
    var isAcknowledged = false

    enum Stage: Hashable, Sendable {
        /// One request does it all; it is under way.
        case requested
        /// An upload session is being made; it becomes `sending`.
        case openingSession
        /// A fragment is under way, from `offset` on; it becomes `sending` again, or the end.
        case sending(url: String, offset: Int64)
        /// The session is asked what it has, since a reply was lost; it becomes `sending`.
        case asking(url: String)
        /// The outcome is unknown or the precondition failed: the item is being looked at.
        case observing
    }
}

/// What an earlier run sent without learning what became of it.
///
/// The service may carry it out only now.
struct Unanswered: Sendable {
    let node: NodeID
    /// Each version that was sent, the last one at the end: the service may get to an earlier one
    /// only after a later one was sent.
    private(set) var sent: [Facts]

    /// The one of which the service has said that it took it, without saying what came of it.
    var acknowledged: Facts?

    private static let most = 8

    init(node: NodeID) {
        self.node = node
        sent = []
    }

    mutating func remove(_ facts: Facts) { sent.removeAll { $0 == facts } }

    mutating func add(_ facts: Facts) {
        sent.removeAll { $0 == facts }
        sent.append(facts)
        if sent.count > Self.most { sent.removeFirst() }
    }
}

/// Why a request was made: what its answer means.
enum Purpose: Hashable, Sendable {
    case drive
    /// How much space the drive has left by now.
    case quota
    case rootItem
    case delta
    case listing(NodeID)
    /// A page of a folder of a walk.
    case walk(NodeID)
    /// An item that a walk did not meet.
    case suspect(NodeID)
    case fetch
    case fetchAddress(GenerationID)
    case operation(OperationID)
    case checkout(ItemID)
    /// Where the small picture of a file lies.
    case thumbnail(ThumbnailQuestion)
    /// A session whose upload is pointless is taken back; nobody waits for the answer.
    case cancelSession
}
