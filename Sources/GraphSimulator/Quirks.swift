import Core

/// How the real services differ from their documentation, each as a switch.
///
/// The defaults are what each kind of account does most of the time.
package struct Quirks: Hashable, Sendable {
    // MARK: Paging and delta

    /// Items of a delta page if the client does not ask for fewer.
    ///
    /// The services use about 200.
    package var deltaPageSize = 200
    /// The most items of a page that `$top` can ask for.
    package var pageSizeMax = 1_000
    /// Items of a children page if the client does not say.
    package var childrenPageSize = 200
    /// Milliseconds after which a change shows in delta; by id it shows at once.
    package var deltaLagMilliseconds: Int64 = 0
    /// Whether every page of a change round begins with the root, changed or not.
    package var deltaListsRoot = true
    /// Whether unchanged folders above a changed item are listed with it.
    package var deltaListsAncestors = true
    /// Every item of a page is listed twice.
    package var deltaDuplicates = false
    /// The items of every page come in an order that depends on the seed, children before parents.
    package var deltaShuffles = false
    /// Deletions come after everything else of their page, so that a name seems taken when it is
    /// used again.
    package var deltaCreatesBeforeDeletes = false
    /// That many deletions are never reported.
    package var deltaTombstonesToLose = 0
    /// An empty page with a next link comes before every page.
    package var deltaEmptyPages = false
    /// The next link of a page leads to the same page for ever.
    package var deltaRepeatsNextLink = false
    /// A nameless item of another drive, which cannot be read, is on the last page.
    package var deltaListsForeignItem = false
    /// Seconds a delta token stays usable; `nil` for ever.
    package var deltaTokenLife: Int64?
    /// The inner code of a 410 answer; `nil` for a body without one.
    package var resyncVariant: String? = "resyncChangesApplyDifferences"
    /// Whether a 410 answer says where to start again.
    package var resyncHasLocation = true
    /// Tombstones hold `id`, `parentReference` and `deleted` alone.
    package var tombstonesAreMinimal = false
    /// Tombstones of files hold a hash of zeros.
    package var tombstonesHaveZeroHash = false
    /// Tombstones have times in the year 1.
    package var tombstonesHaveYearOne = false
    /// Whether everything below a deleted folder is listed as deleted too; `nil` as the account does.
    package var tombstonesForDescendants: Bool?

    /// Changes are not offered at all, as in some national clouds: 501.
    package var deltaUnsupported = false
    /// How many changes before the token a round begins: what was told is told again.
    package var deltaReplays = 0
    /// How the links of delta pages are spelled.
    package var deltaLinks = DeltaLinkForm.query

    /// How the links of delta pages are spelled.
    package enum DeltaLinkForm: Hashable, Sendable {
        /// With the token in the query.
        case query
        /// With the token as an argument in the path.
        case function
        /// The same, and the service itself does not take it (onedrive-api-docs#1408).
        case rejectedFunction
    }

    // MARK: Throttling

    /// How many requests an account may make in a minute; `nil` for any number.
    package var requestsPerMinute: Int?
    /// What a refusal says of how long to stay away.
    package var retryAfter = RetryAfterForm.seconds

    /// What a refusal says of how long to stay away.
    package enum RetryAfterForm: Hashable, Sendable, CaseIterable {
        case seconds, fraction, date, absent
    }

    // MARK: Items

    /// Whether shortcuts are shown to those alone who ask for them; `nil` as the account does
    /// (Personal: yes).
    package var shortcutsNeedPreference: Bool?
    /// Notebooks carry the marks of a folder, too.
    package var packagesAreFolders = false
    /// Milliseconds after a simple upload in which the item cannot be changed: 404.
    package var updateLagMilliseconds: Int64 = 0
    /// A new file in a folder that may only be read is refused as not found, not as forbidden.
    package var readOnlySharesHideParents = false

    /// Milliseconds after its creation in which an item is not found by its id.
    package var idReadLagMilliseconds: Int64 = 0
    /// Milliseconds after its creation in which an item is not found by its path.
    package var pathReadLagMilliseconds: Int64 = 0
    /// One in so many requests for an item that exists is answered with 404.
    package var transientNotFoundOneIn: UInt64?
    /// A created folder is answered without a body.
    package var createFolderEmptyBody = false
    /// Times in answers of Personal drives are in the year 1.
    package var badTimestamps = false
    /// Names in answers are percent-encoded.
    package var encodesNames = false
    /// The path in `parentReference` is percent-encoded.
    package var encodesParentPaths = false
    /// `driveId` in `parentReference` is in upper case (Personal).
    package var driveIDUpperCase = false
    /// `driveId` in `parentReference` lacks its leading zeros (Personal).
    package var driveIDWithoutZeros = false
    /// No file has a hash.
    package var hashesMissing = false
    /// Seconds after which the hash of a new content appears.
    package var hashesLateSeconds: Int64 = 0
    /// Files of no bytes have no hash.
    package var zeroByteFilesHaveNoHash = false
    /// `If-Match` on DELETE never matches.
    package var deleteNeverMatches = false
    /// A change of times makes a version; `nil` as the account does (Business: yes).
    package var versionOnTimePatch: Bool?
    /// A rename changes the cTag; `nil` as the account does (Business: yes).
    package var renameChangesContentTag: Bool?
    /// NFC and NFD spellings of a name, and letters other than ASCII that differ by case, may live
    /// side by side.
    package var distinguishesNormalForms = false

    // MARK: Drives

    /// `/me/drives` is forbidden although `/me/drive` is not.
    package var drivesForbidden = false
    /// `/me/drives` lists hidden drives that cannot be read.
    package var phantomDrives = false
    /// How the quota of a drive is told.
    package var quota = QuotaForm.full

    /// How the quota of a drive is told.
    package enum QuotaForm: Hashable, Sendable {
        case full
        /// All numbers are zero.
        case zero
        /// There is no quota member.
        case absent
        /// What remains is negative, as after a plan was cut.
        case negativeRemaining
    }

    // MARK: Content

    /// Seconds a download URL works.
    package var downloadURLLife: Int64 = 3_600
    /// That many of the next requests to fresh download URLs are answered 401.
    package var downloadsToRefuse = 0
    /// Range headers are ignored: 200 and everything.
    package var ignoresRange = false
    /// Extensions, in lower case, of files the service rewrites when they are uploaded to Business
    /// drives and libraries.
    ///
    /// Size and hash are then not those of what was sent.
    package var rewrittenExtensions: Set<String> = []
    /// Extensions, in lower case, of files whose listed size and hash are not those of their bytes.
    package var misreportedExtensions: Set<String> = []
    /// The largest simple upload in bytes.
    package var simpleUploadLimit: UInt64 = 250 << 20
    /// Opening an upload session for an existing item changes its eTag.
    package var sessionChangesEntityTag = false
    /// Whether a second session for the same name is refused; `nil` as the account does.
    package var oneSessionPerName: Bool?
    /// Milliseconds after its creation in which an upload session is not found.
    package var sessionLagMilliseconds: Int64 = 0
    /// Seconds after which the address of a session is refused, although the session lives.
    package var uploadURLLife: Int64?
    /// The last fragment is answered without a body.
    package var finalFragmentEmptyBody = false
    /// The status answers of a session leave out `nextExpectedRanges`.
    package var sessionHidesRanges = false
    /// Every answer of an upload session names a new URL, and the old one is void.
    package var sessionRotatesURL = false

    // MARK: Checking out

    /// How the service says that a file is checked out already.
    package var checkoutRefusal = CheckoutRefusal.locked
    /// A user may check out once more what he has checked out.
    package var checksOutTwice = false
    /// Whether others see that a file is checked out.
    package var showsCheckoutToAll = false

    /// How the service says that a file is checked out already.
    package enum CheckoutRefusal: Hashable, Sendable, CaseIterable {
        case locked
        case conflict
        /// 500 and no reason (onedrive-api-docs#1016, microsoft-graph-docs#20076).
        case serverError

        var failure: GraphFailure {
            switch self {
            case .locked: .locked
            case .conflict: GraphFailure(409, "conflict", "The file is checked out.")
            case .serverError:
                GraphFailure(
                    500, "-1, Microsoft.SharePoint.Client.UnknownError", "Unknown Error")
            }
        }
    }

    // MARK: Copies

    /// How often a monitor says "in progress" before the end.
    package var copyPolls = 1
    /// Copies are accepted and never happen.
    package var copiesAreLost = false
    /// Monitors cannot be read.
    package var copyMonitorsGone = false

    package init() {}
}
