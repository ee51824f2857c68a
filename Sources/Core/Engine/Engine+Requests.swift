/// Requests and their answers. When and how often a request is sent is decided by the scheduler;
/// here is what an answer means.
extension Engine {
    /// The start of a run: everything that is asked first is asked at once.
    package mutating func begin(at now: Timestamp) {
        confirmDrive(at: now)
        askForRoot(at: now)
        requestPlan(at: now)
        keepAll(at: now)
        measureSpace()
    }

    /// Asks which item the root is, where that is not known.
    mutating func askForRoot(at now: Timestamp) {
        guard cloud.rootItem == nil, !requests.values.contains(where: { $0.purpose == .rootItem })
        else { return }
        submit(.rootItem, for: .rootItem, .metadata, at: now)
    }

    /// Asks which drive the sign-in leads to.
    mutating func confirmDrive(at now: Timestamp) {
        guard cloud.confirmation == .missing else { return }
        cloud.confirmation = .asked
        submit(.drive, for: .drive, .metadata, at: now)
    }

    @discardableResult
    mutating func submit(
        _ call: GraphCall, for purpose: Purpose, _ priority: RequestPriority,
        sink: Transmission.Sink = .memory, at now: Timestamp
    ) -> RequestID {
        let id = RequestID(rawValue: newNumber())
        requests[id] = PendingRequest(purpose: purpose, call: call, sink: sink)
        perform(scheduler.submit(id, call, priority, at: now), at: now)
        return id
    }

    mutating func cancel(_ id: RequestID, at now: Timestamp) {
        requests[id] = nil
        perform(scheduler.cancel(id, at: now), at: now)
    }

    /// Somebody waits for the answer to a request that was not urgent when it was made.
    mutating func raise(_ id: RequestID, at now: Timestamp) {
        perform(scheduler.raise(id, to: .waitingReader, at: now), at: now)
    }

    mutating func cancelSession(_ url: String, at now: Timestamp) {
        submit(.cancelSession(url: url), for: .cancelSession, .background, at: now)
    }

    // MARK: What comes back

    /// The answer to a request that was sent, or why there is none.
    package mutating func responded(
        _ id: RequestID, _ result: Result<GraphAnswer, TransportFailure>, random: UInt64,
        at now: Timestamp
    ) {
        let path = path(of: id)
        tally.note(result, about: path, at: now)
        perform(scheduler.responded(id, result, random: random, at: now), at: now)
    }

    /// Part of the bytes asked for is here: if the transfer breaks off, it goes on behind them.
    mutating func noteProgress(of id: RequestID, through end: Int64, at now: Timestamp) {
        perform(scheduler.received(id, through: end, at: now), at: now)
    }

    /// The outcome of asking for an access token.
    package mutating func tokenAnswered(_ outcome: TokenOutcome, at now: Timestamp) {
        perform(scheduler.tokenAnswered(outcome, at: now), at: now)
    }

    /// The addresses or routes of this machine have changed: what was out of reach may not be now.
    package mutating func networkChanged(at now: Timestamp) {
        perform(scheduler.networkChanged(at: now), at: now)
    }

    mutating func cloudTimer(at now: Timestamp) {
        perform(scheduler.timer(at: now), at: now)
        // A clock that was set back must not put off the next question.
        pollNoLater(at: now)
        pollIfDue(at: now)
        startDueWalk(at: now)
    }

    private mutating func pollIfDue(at now: Timestamp) {
        guard let next = cloud.nextPoll, next <= now, planning.pause == nil else { return }
        switch cloud.confirmation {
        case .missing: confirmDrive(at: now)
        case .asked: break
        case .confirmed: startRound(at: now)
        }
    }

    /// Sees to it that the next question for changes is at most one interval away.
    mutating func pollNoLater(at now: Timestamp) {
        let latest = now.advanced(byNanoseconds: configuration.pollInterval)
        guard let next = cloud.nextPoll, next > latest else { return }
        cloud.nextPoll = latest
        setTimer(latest)
    }

    private mutating func perform(_ actions: [RequestScheduler.Action], at now: Timestamp) {
        var hasDelivered = false
        for action in actions {
            switch action {
            case .send(let id, let call, let priority):
                guard let request = requests[id] else { continue }
                tally.noteSending()
                effects.append(
                    .send(
                        Transmission(
                            id: id, call: call, priority: priority, sink: request.sink(for: call))))
            case .abort(let id): effects.append(.cancel(id))
            case .obtainToken: effects.append(.obtainToken)
            case .deliver(let id, let outcome):
                deliver(id, outcome, at: now)
                hasDelivered = true
            case .changed(let state): stateChanged(state, at: now)
            }
        }
        if hasDelivered, let next = scheduler.nextTimer, next <= now {
            perform(scheduler.timer(at: now), at: now)
        } else {
            setTimer(scheduler.nextTimer)
        }
    }

