/// From the queue to the wire.
extension RequestScheduler {
    /// A request that waits for its next attempt.
    struct Pause: Hashable, Sendable {
        var until: Int64
        var id: RequestID
    }

    /// Queues the paused requests whose time has come, before all others.
    mutating func resumePaused() {
        let due = pauses.prefix { $0.until <= clock.elapsed }
        guard !due.isEmpty else { return }
        pauses.removeFirst(due.count)
        for pause in due.reversed() { hold(pause.id) }
    }

    /// Sends what may be sent.
    mutating func dispatch() {
        guard rest.end(after: clock.elapsed) == nil else { return }
        guard outage == nil else {
            sendProbe()
            return
        }
        let number = token.usable(at: clock.elapsed)
        let usesToken = queue.needsToken
        for priority in RequestPriority.allCases.reversed() {
            while let id = nextToSend(priority, mayUseToken: number != nil) { send(id) }
        }
        if usesToken, token.ask(at: clock.elapsed) { actions.append(.obtainToken) }
    }

    /// The next request of a priority whose host may have another one.
    private mutating func nextToSend(_ priority: RequestPriority, mayUseToken: Bool) -> RequestID? {
        let reserve = configuration.reserve(priority)
        if mayUseToken, load.hasRoom(.graph, reserve: reserve),
            let id = queue.first(priority, mayOpenSession ? [.graph, .opening] : [.graph])
        {
            return id
        }
        guard load.hasRoom(.content, reserve: reserve) else { return nil }
        return queue.first(priority, [.upload]) ?? queue.first(priority, [.download])
    }

    private var mayOpenSession: Bool { !opensLater && load.mayOpenSession }

    /// Tries one thing while all else waits: what goes to Graph first, since that is what matters.
    private mutating func sendProbe() {
        guard let outage, outage.probe == nil, clock.elapsed >= outage.nextProbe else { return }
        if let id = queue.first(.graph) {
            if token.usable(at: clock.elapsed) != nil {
                self.outage?.begin(.request(id))
                send(id)
                return
            }
            if token.ask(at: clock.elapsed) {
                self.outage?.begin(.token)
                actions.append(.obtainToken)
                return
            }
        }
        if let id = queue.first(.content) {
            self.outage?.begin(.request(id))
            send(id)
        }
    }

    private mutating func send(_ id: RequestID) {
        guard var request = requests[id] else { return }
        queue.remove(id, request.priority, request.call.lane)
        switch request.call.authorization {
        case .bearer: request.phase = .sent(token: token.usable(at: clock.elapsed))
        case .none: request.phase = .sent(token: nil)
        }
        request.sent = clock.elapsed
        requests[id] = request
        load.noteSending(request.call.lane)
        actions.append(.send(id, request.call, request.priority))
    }

    /// Takes a request out of wherever it is; returns whether it was the probe of an outage.
    @discardableResult
    mutating func withdraw(_ id: RequestID) -> Bool {
        guard let request = requests[id] else { return false }
        switch request.phase {
        case .queued: queue.remove(id, request.priority, request.call.lane)
        case .paused: pauses.removeAll { $0.id == id }
        case .sent:
            load.noteReturn(request.call.lane)
            return outage?.endProbe(.request(id)) ?? false
        }
        return false
    }

    /// Queues a request again.
    mutating func hold(_ id: RequestID, behindOthers: Bool = false) {
        guard let request = requests[id] else { return }
        requests[id]?.phase = .queued
        if behindOthers {
            queue.append(id, request.priority, request.call.lane)
        } else {
            queue.prepend(id, request.priority, request.call.lane)
        }
    }

    /// Lets a request wait for so many nanoseconds before its next attempt.
    mutating func pause(_ id: RequestID, for length: Int64) {
        let pause = Pause(until: clock.elapsed.advanced(saturatingBy: length), id: id)
        requests[id]?.phase = .paused(until: pause.until)
        var low = 0
        var high = pauses.count
        while low < high {
            let middle = (low + high) / 2
            if pauses[middle].until <= pause.until { low = middle + 1 } else { high = middle }
        }
        pauses.insert(pause, at: low)
    }

    /// Forgets a request that has been withdrawn.
    mutating func forget(_ id: RequestID) {
        guard let request = requests.removeValue(forKey: id) else { return }
        load.noteEnd(request.call.lane)
    }

    /// Ends a request that has been withdrawn.
    mutating func deliver(_ id: RequestID, _ outcome: RequestOutcome) {
        switch requests[id]?.call.lane {
        case .opening, .upload: opensLater = true
        case .graph, .download, nil: break
        }
        forget(id)
        actions.append(.deliver(id, outcome))
    }

    /// Tells programs that wait for bytes that these will not come soon.
    mutating func failHopelessReaders() {
        hasHopelessReaders = false
        if outage != nil {
            var hasReader = false
            while let id = queue.first(.waitingReader, RequestLane.allCases) {
                withdraw(id)
                deliver(id, .offline)
                hasReader = true
            }
            for pause in pauses where requests[pause.id]?.priority == .waitingReader {
                withdraw(pause.id)
                deliver(pause.id, .offline)
                hasReader = true
            }
            if hasReader { outage?.hasten() }
        } else if token.refusal != nil, token.usable(at: clock.elapsed) == nil {
            while let id = queue.first(.waitingReader, RequestLane.all(of: .graph)) {
                withdraw(id)
                deliver(id, .signInNeeded)
            }
        }
    }
}
