import Core

/// A service in a bad mood: any mixture of its oddities, and faults at any request.
extension GraphService {
    /// Turns a mixture of oddities on, each with equal chances, that follows from the seed.
    ///
    /// All of them leave a way to the truth: a client that does everything right ends in step with
    /// the service.
    package mutating func becomeOdd(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func coin() -> Bool { random.next() % 2 == 0 }
        var odd = quirks
        odd.deltaPageSize = 1 + Int(random.next() % 7)
        odd.pageSizeMax = odd.deltaPageSize
        odd.childrenPageSize = 1 + Int(random.next() % 5)
        odd.deltaLagMilliseconds = coin() ? 20_000 : 0
        odd.deltaListsRoot = coin()
        odd.deltaListsAncestors = coin()
        odd.deltaDuplicates = coin()
        odd.deltaShuffles = coin()
        odd.deltaCreatesBeforeDeletes = coin()
        odd.deltaEmptyPages = coin()
        odd.deltaListsForeignItem = coin()
        odd.deltaReplays = coin() ? 5 : 0
        odd.deltaLinks = coin() ? .function : .query
        odd.tombstonesAreMinimal = coin()
        odd.tombstonesHaveZeroHash = coin()
        odd.tombstonesHaveYearOne = coin()
        odd.tombstonesForDescendants = coin()
        odd.resyncVariant =
            coin() ? "resyncChangesUploadDifferences" : coin() ? "resyncApplyDifferences" : nil
        odd.idReadLagMilliseconds = coin() ? 3_000 : 0
        odd.pathReadLagMilliseconds = coin() ? 3_000 : 0
        odd.transientNotFoundOneIn = coin() ? 30 : nil
        odd.createFolderEmptyBody = coin()
        odd.encodesParentPaths = coin()
        odd.driveIDUpperCase = coin()
        odd.driveIDWithoutZeros = coin()
        odd.hashesMissing = coin()
        odd.hashesLateSeconds = coin() ? 15 : 0
        odd.zeroByteFilesHaveNoHash = coin()
        odd.versionOnTimePatch = coin()
        odd.renameChangesContentTag = coin()
        odd.packagesAreFolders = coin()
        odd.updateLagMilliseconds = coin() ? 2_000 : 0
        odd.quota = coin() ? .absent : coin() ? .zero : .negativeRemaining
        odd.downloadURLLife = coin() ? 2 : 3_600
        odd.downloadsToRefuse = coin() ? 2 : 0
        odd.ignoresRange = coin()
        odd.sessionChangesEntityTag = coin()
        odd.oneSessionPerName = coin()
        odd.sessionLagMilliseconds = coin() ? 1_000 : 0
        odd.finalFragmentEmptyBody = coin()
        odd.sessionHidesRanges = coin()
        odd.sessionRotatesURL = coin()
        odd.requestsPerMinute = coin() ? 120 : nil
        odd.retryAfter = RetryAfterForm.allCases[Int(random.next() % 4)]
        quirks = odd
    }

    private typealias RetryAfterForm = Quirks.RetryAfterForm

    /// Lets so many of the next requests go wrong, each in a way that may pass.
    package mutating func injectFaults(_ count: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let actions: [Fault.Action] = [
            .respond(status: 500, code: "generalException"),
            .respond(status: 502, code: "UnknownError"),
            .respond(status: 503, code: "serviceNotAvailable", retryAfter: "2"),
            .respond(status: 504, code: "GatewayTimeout"),
            .respond(status: 429, code: "activityLimitReached", retryAfter: "1.5"),
            .respond(status: 408, code: "timeout"),
            .respond(status: 423, code: "resourceLocked"),
            .respond(status: 404, code: "itemNotFound"),
            .respond(status: 401, code: "InvalidAuthenticationToken"),
            .respondText(status: 502, body: "<html>Bad gateway</html>"),
            .executeThenRespond(status: 504, code: "GatewayTimeout"),
            .executeThenRespond(status: 500, code: "generalException"),
            .loseReply, .dropConnection, .shortenFragment(to: 3), .duplicateEntries,
            .shuffleEntries,
        ]
        for _ in 0..<count {
            let action = actions[Int(random.next() % UInt64(actions.count))]
            // What arrives of a whole file in one request is all or nothing.
            let isOfFragment = if case .shortenFragment = action { true } else { false }
            inject(
                Fault(
                    action, operation: isOfFragment ? .fragment : nil,
                    skip: Int(random.next() % 40)))
        }
    }
}
