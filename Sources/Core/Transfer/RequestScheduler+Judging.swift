/// What an answer, or the lack of one, means for a request and for all others.
extension RequestScheduler {
    /// Readers are told sooner than others that it does not work.
    private static func failuresMax(_ priority: RequestPriority) -> Int {
        switch priority {
        case .waitingReader: 4
        case .metadata, .foreground, .background: 6
        }
    }

    private static let readerPauses = Backoff(first: 250_000_000, longest: 4_000_000_000)
    private static let pauses = Backoff(first: 1_000_000_000, longest: 60_000_000_000)
    /// How often a request is sent again because the service asked for rest.
    private static let throttlesMax = 10
    /// So many answers of something else in place of the service are the end of a request.
    private static let portalAnswersMax = 3
    /// So many requests in a row without an answer in time mean that there is no network.
    private static let timeoutsMax = 3
    /// While Graph answers, a host of content that does not says nothing of the network, for so
    /// many nanoseconds.
    private static let trust: Int64 = 5_000_000_000
    /// A new upload session may be unknown to the host that shall take the bytes for some seconds
    /// (onedrive-api-docs).
    private static let sessionDelay: Int64 = 5_000_000_000
    /// A transfer that got so many bytes further has not failed in vain.
    static let progress: Int64 = 64 << 10

    /// One sending of a request that has come to its end.
    struct Sending {
        let id: RequestID
        let request: Request
        let token: UInt64?
        let wasProbe: Bool
    }

    // MARK: Answers

    mutating func judge(_ answer: GraphAnswer, to sending: Sending, at now: Timestamp) {
        guard case .failure(let failure) = answer else {
            conclude(answer, sending)
            return
        }
        switch failure.kind {
        case .notGraph: notGraph(answer, sending)
        case .unauthenticated: renewToken(answer, sending)
        case .throttled: throttled(answer, failure, sending, at: now)
        case .serverFault: serverFault(answer, failure, sending, at: now)
        case .unreadable: unreadable(answer, sending)
        case .addressExpired where mayBeTooEarly(failure, sending.request):
            noteAnswer(to: sending)
            requests[sending.id]?.hasWaitedForSession = true
            pause(sending.id, for: Self.sessionDelay)
        case .forbidden, .notFound, .addressExpired, .nameTaken, .preconditionFailed, .gone,
            .tooLarge, .rangeNotSatisfiable, .locked, .notSupported, .quota, .malware, .badRequest:
            conclude(answer, sending)
        }
    }

    /// The service has said what there is to say.
    private mutating func conclude(_ answer: GraphAnswer, _ sending: Sending) {
        noteAnswer(to: sending)
        rest.noteAnswer(at: clock.elapsed)
        let call = sending.request.call
        load.noteAnswer(
            call.lane, after: call.isSmall ? clock.elapsed - sending.request.sent : nil)
        deliver(sending.id, .answer(answer))
    }

    /// Repeats a request once with another token.
    ///
    /// Such an answer is no sign of Graph: the shell gives it, too, when the token it has is at its
    /// end.
    private mutating func renewToken(_ answer: GraphAnswer, _ sending: Sending) {
        token.reject(sending.token)
        if sending.request.hasRenewedToken {
            deliver(sending.id, .answer(answer))
        } else {
            requests[sending.id]?.hasRenewedToken = true
            hold(sending.id)
        }
    }

    /// The service has not looked at the request, so it can be sent again whatever it is.
    private mutating func throttled(
        _ answer: GraphAnswer, _ failure: GraphFailure, _ sending: Sending, at now: Timestamp
    ) {
        noteAnswer(to: sending)
        beginRest(sending, wish: failure.retryAfter?.nanoseconds(from: now))
        requests[sending.id]?.throttles += 1
        if sending.request.throttles >= Self.throttlesMax {
            deliver(sending.id, .answer(answer))
        } else {
            hold(sending.id)
        }
    }

    private mutating func serverFault(
        _ answer: GraphAnswer, _ failure: GraphFailure, _ sending: Sending, at now: Timestamp
    ) {
        noteAnswer(to: sending)
        let wish = failure.retryAfter?.nanoseconds(from: now)
        // Overload, even if it does not say for how long.
        if failure.status == 503 {
            beginRest(sending, wish: wish)
        }
        if sending.request.call.isRepeatable {
            retry(sending.id, or: .answer(answer), notBefore: wish ?? 0)
        } else {
            deliver(sending.id, .ambiguous)
        }
    }

    private mutating func beginRest(_ sending: Sending, wish: Int64?) {
        // Those that were on the wire when a rest began tell nothing new.
        if rest.end(after: clock.elapsed) == nil { load.noteThrottling(sending.request.call.lane) }
        rest.begin(at: clock.elapsed, wish: wish, random: jitter.next())
    }

    private mutating func unreadable(_ answer: GraphAnswer, _ sending: Sending) {
        noteAnswer(to: sending)
        if sending.request.call.isRepeatable {
            retry(sending.id, or: .answer(answer))
        } else {
            deliver(sending.id, .ambiguous)
        }
    }

