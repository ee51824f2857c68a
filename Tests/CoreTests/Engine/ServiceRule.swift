import Core
import GraphSimulator
import Testing

/// One row of what is known of the service: how the simulator is made to do it, and how to see that
/// it did.
struct ServiceRule: Sendable, CustomTestStringConvertible {
    let name: String
    var profile = AccountProfile.business
    /// Done before the client sees the drive.
    var before: @Sendable (inout GraphService) -> Void = { _ in }
    /// Done once both sides agree, before anything changes.
    var disturb: @Sendable (inout EngineWorld) -> Void = { _ in }
    /// Done before both sides are compared.
    var lift: @Sendable (inout EngineWorld) -> Void = { _ in }
    var happened: @Sendable (EngineWorld) -> Bool = { _ in true }

    var testDescription: String { name }

    static let all = statuses + faults + oddities

    // MARK: Status by status

    private static func status(
        _ status: Int, _ code: String, _ operation: GraphSimulator.Operation,
        retryAfter: String? = nil
    ) -> ServiceRule {
        ServiceRule(
            name: "\(status) \(code) to \(operation)"
                + (retryAfter.map { ", Retry-After \($0)" } ?? ""),
            disturb: {
                $0.service.inject(
                    Fault(
                        .respond(status: status, code: code, retryAfter: retryAfter),
                        operation: operation))
            },
            happened: { world in
                world.service.log.records.contains {
                    $0.operation == operation && $0.status == status
                }
            })
    }

    private static let statuses: [ServiceRule] = [
        status(400, "invalidRequest", .update), status(400, "invalidRequest", .createSession),
        status(400, "invalidRequest", .delta), status(401, "InvalidAuthenticationToken", .delta),
        status(401, "unauthenticated", .download), status(401, "expiredToken", .fragment),
        status(402, "paymentRequired", .createFolder), status(403, "accessDenied", .update),
        status(403, "accessDenied", .delete), status(403, "accessDenied", .fragment),
        status(403, "serviceReadOnly", .createSession), status(404, "itemNotFound", .update),
        status(404, "itemNotFound", .createSession), status(404, "itemNotFound", .fragment),
        status(404, "itemNotFound", .createFolder), status(405, "notAllowed", .update),
        status(408, "timeout", .delta), status(408, "timeout", .createFolder),
        status(409, "nameAlreadyExists", .createFolder),
        status(409, "nameAlreadyExists", .createSession),
        status(409, "resourceModified", .update), status(411, "lengthRequired", .upload),
        status(412, "resourceModified", .update), status(412, "resourceModified", .delete),
        status(412, "resourceModified", .createSession), status(412, "resourceModified", .fragment),
        status(413, "maxFileSizeExceeded", .upload), status(415, "notSupported", .createSession),
        status(416, "invalidRange", .fragment), status(416, "invalidRange", .download),
        status(422, "unprocessable", .update), status(423, "resourceLocked", .update),
        status(423, "accessDenied", .delete), status(423, "resourceLocked", .fragment),
        status(424, "failedDependency", .update),
        status(429, "activityLimitReached", .delta, retryAfter: "7"),
        status(429, "activityLimitReached", .update, retryAfter: "2.128"),
        status(429, "TooManyRequests", .fragment),
        status(429, "TooManyRequests", .delete, retryAfter: "Thu, 01 Jan 2026 20:59:00 GMT"),
        status(500, "generalException", .delta), status(500, "UnknownError", .update),
        status(500, "generalException", .fragment), status(501, "notSupported", .update),
        status(502, "UnknownError", .createFolder), status(503, "serviceNotAvailable", .delta),
        status(503, "serviceNotAvailable", .update, retryAfter: "11"),
        status(504, "GatewayTimeout", .createSession), status(504, "GatewayTimeout", .download),
        status(507, "quotaLimitReached", .createSession),
        status(507, "quotaLimitReached", .fragment), status(509, "activityLimitReached", .download),
        status(403, "accessDenied", .download), status(403, "malwareDetected", .download),
        status(404, "itemNotFound", .download), status(410, "gone", .download),
        status(404, "itemNotFound", .item), status(500, "cannotSnapshotTree", .delta),
        status(409, "nameAlreadyExists", .fragment), status(403, "serviceReadOnly", .createFolder),
        status(413, "maxFragmentLengthExceeded", .fragment), status(301, "moved", .delta),
        status(407, "proxy", .update), status(511, "portal", .delta),
    ]

    // MARK: Faults of the wire

    private static func fault(
        _ name: String, _ action: Fault.Action, _ operation: GraphSimulator.Operation
    ) -> ServiceRule {
        ServiceRule(
            name: "\(name), \(operation)",
            disturb: { $0.service.inject(Fault(action, operation: operation)) },
            happened: { $0.service.pendingFaults.isEmpty })
    }