    private mutating func stateChanged(_ state: RequestScheduler.State, at now: Timestamp) {
        switch state {
        case .online:
            effects.append(.report(.online))
            for id in setbacks.keys.sorted() where setbacks[id]?.cause == .retry {
                setbacks[id]?.until = now
            }
            checkouts.hurry(at: now)
            advanceCheckouts(at: now)
            cloud.nextPoll = now
            requestPlan(at: now)
            keepMore(at: now)
            setTimer(now)
        case .offline(let cause):
            // No request of the drive tells of it.
            if case .noToken(let reason) = cause { tally.note(reason, at: now) }
            effects.append(.report(.offline(cause)))
            failCheckouts(at: now)
            fail(.quiet, .networkUnreachable)
            fail(.kept, .networkUnreachable)
        case .throttled: break
        case .signInNeeded(let reason):
            tally.note(reason, at: now)
            effects.append(.report(.signInNeeded(reason)))
            failCheckouts(at: now)
            fail(.quiet, .accessDenied)
            fail(.kept, .accessDenied)
        }
    }

    private mutating func deliver(_ id: RequestID, _ outcome: RequestOutcome, at now: Timestamp) {
        guard let request = requests.removeValue(forKey: id) else { return }
        let outcome = located(outcome, of: request)
        switch request.purpose {
        case .drive: driveAnswered(outcome, at: now)
        case .rootItem:
            if case .answer(.item(let item)) = outcome { observe(item.asRoot, at: now) }
        case .delta: deltaAnswered(outcome, at: now)
        case .listing(let directory): listingAnswered(directory, outcome, to: id, at: now)
        case .fetchAddress(let generation):
            fetchAddressAnswered(generation, outcome, to: id, at: now)
        case .fetch: fetchAnswered(id, outcome, at: now)
        case .operation(let number): operationAnswered(number, outcome, at: now)
        case .walk(let directory): walkAnswered(directory, outcome, to: id, at: now)
        case .suspect(let node): suspectAnswered(node, outcome, to: id, at: now)
        case .checkout(let item): checkoutAnswered(item, outcome, at: now)
        case .quota:
            if case .answer(.drive(let drive)) = outcome, drive.id == cloud.drive {
                note(drive.quota)
            }
        case .thumbnail(let question): thumbnailAnswered(question, outcome)
        case .cancelSession: break
        }
    }

    /// What a request is about.
    private func path(of id: RequestID) -> String? {
        guard let purpose = requests[id]?.purpose else { return nil }
        let node: NodeID? =
            switch purpose {
            case .operation(let number): operationOwners[number]
            case .listing(let node), .walk(let node), .suspect(let node): node
            case .fetchAddress(let generation): generations[generation]?.node
            case .fetch: downloads.fetches[id].flatMap { generations[$0.generation]?.node }
            case .checkout(let item): tree.node(for: item)
            case .thumbnail(let question): question.node
            case .drive, .rootItem, .delta, .quota, .cancelSession: nil
            }
        return node.map(displayPath)
    }

    /// Asks what space the drive has left, at the end of a round, if that was some time ago and
    /// something has changed since.
    mutating func refreshQuota(at now: Timestamp) {
        guard cloud.mayQuotaDiffer, now >= cloud.nextQuotaQuestion else { return }
        noteQuotaQuestion(at: now)
        submit(.drive, for: .quota, .metadata, at: now)
    }

    private mutating func noteQuotaQuestion(at now: Timestamp) {
        cloud.mayQuotaDiffer = false
        cloud.nextQuotaQuestion = now.advanced(byNanoseconds: Self.quotaInterval)
    }

    /// In nanoseconds.
    private static let quotaInterval: Int64 = 5 * 60 * 1_000_000_000

    private mutating func driveAnswered(_ outcome: RequestOutcome, at now: Timestamp) {
        guard case .answer(.drive(let drive)) = outcome else {
            cloud.confirmation = .missing
            failCheckouts(at: now)
            releaseListings(outcome.posixError, at: now)
            if case .answer(.failure(let failure)) = outcome {
                roundFailed(failure, at: now)
            } else {
                roundFailed(nil, at: now)
            }
            return
        }
        if let known = cloud.drive, known != drive.id {
            cloud.confirmation = .missing
            planning.pause = .otherDrive
            failCheckouts(at: now)
            releaseListings(.accessDenied, at: now)
            effects.append(.report(.otherDrive))
            return
        }
        if cloud.drive == nil {
            cloud.drive = drive.id
            records.append(.setting(.drive, drive.id.rawValue))
        }
        cloud.driveKind = drive.kind
        cloud.webURL = drive.webURL
        note(drive.quota)
        noteQuotaQuestion(at: now)
        cloud.confirmation = .confirmed
        releaseListings(nil, at: now)
        noteCheckoutSupport()
        advanceCheckouts(at: now)
        if planning.pause == nil { startRound(at: now) }
        requestPlan(at: now)
    }