    private mutating func notGraph(_ answer: GraphAnswer, _ sending: Sending) {
        goOffline(.portal, wasProbe: sending.wasProbe)
        requests[sending.id]?.portalAnswers += 1
        if !sending.request.call.isRepeatable {
            deliver(sending.id, .ambiguous)
        } else if sending.request.portalAnswers + 1 >= Self.portalAnswersMax {
            deliver(sending.id, .answer(answer))
        } else {
            hold(sending.id, behindOthers: true)
        }
    }

    private func mayBeTooEarly(_ failure: GraphFailure, _ request: Request) -> Bool {
        guard case .fragment(_, _, let range, _) = request.call else { return false }
        return failure.status == 404 && range.lowerBound == 0 && !request.hasWaitedForSession
    }

    // MARK: No answers

    mutating func judge(_ failure: TransportFailure, of sending: Sending) {
        let call = sending.request.call
        switch failure {
        case .cannotResolve, .cannotConnect, .tls:
            unreachable(failure, sending)
        case .timedOut:
            timeouts += 1
            if sending.wasProbe || timeouts >= Self.timeoutsMax {
                goOffline(.transport(failure), wasProbe: sending.wasProbe)
            }
            lost(failure, sending, mayRepeat: call.isRepeatable)
        case .connectionLost(let sentEverything):
            if sending.wasProbe { goOffline(.transport(failure), wasProbe: true) }
            // An upload session keeps part of a fragment at times; the others are all or nothing.
            let wasCutOff = !sentEverything && !call.isFragment
            lost(failure, sending, mayRepeat: call.isRepeatable || wasCutOff)
        case .other:
            if sending.wasProbe { goOffline(.transport(failure), wasProbe: true) }
            lost(failure, sending, mayRepeat: call.isRepeatable)
        case .bodyTooLarge, .aborted, .notStored:
            // To repeat these would lead to the same.
            deliver(sending.id, call.isRepeatable ? .failed(failure) : .ambiguous)
        }
    }

    /// The request was not sent.
    private mutating func unreachable(_ failure: TransportFailure, _ sending: Sending) {
        let isOnline = outage == nil
        if isOnline, sending.request.call.authorization == .none, let last = lastGraphAnswer,
            clock.elapsed - last < Self.trust
        {
            retry(sending.id, or: .failed(failure))
            return
        }
        goOffline(.transport(failure), wasProbe: sending.wasProbe)
        if isOnline { requests[sending.id]?.failures += 1 }
        if sending.request.failures >= Self.failuresMax(sending.request.priority) {
            deliver(sending.id, .failed(failure))
        } else {
            // Behind the others, so that one host which stays silent does not keep them back.
            hold(sending.id, behindOthers: sending.wasProbe)
        }
    }

    /// No answer came to what may have been sent.
    private mutating func lost(
        _ failure: TransportFailure, _ sending: Sending, mayRepeat: Bool
    ) {
        guard mayRepeat else {
            deliver(sending.id, .ambiguous)
            return
        }
        if outage == nil {
            retry(sending.id, or: .failed(failure))
        } else {
            hold(sending.id, behindOthers: sending.wasProbe)
        }
    }

    // MARK: Consequences

    /// Tries a request again after a pause, of at least so many nanoseconds, unless that has been
    /// done often enough.
    private mutating func retry(
        _ id: RequestID, or outcome: RequestOutcome, notBefore least: Int64 = 0
    ) {
        guard let request = requests[id] else { return }
        let failures = request.failures + 1
        requests[id]?.failures = failures
        guard failures <= Self.failuresMax(request.priority) else {
            deliver(id, outcome)
            return
        }
        let pauses = request.priority == .waitingReader ? Self.readerPauses : Self.pauses
        let length = pauses.pause(afterFailures: failures, random: jitter.next())
        pause(id, for: max(length, min(least, ServiceRest.longest)))
    }

    /// Something answered: there is a network.
    mutating func reached() {
        outage = nil
        timeouts = 0
    }

    private mutating func noteAnswer(to sending: Sending) {
        reached()
        switch sending.request.call.authorization {
        case .bearer:
            lastGraphAnswer = clock.elapsed
            token.noteAccepted()
        case .none: break
        }
    }

    mutating func goOffline(_ cause: OfflineCause, wasProbe: Bool) {
        if outage == nil {
            outage = Outage(cause: cause, at: clock.elapsed, random: jitter.next())
            // What is under way finds out as well as anything.
            if token.isUnderWay { outage?.begin(.token) }
        } else if wasProbe {
            outage?.prolong(cause, at: clock.elapsed, random: jitter.next())
        }
    }
}

extension GraphCall {
    fileprivate var isFragment: Bool {
        if case .fragment = self { true } else { false }
    }

    /// Whether it carries little in both directions, so that its time tells how the service fares.
    fileprivate var isSmall: Bool {
        switch self {
        case .item, .child, .createDirectory, .createSession, .sessionStatus, .cancelSession,
            .change, .delete, .contentLocation, .thumbnailLocation, .checkoutState, .checkOut,
            .checkIn, .discardCheckout:
            true
        case .drive, .libraries, .rootItem, .delta, .children, .uploadSmall, .fragment, .content:
            false
        }
    }
}
