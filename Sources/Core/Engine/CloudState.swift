/// What the engine knows of the drive as a whole.
struct CloudState: Sendable {
    /// How long an address of bytes is used before it is asked for again, in nanoseconds: the
    /// service promises some minutes (driveitem-get-content).
    private static let addressLifetime: Int64 = 5 * 60 * 1_000_000_000

    var drive: DriveID?
    /// Whether the sign-in of this run leads to the drive that the state belongs to.
    ///
    /// Before that is known nothing is compared and nothing is sent: all files of the one drive
    /// would look deleted in another.
    var confirmation = Confirmation.missing
    /// The address of the drive for browsers.
    var webURL: String?
    var driveKind: DriveKind?
    var quota: Quota?
    /// Whether something has changed in the cloud since the service was asked for the quota.
    var mayQuotaDiffer = false
    var nextQuotaQuestion = Timestamp.epoch
    var rootItem: ItemID?
    /// Where the next question for changes goes on: a deltaLink, byte for byte.
    var cursor: String?
    /// How the drive tells what changes.
    var feed = Feed.changes
    /// Whether a drive without a feed of changes has been walked through once.
    var isWalked = false
    /// Whether every item has been seen by a version that knows shortcuts.
    var knowsShortcuts = false
    /// Where an interrupted first enumeration goes on: a nextLink, byte for byte.
    var enumerationLink: String?
    var chain: DeltaChain?
    var nextPoll: Timestamp?
    /// How many rounds in a row broke off since the service refused its own link.
    var rejections = 0
    /// How many chains have reached their end in this run.
    var completedRounds = 0
    /// Directories whose children are known although the first enumeration is not complete.
    var listed: Set<NodeID> = []
    /// Items that a listing has told of before the first enumeration did: if it ends without them,
    /// they may have gone meanwhile.
    var toldEarly: Set<ItemID> = []
    private var listings: [NodeID: Listing] = [:]
    /// What was listed while it was not known yet which drive the sign-in leads to.
    private var heldListings: [NodeID: (listing: RemoteListing, request: RequestID)] = [:]
    /// By the node of the shortcut.
    private(set) var shares: [NodeID: Share] = [:]
    /// The nodes of the shortcuts by what they lead to.
    private(set) var sharesByTarget: [ItemID: NodeID] = [:]
    /// What no page of changes tells of: shared folders, and the whole drive if it has no feed.
    var areas: [NodeID: Area] = [:]
    var walk: Walk?
    var verification = Verification()
    private var addresses: [ItemID: Address] = [:]
    /// Items that were changed from here, and when the answer came.
    private var answered: [ItemID: RequestID] = [:]

    enum Confirmation: Hashable, Sendable {
        case missing
        /// The service is being asked.
        case asked
        case confirmed
    }

    /// The children of a directory on their way.
    struct Listing: Hashable, Sendable {
        var request: RequestID
    }

    private struct Address: Sendable {
        var url: String
        var content: Content
        var expiry: Timestamp
    }

    /// Whether every item of the drive has been seen once.
    var isEnumerated: Bool { cursor != nil || isWalked }

    mutating func setShare(_ share: Share?, of node: NodeID) {
        if let old = shares[node], sharesByTarget[old.target] == node {
            sharesByTarget[old.target] = nil
        }
        shares[node] = share
        if let share {
            sharesByTarget[share.target] = node
        } else {
            areas[node] = nil
        }
    }

    mutating func markAllListed() {
        listed = []
        listings = [:]
        heldListings = [:]
    }

    func isListing(_ directory: NodeID) -> Bool { listings[directory] != nil }

    mutating func beginListing(_ directory: NodeID, _ request: RequestID) {
        listings[directory] = Listing(request: request)
    }

    mutating func endListing(_ directory: NodeID) { listings[directory] = nil }

    /// Keeps what was listed until it is known that it is of the drive of the mount.
    mutating func hold(
        _ listing: RemoteListing, of directory: NodeID, _ request: RequestID
    ) {
        heldListings[directory] = (listing, request)
    }

    mutating func takeHeldListings() -> [(NodeID, RemoteListing, RequestID)] {
        defer { heldListings = [:] }
        return heldListings.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.listing, $0.value.request) }
    }

    /// Directories that are being listed, in the order of their ids.
    var pendingListings: [NodeID] { listings.keys.sorted() }

    // MARK: Answers that overtake each other

    /// How many answers are remembered before it is looked which of them still matter.
    private static let answersMax = 256

    /// Notes that a change of an item was acknowledged, at the moment that the number stands for.
    ///
    /// What was asked for later than that tells of the change. So answers from before the `oldest`
    /// question under way can be forgotten.
    mutating func noteAnswer(
        about item: ItemID, _ number: RequestID, oldest: @autoclosure () -> RequestID?
    ) {
        answered[item] = number
        guard answered.count > Self.answersMax else { return }
        let oldest = oldest() ?? number
        answered = answered.filter { $0.value >= oldest }
    }

    /// Whether a change of an item was acknowledged after something was asked for.
    func isAnswered(_ item: ItemID, after request: RequestID) -> Bool {
        answered[item].map { request < $0 } ?? false
    }

    // MARK: Addresses of bytes

    mutating func downloadAddress(of version: RemoteVersion, at now: Timestamp) -> String? {
        guard let address = addresses[version.item] else { return nil }
        guard address.content == version.content, now < address.expiry else {
            addresses[version.item] = nil
            return nil
        }
        return address.url
    }

    mutating func setDownloadAddress(_ url: String, of version: RemoteVersion, at now: Timestamp) {
        if addresses.count > 1000 { addresses.removeAll() }
        addresses[version.item] = Address(
            url: url, content: version.content,
            expiry: now.advanced(byNanoseconds: Self.addressLifetime))
    }

    /// The address names the item, not its version: it leads to whatever the item holds by then.
    mutating func forgetDownloadAddress(of item: ItemID) { addresses[item] = nil }
}

/// How a drive tells what changes.
enum Feed: Hashable, Sendable {
    /// It is asked for changes.
    case changes
    /// It has no changes to ask for: its folders are walked through now and then.
    case walks
}

/// One round of questions for changes, from the first page to the deltaLink.
struct DeltaChain: Sendable {
    enum Purpose: Hashable, Sendable {
        /// Everything there is, on a drive never seen.
        case enumeration
        case changes
        /// Everything there is, to find shortcuts that an earlier version did not take note of.
        case survey
        /// Everything there is, since the service cannot tell what changed. Whoever wins is said by
        /// the service, or is unknown.
        case resynchronization(serverWins: Bool)
    }

    var purpose: Purpose
    /// The first request.
    let began: RequestID
    var request: RequestID
    /// Items reported as deleted, in the order of the reports.
    ///
    /// An item that is reported again afterwards is not deleted.
    var removed: [ItemID] = []
    /// The items seen in a resynchronisation: what is not among them at the end is gone.
    var seen: Set<ItemID> = []
    /// How many children the service says that folders have.
    var childCounts: [NodeID: Int64] = [:]
    /// The link that led to the current page: the same twice means that the service loops.
    var link: String?
    var itemCount = 0
    /// How often the current page was asked for again, since it was older than what is known.
    var repetitions = 0

    init(purpose: Purpose, request: RequestID, link: String? = nil) {
        self.purpose = purpose
        self.request = request
        self.link = link
        began = request
    }
}

extension Engine {
    /// The drive that this state belongs to, once it is known.
    package var drive: DriveID? { cloud.drive }
}