    private static let faults: [ServiceRule] =
        [
            GraphSimulator.Operation.createFolder, .update, .delete, .createSession, .fragment,
            .upload, .delta, .download,
        ].flatMap { operation in
            [
                fault("reply lost", .loseReply, operation),
                fault("done, yet 504", .executeThenRespond(status: 504, code: "x"), operation),
                fault("connection dropped", .dropConnection, operation),
                fault(
                    "web page of a proxy", .respondText(status: 502, body: "<html>"), operation),
                fault("empty 500", .respondText(status: 500, body: ""), operation),
                fault("answer cut off", .cutBody(after: 2), operation),
            ]
        } + [
            fault("part of a fragment kept, yet 500", .shortenFragment(to: 4), .fragment),
            fault("page told twice", .duplicateEntries, .delta),
            fault("page in another order", .shuffleEntries, .delta),
            fault("page of a hotel", .respondText(status: 200, body: "<html>Welcome"), .delta),
        ]

    // MARK: Oddities

    private static func odd(
        _ name: String, _ profile: AccountProfile = .business, lifts: Bool = false,
        _ change: @escaping @Sendable (inout Quirks) -> Void,
        happened: @escaping @Sendable (EngineWorld) -> Bool = { _ in true }
    ) -> ServiceRule {
        ServiceRule(
            name: name, profile: profile, before: { change(&$0.quirks) },
            lift: { if lifts { $0.service.quirks = Quirks() } }, happened: happened)
    }

    @Sendable private static func sawStatus(
        _ status: Int, _ operation: GraphSimulator.Operation
    ) -> @Sendable (EngineWorld) -> Bool {
        { world in
            world.service.log.records.contains {
                $0.operation == operation && $0.status == status
            }
        }
    }

