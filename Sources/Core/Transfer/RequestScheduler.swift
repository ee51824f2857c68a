/// Stands between the engine and the wire, and decides when and how often each request is sent.
///
/// It knows neither sockets nor clocks: what happens comes in as a call with the time, and what is
/// to be done comes out as ``Action``, to be carried out in order. Every request that is submitted
/// gets exactly one outcome, unless it is cancelled, and never before ``submit(_:_:_:at:)`` has
/// returned. A change of the cloud is never sent twice when
/// the first may have been carried out.
///
/// - Graph, and the hosts of content together, get so many requests at once as a bound of each
///   allows, which adapts (``WireLoad``); urgent ones have a reserve of their own.
/// - What has been begun is ended first: the fragments of open upload sessions come before downloads
///   and, in turns, before each other, and few sessions are open at a time.
/// - When the service asks for rest, all requests rest.
/// - One token is asked for at a time, for all requests that need one.
/// - Without a network everything is held but what cannot wait, and one request at a time finds out
///   whether it is back.
package struct RequestScheduler: Sendable {
    package struct Configuration: Hashable, Sendable {
        /// How many requests one host gets at once, of those that nobody waits for.
        package var concurrency: Int
        /// How many more there may be for listings and changes.
        package var metadataReserve: Int
        /// How many more beyond those for programs that wait for bytes.
        package var readerReserve: Int
        /// How many requests may wait.
        ///
        /// Urgent ones find room for as many again.
        package var queueLimit: Int

        package init(
            concurrency: Int = 10, metadataReserve: Int = 2, readerReserve: Int = 4,
            queueLimit: Int = 10_000
        ) {
            self.concurrency = max(concurrency, 1)
            self.metadataReserve = max(metadataReserve, 0)
            self.readerReserve = max(readerReserve, 0)
            self.queueLimit = max(queueLimit, 1)
        }

        /// How many more requests may be on the wire once one of that priority is sent.
        func reserve(_ priority: RequestPriority) -> Int {
            switch priority {
            case .background, .foreground: 0
            case .metadata: metadataReserve
            case .waitingReader: metadataReserve + readerReserve
            }
        }

        /// Limits of transfers that leave it all to the scheduler, even if one host answers everything.
        package var transferLimits: TransferLimits {
            let hosts = RequestLane.Host.allCases.count
            return TransferLimits(
                total: concurrency * hosts, perHost: concurrency * hosts,
                metadataReserve: metadataReserve * hosts, readerReserve: readerReserve * hosts)
        }

        /// The most requests that wait once one of that priority is added.
        func queueLimit(_ priority: RequestPriority) -> Int {
            switch priority {
            case .background, .foreground: queueLimit
            case .metadata, .waitingReader: queueLimit * 2
            }
        }
    }

    /// What is to be done.
    package enum Action: Hashable, Sendable {
        /// Send this; the answer comes back as ``responded(_:_:random:at:)``. The call may ask for
        /// less than was submitted, where part has arrived before.
        case send(RequestID, GraphCall, RequestPriority)
        /// Stop this transfer. Its answer is not wanted.
        case abort(RequestID)
        /// Get a token that is newer than the last one; what became of it comes back as
        /// ``tokenAnswered(_:at:)``.
        case obtainToken
        case deliver(RequestID, RequestOutcome)
        case changed(State)
    }

    /// How the account's requests fare, as a user wants to know it.
    package enum State: Hashable, Sendable {
        case online
        /// Requests are held until one that is tried now and then gets an answer.
        case offline(OfflineCause)
        /// The service has asked for rest until then.
        case throttled(until: Timestamp)
        /// Requests are held until the user has signed in. The text says why.
        case signInNeeded(String)
    }

    /// A request that has no outcome yet.
    struct Request: Sendable {
        var call: GraphCall
        var priority: RequestPriority
        var phase: Phase
        /// How often it failed in a way that may pass.
        var failures = 0
        /// How often it met the service asking for rest.
        var throttles = 0
        /// How often something else answered in place of the service.
        var portalAnswers = 0
        var hasRenewedToken = false
        var hasWaitedForSession = false
        /// When it was sent, on the steady clock.
        var sent: Int64 = 0
    }

    enum Phase: Hashable, Sendable {
        /// In the queue, until there is room on the wire.
        case queued
        /// Failed, and waits until so much has elapsed; then it is queued.
        case paused(until: Int64)
        /// On the wire, with the token of this number.
        case sent(token: UInt64?)
    }

    package let configuration: Configuration
    var clock = SteadyClock()
    var jitter = JitterSource()
    var requests: [RequestID: Request] = [:]
    var queue = RequestQueue()
    /// Paused requests, the next one first.
    var pauses: [Pause] = []
    var load: WireLoad
    /// Whether an upload has just got further: what it submits next counts before another session
    /// is opened.
    var opensLater = false
    var token = TokenKeeper()
    var rest = ServiceRest()
    var outage: Outage?
    /// How many requests in a row got no answer in time.
    var timeouts = 0
    /// When Graph last answered, on the steady clock.
    var lastGraphAnswer: Int64?
    var actions: [Action] = []
    /// Requests for which there was no room; they are told with the next outcomes.
    private var turnedAway: [RequestID] = []
    /// Whether readers were submitted that cannot be served; they are told likewise.
    var hasHopelessReaders = false
    private var reportedState = State.online

    package init(configuration: Configuration) {
        self.configuration = configuration
        load = WireLoad(most: configuration.concurrency)
    }

    // MARK: What happens

    /// Takes a request on.
    package mutating func submit(
        _ id: RequestID, _ call: GraphCall, _ priority: RequestPriority, at now: Timestamp
    ) -> [Action] {
        precondition(requests[id] == nil, "a request id is never used twice")
        begin(at: now)
        guard hasRoom(for: priority) else {
            turnedAway.append(id)
            return finish(withOutcomes: false)
        }
        requests[id] = Request(call: call, priority: priority, phase: .queued)
        load.noteSubmission(call.lane)
        queue.append(id, priority, call.lane)
        if priority == .waitingReader, outage != nil || token.refusal != nil {
            hasHopelessReaders = true
        }
        return finish(withOutcomes: false)
    }

    /// Whether another request of that priority may wait here.
    package func hasRoom(for priority: RequestPriority) -> Bool {
        waiting < configuration.queueLimit(priority)
    }

    /// Forgets a request; it gets no outcome.
    package mutating func cancel(_ id: RequestID, at now: Timestamp) -> [Action] {
        begin(at: now)
        turnedAway.removeAll { $0 == id }
        guard let request = requests[id] else { return finish(withOutcomes: false) }
        if case .sent = request.phase { actions.append(.abort(id)) }
        withdraw(id)
        forget(id)
        return finish(withOutcomes: false)
    }

    /// Gives a request a greater priority.
    ///
    /// One that is on the wire already stays as it is.
    package mutating func raise(
        _ id: RequestID, to priority: RequestPriority, at now: Timestamp
    ) -> [Action] {
        begin(at: now)
        guard let request = requests[id], request.priority < priority else {
            return finish(withOutcomes: false)
        }
        switch request.phase {
        case .queued:
            queue.remove(id, request.priority, request.call.lane)
            queue.append(id, priority, request.call.lane)
        case .paused, .sent: break
        }
        requests[id]?.priority = priority
        if priority == .waitingReader, outage != nil || token.refusal != nil {
            hasHopelessReaders = true
        }
        return finish(withOutcomes: false)
    }

    /// Bytes of content have arrived up to this offset in the file, and are stored: what has
    /// arrived is not asked for again.
    package mutating func received(
        _ id: RequestID, through end: Int64, at now: Timestamp
    ) -> [Action] {
        begin(at: now)
        guard let request = requests[id],
            case .content(let url, let range, let promised) = request.call,
            case .sent = request.phase, !range.isEmpty, end > range.lowerBound
        else { return finish(withOutcomes: false) }
        // One byte is left to ask for: an empty range would mean the whole file.
        let start = max(min(end, range.upperBound - 1), range.lowerBound)
        if start - range.lowerBound >= Self.progress { requests[id]?.failures = 0 }
        requests[id]?.call = .content(
            url: url, range: start..<range.upperBound, of: promised)
        reached()
        return finish(withOutcomes: false)
    }

    /// A request that was sent has been answered, or not.
    ///
    /// Answers to requests that were cancelled meanwhile are ignored.
    ///
    /// - Parameters:
    ///   - id: The request.
    ///   - result: What came back.
    ///   - random: Random bits, from which the lengths of pauses are made.
    ///   - now: The time.
    /// - Returns: What to do now.
    package mutating func responded(
        _ id: RequestID, _ result: Result<GraphAnswer, TransportFailure>, random: UInt64,
        at now: Timestamp
    ) -> [Action] {
        begin(at: now)
        jitter.stir(random)
        guard let request = requests[id], case .sent(let token) = request.phase else {
            return finish()
        }
        let wasProbe = withdraw(id)
        let sending = Sending(id: id, request: request, token: token, wasProbe: wasProbe)
        switch result {
        case .success(let answer): judge(answer, to: sending, at: now)
        case .failure(let failure): judge(failure, of: sending)
        }
        return finish()
    }

    /// What became of the wish for a token.
    package mutating func tokenAnswered(_ outcome: TokenOutcome, at now: Timestamp) -> [Action] {
        begin(at: now)
        let wasProbe = outage?.endProbe(.token) ?? false
        switch outcome {
        case .obtained(let expiry):
            token.renew(
                lifetime: expiry.map { $0.nanoseconds(since: now) }, elapsed: clock.elapsed)
            reached()
        case .refused(let reason):
            token.refuse(reason)
            reached()
        case .unavailable(let reason, let wish):
            token.postpone(
                from: clock.elapsed, wish: wish?.nanoseconds(from: now), random: jitter.next())
            // As long as the old one serves, nothing is lost.
            if token.usable(at: clock.elapsed) == nil {
                goOffline(.noToken(reason), wasProbe: wasProbe)
            }
        }
        return finish()
    }

    /// The time has come that ``nextTimer`` told.
    package mutating func timer(at now: Timestamp) -> [Action] {
        begin(at: now)
        return finish()
    }

    /// The addresses or routes of this machine have changed: what was out of reach may not be now.
    package mutating func networkChanged(at now: Timestamp) -> [Action] {
        begin(at: now)
        outage?.tryNow(clock.elapsed)
        return finish()
    }

    // MARK: What is known

    package var isOffline: Bool { outage != nil }

    /// How requests fare at present.
    ///
    /// What needs the user comes first.
    package var state: State {
        if let reason = token.refusal { return .signInNeeded(reason) }
        if let outage { return .offline(outage.cause) }
        if let end = rest.end(after: clock.elapsed) {
            return .throttled(until: clock.moment(at: end))
        }
        return .online
    }

    /// When ``timer(at:)`` should be called next, unless something else happens before.
    package var nextTimer: Timestamp? { nextDue.map(clock.moment(at:)) }

    /// How many requests are on the wire.
    package var onTheWire: Int { load.sentCount }

    /// How many requests wait to be sent.
    package var waiting: Int { requests.count - load.sentCount }

    private var nextDue: Int64? {
        if hasHopelessReaders || opensLater || !turnedAway.isEmpty { return clock.elapsed }
        var due = [pauses.first?.until, rest.end(after: clock.elapsed)]
        if let outage, outage.probe == nil, !queue.isEmpty { due.append(outage.nextProbe) }
        if queue.needsToken { due.append(token.postponedUntil) }
        return due.compactMap { $0 }.filter { $0 > clock.elapsed }.min()
    }

    // MARK: Steps

    private mutating func begin(at now: Timestamp) {
        clock.advance(to: now)
        opensLater = false
    }

    /// Does what the new state allows, and hands out what came of it.
    private mutating func finish(withOutcomes: Bool = true) -> [Action] {
        resumePaused()
        if withOutcomes {
            for id in turnedAway { actions.append(.deliver(id, .busy)) }
            turnedAway = []
            failHopelessReaders()
        }
        dispatch()
        let state = state
        if state != reportedState {
            reportedState = state
            actions.append(.changed(state))
        }
        let result = actions
        actions = []
        return result
    }
}