    /// Keeps the space of the drive, also for a start without network.
    private mutating func note(_ quota: Quota?) {
        guard quota != cloud.quota else { return }
        cloud.quota = quota
        let text = quota.map { String(decoding: $0.json.serialized(), as: UTF8.self) }
        records.append(.setting(.quota, text))
    }

    private mutating func deltaAnswered(_ outcome: RequestOutcome, at now: Timestamp) {
        switch outcome {
        case .answer(.page(let page)): pageArrived(page, at: now)
        case .answer(.failure(let failure)):
            if case .gone(let resync, _) = failure.kind {
                cloud.chain = nil
                resynchronize(serverWins: resync == .applyDifferences, at: now)
            } else if failure.kind == .notSupported {
                walkInstead(at: now)
            } else {
                roundFailed(failure, at: now)
            }
        case .answer, .ambiguous, .offline, .signInNeeded, .busy, .failed: roundFailed(nil, at: now)
        }
    }

    private mutating func listingAnswered(
        _ directory: NodeID, _ outcome: RequestOutcome, to request: RequestID,
        at now: Timestamp
    ) {
        if case .answer(.listing(let listing)) = outcome {
            listingArrived(directory, listing, to: request, at: now)
        } else {
            listingFailed(directory, outcome.posixError)
        }
    }

    private mutating func fetchAddressAnswered(
        _ generation: GenerationID, _ outcome: RequestOutcome, to request: RequestID,
        at now: Timestamp
    ) {
        switch outcome {
        case .answer(.item(let item)) where isOutdated(item, askedBy: request):
            fetchAddressMissing(generation, at: now)
        case .answer(.item(let item)): fetchAddressArrived(generation, item, at: now)
        case .answer(.failure(let failure)) where failure.kind == .notFound:
            fetchAddressMissing(generation, at: now)
        case .answer, .ambiguous, .offline, .signInNeeded, .busy, .failed:
            fetchAddressFailed(generation, outcome.posixError, at: now)
        }
    }

    private mutating func fetchAnswered(
        _ id: RequestID, _ outcome: RequestOutcome, at now: Timestamp
    ) {
        switch outcome {
        case .answer(.content(let part)): fetchEnded(id, .arrived(part), at: now)
        case .answer(.otherContent(let part)): fetchEnded(id, .otherVersion(part), at: now)
        case .failed(.notStored(let error)): fetchEnded(id, .notStored(error), at: now)
        case .answer(.failure(let failure)) where failure.kind == .addressExpired:
            fetchEnded(id, .addressExpired, at: now)
        case .answer(.failure(let failure)) where failure.kind == .rangeNotSatisfiable:
            fetchEnded(id, .otherVersion(nil), at: now)
        case .answer, .ambiguous, .offline, .signInNeeded, .busy, .failed:
            fetchEnded(id, .failed(outcome.posixError), at: now)
        }
    }
}

/// A request that was made and not answered.
struct PendingRequest: Hashable, Sendable {
    var purpose: Purpose
    var call: GraphCall
    var sink: Transmission.Sink

    /// Where the body of the answer to this call goes: it may ask for the rest only.
    func sink(for call: GraphCall) -> Transmission.Sink {
        guard case .content(let id, _) = sink, case .content(_, let range, _) = call else {
            return sink
        }
        return .content(id, offset: range.lowerBound)
    }
}

extension RequestOutcome {
    /// What a program is told that waited for this.
    var posixError: PosixError {
        switch self {
        case .offline: .networkUnreachable
        case .ambiguous: .timedOut
        case .busy: .tryAgain
        case .failed: .inputOutput
        case .signInNeeded: .accessDenied
        case .answer(.failure(let failure)):
            switch failure.kind {
            case .unauthenticated, .forbidden, .malware: .accessDenied
            case .notFound, .gone, .preconditionFailed: .stale
            case .locked: .busy
            case .throttled, .addressExpired: .tryAgain
            case .quota: .quotaExceeded
            case .nameTaken, .tooLarge, .rangeNotSatisfiable, .serverFault, .notSupported,
                .badRequest, .notGraph, .unreadable:
                .inputOutput
            }
        case .answer: .inputOutput
        }
    }
}

extension RemoteItem {
    /// The answer to a question for the root, which does not always say so itself.
    fileprivate var asRoot: RemoteItem {
        var item = self
        item.isRoot = true
        return item
    }
}
