import Core
import GraphSimulator

/// What a scenario takes place in: the kind of account, how odd the service is, and which faults
/// happen.
///
/// Each scenario has only some of the oddities and faults: what never meets the others finds what
/// hides behind them.
package struct Settings: Hashable, Sendable {
    package var profile = AccountProfile.business
    package var oddities: Set<Oddity> = []
    package var faults: Set<FaultKind> = []
    /// One in so many requests meets a fault.
    package var faultOdds = 8
    package var deleteGuard = 1000
    /// How often the clients ask for changes, in seconds.
    package var pollInterval: Int64 = 30
    /// How many bytes the content files of a client may take; nil for any number.
    package var cacheLimit: Int64?
    /// Whether the clients know nothing of the drive in the beginning.
    package var isFresh = false
    /// Whether every file is read on every device in the end.
    package var isReadBack = false

    package init() {}

    /// A behaviour of the service that it does not document, or not everywhere.
    ///
    /// The words are those of the text form of a scenario.
    package enum Oddity: String, Hashable, Sendable, CaseIterable {
        case smallPages = "small-pages"
        case lateChanges = "late-changes"
        case rootUnlisted = "root-unlisted"
        case ancestorsUnlisted = "ancestors-unlisted"
        case duplicates
        case shuffled
        case creationsFirst = "creations-first"
        case emptyPages = "empty-pages"
        case foreignItem = "foreign-item"
        case resyncUploads = "resync-uploads"
        case resyncUnexplained = "resync-unexplained"
        case minimalTombstones = "minimal-tombstones"
        case zeroHashTombstones = "zero-hash-tombstones"
        case descendantTombstones = "descendant-tombstones"
        case topTombstonesOnly = "top-tombstones-only"
        case lateItems = "late-items"
        case transientNotFound = "transient-not-found"
        case emptyFolderAnswers = "empty-folder-answers"
        case encodedNames = "encoded-names"
        case hashesMissing = "hashes-missing"
        case hashesLate = "hashes-late"
        case emptyFilesWithoutHash = "empty-files-without-hash"
        case deleteNeverMatches = "delete-never-matches"
        case renameKeepsContentTag = "rename-keeps-content-tag"
        case renameChangesContentTag = "rename-changes-content-tag"
        case rangesIgnored = "ranges-ignored"
        case downloadsRefused = "downloads-refused"
        case shortDownloadLife = "short-download-life"
        case rewrites
        case sessionChangesTag = "session-changes-tag"
        case oneSessionPerName = "one-session-per-name"
        case sessionLag = "session-lag"
        case emptyFinalAnswer = "empty-final-answer"
        case sessionHidesRanges = "session-hides-ranges"
        case sessionRotates = "session-rotates"
        case noQuota = "no-quota"
        case noFeed = "no-feed"
        case replays
        case functionLinks = "function-links"
        case lateUpdates = "late-updates"
        case yearOneTombstones = "year-one-tombstones"
        case strictThrottling = "strict-throttling"
    }

    /// The quirks of the simulated service that these oddities are.
    package var quirks: Quirks {
        var quirks = Quirks()
        if profile == .business, oddities.contains(.rewrites) {
            quirks.rewrittenExtensions = ["docx"]
        }
        for oddity in oddities { apply(oddity, to: &quirks) }
        return quirks
    }

    private func apply(_ oddity: Oddity, to quirks: inout Quirks) {
        switch oddity {
        case .smallPages:
            quirks.deltaPageSize = 2
            quirks.pageSizeMax = 2
            quirks.childrenPageSize = 2
        case .lateChanges: quirks.deltaLagMilliseconds = 4_000
        case .rootUnlisted: quirks.deltaListsRoot = false
        case .ancestorsUnlisted: quirks.deltaListsAncestors = false
        case .duplicates: quirks.deltaDuplicates = true
        case .shuffled: quirks.deltaShuffles = true
        case .creationsFirst: quirks.deltaCreatesBeforeDeletes = true
        case .emptyPages: quirks.deltaEmptyPages = true
        case .foreignItem: quirks.deltaListsForeignItem = true
        case .resyncUploads: quirks.resyncVariant = "resyncChangesUploadDifferences"
        case .resyncUnexplained:
            quirks.resyncVariant = nil
            quirks.resyncHasLocation = false
        case .minimalTombstones: quirks.tombstonesAreMinimal = true
        case .zeroHashTombstones: quirks.tombstonesHaveZeroHash = true
        case .descendantTombstones: quirks.tombstonesForDescendants = true
        case .topTombstonesOnly: quirks.tombstonesForDescendants = false
        case .lateItems:
            quirks.idReadLagMilliseconds = 500
            quirks.pathReadLagMilliseconds = 800
        case .transientNotFound: quirks.transientNotFoundOneIn = 6
        case .emptyFolderAnswers: quirks.createFolderEmptyBody = true
        case .encodedNames: quirks.encodesParentPaths = true
        case .hashesMissing: quirks.hashesMissing = true
        case .hashesLate: quirks.hashesLateSeconds = 5
        case .emptyFilesWithoutHash: quirks.zeroByteFilesHaveNoHash = true
        case .deleteNeverMatches: quirks.deleteNeverMatches = true
        case .renameKeepsContentTag: quirks.renameChangesContentTag = false
        case .renameChangesContentTag: quirks.renameChangesContentTag = true
        case .rangesIgnored: quirks.ignoresRange = true
        case .downloadsRefused: quirks.downloadsToRefuse = 3
        case .shortDownloadLife: quirks.downloadURLLife = 2
        case .rewrites: break
        case .sessionChangesTag: quirks.sessionChangesEntityTag = true
        case .oneSessionPerName: quirks.oneSessionPerName = true
        case .sessionLag: quirks.sessionLagMilliseconds = 700
        case .emptyFinalAnswer: quirks.finalFragmentEmptyBody = true
        case .sessionHidesRanges: quirks.sessionHidesRanges = true
        case .sessionRotates: quirks.sessionRotatesURL = true
        case .noQuota: quirks.quota = .zero
        case .noFeed: quirks.deltaUnsupported = true
        case .replays: quirks.deltaReplays = 5
        case .functionLinks: quirks.deltaLinks = .function
        case .lateUpdates: quirks.updateLagMilliseconds = 2_000
        case .yearOneTombstones: quirks.tombstonesHaveYearOne = true
        case .strictThrottling: quirks.requestsPerMinute = 60
        }
    }
}