    private static let oddities: [ServiceRule] =
        [
            odd("driveIdCase, driveIdShort", .personal) {
                $0.driveIDUpperCase = true
                $0.driveIDWithoutZeros = true
            },
            odd("deltaDuplicates") { $0.deltaDuplicates = true },
            odd("deltaReplay") { $0.deltaReplays = 20 },
            odd("deltaParentOnly") {
                $0.deltaListsAncestors = true
                $0.deltaListsRoot = true
            },
            odd("deltaCreateBeforeDelete") { $0.deltaCreatesBeforeDeletes = true },
            odd("deltaLag") { $0.deltaLagMilliseconds = 45_000 },
            odd("deltaLoseTombstone", .personal) { $0.deltaTombstonesToLose = 1 },
            odd("deltaEmptyPageWithNext") {
                $0.deltaEmptyPages = true
                $0.deltaPageSize = 2
                $0.pageSizeMax = 2
            },
            ServiceRule(
                name: "deltaSameNextLink",
                disturb: {
                    $0.service.quirks.deltaRepeatsNextLink = true
                    $0.service.quirks.deltaPageSize = 2
                    $0.service.quirks.pageSizeMax = 2
                }, lift: { $0.service.quirks = Quirks() }),
            odd("deltaBadLinkForm, taken") { $0.deltaLinks = .function },
            ServiceRule(
                name: "deltaBadLinkForm, refused",
                disturb: { $0.service.quirks.deltaLinks = .rejectedFunction },
                lift: { $0.service.quirks = Quirks() }),
            odd("deltaForeignNode", .personal) { $0.deltaListsForeignItem = true },
            odd("delta410, apply") {
                $0.deltaTokenLife = 10
                $0.resyncVariant = "resyncChangesApplyDifferences"
            } happened: {
                sawStatus(410, .delta)($0)
            },
            odd("delta410, upload, no Location") {
                $0.deltaTokenLife = 10
                $0.resyncVariant = "resyncUploadDifferences"
                $0.resyncHasLocation = false
            } happened: {
                sawStatus(410, .delta)($0)
            },
            odd("delta410, no variant") {
                $0.deltaTokenLife = 10
                $0.resyncVariant = nil
            } happened: {
                sawStatus(410, .delta)($0)
            },
            odd("no delta at all") {
                $0.deltaUnsupported = true
            } happened: {
                sawStatus(501, .delta)($0)
            },
            odd("tombstoneMinimal") { $0.tombstonesAreMinimal = true },
            odd("tombstoneZeroHash, tombstoneYear0001", .personal) {
                $0.tombstonesHaveZeroHash = true
                $0.tombstonesHaveYearOne = true
            },
            odd("tombstones of descendants") { $0.tombstonesForDescendants = true },
            odd("idReadLag") { $0.idReadLagMilliseconds = 20_000 },
            odd("pathReadLag") { $0.pathReadLagMilliseconds = 20_000 },
            odd("transient404") {
                $0.transientNotFoundOneIn = 5
            } happened: {
                $0.service.log.records.contains { $0.status == 404 }
            },
            odd("patchAfterPut404", .personal) { $0.updateLagMilliseconds = 5_000 },
            odd("drives403, phantomDrives") {
                $0.drivesForbidden = true
                $0.phantomDrives = true
            },
            odd("mkdirEmptyBody") { $0.createFolderEmptyBody = true },
            odd("quotaZero") { $0.quota = .zero },
            odd("quotaAbsent") { $0.quota = .absent },
            odd("quotaNegative") { $0.quota = .negativeRemaining },
            odd("sharepointRewrite") {
                $0.rewrittenExtensions = ["txt"]
            } happened: {
                $0.cloudText("new here.txt")?.contains("promotion") == true
            },
            odd("sizeMismatch, aipMismatch", .personal) { $0.misreportedExtensions = ["heic"] }
                .with {
                    _ = try? $0.remoteCreateFile(
                        "photo.heic", Array("photo".utf8),
                        now: Timestamp(seconds: 1_767_299_000))
                },
            odd("hashMissing") { $0.hashesMissing = true },
            odd("hashLate") { $0.hashesLateSeconds = 40 },
            odd("zeroByteNoHash") { $0.zeroByteFilesHaveNoHash = true },
            odd("sessionEtagBump") { $0.sessionChangesEntityTag = true },
            odd("session404AfterCreate") {
                $0.sessionLagMilliseconds = 4_000
            } happened: {
                sawStatus(404, .fragment)($0)
            },
            odd("session403TempAuth", lifts: true) {
                $0.uploadURLLife = -1
            } happened: {
                sawStatus(403, .fragment)($0)
            },
            odd("sessionExists409") { $0.oneSessionPerName = true },
            odd("sessionRotatesUrl") { $0.sessionRotatesURL = true },
            odd("session without ranges") { $0.sessionHidesRanges = true },
            odd("finalEmptyBody") { $0.finalFragmentEmptyBody = true },
            odd("downloadUrl401Once") {
                $0.downloadsToRefuse = 1
            } happened: {
                sawStatus(401, .download)($0)
            },
            odd("downloadUrlExpiry") { $0.downloadURLLife = 1 },
            odd("rangeIgnored") {
                $0.ignoresRange = true
            } happened: {
                sawStatus(200, .download)($0)
            },
            // Taken for new names, as long as it lasts; nothing else tells them from such.
            ServiceRule(
                name: "encodedNames", disturb: { $0.service.quirks.encodesNames = true },
                lift: {
                    $0.service.quirks = Quirks()
                    $0.service.expireDeltaTokens()
                }),
            odd("encodedParentPath", .personalLegacy) { $0.encodesParentPaths = true },
            odd("etag412AlwaysOnDelete", lifts: true) {
                $0.deleteNeverMatches = true
            } happened: {
                sawStatus(412, .delete)($0)
            },
            odd("versionOnPatch") { $0.versionOnTimePatch = true },
            odd("badTimestamps", .personalLegacy) { $0.badTimestamps = true },
            ServiceRule(
                name: "lock423",
                disturb: { world in
                    let end = world.now.advanced(byNanoseconds: 200_000_000_000)
                    try? world.service.remoteSetLock(
                        "docs/a.txt", .open(until: end), now: world.now)
                }, happened: { sawStatus(423, .createSession)($0) }),
            odd("vault400", .personal) { _ in }.with {
                $0.addVault(now: Timestamp(seconds: 1_767_299_000))
            },
            odd("onenote, package alone") { _ in }.with {
                try? $0.remoteCreatePackage("Notebook", now: Timestamp(seconds: 1_767_299_000))
            },
            odd("onenote, package and folder") { $0.packagesAreFolders = true }.with {
                try? $0.remoteCreatePackage("Notebook", now: Timestamp(seconds: 1_767_299_000))
            },
            odd("shortcutNeedsPrefer") { $0.shortcutsNeedPreference = true },
        ]
        + Quirks.RetryAfterForm.allCases.map { form in
            ServiceRule(
                name: "throttle, \(form)",
                disturb: {
                    $0.service.quirks.requestsPerMinute = 5
                    $0.service.quirks.retryAfter = form
                }, lift: { $0.service.quirks = Quirks() },
                happened: {
                    $0.service.gate.refusals > 0 && $0.service.gate.violations == 0
                })
        }

    private func with(
        _ prepare: @escaping @Sendable (inout GraphService) -> Void
    ) -> ServiceRule {
        var rule = self
        let change = before
        rule.before = { service in
            change(&service)
            prepare(&service)
        }
        return rule
    }
}
