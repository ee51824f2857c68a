import Core
import GraphSimulator

/// What happens to what the clients ask for.
extension World {
    /// Brings a flight one stretch further: to the service, or back.
    mutating func move(_ number: Int, _ index: Int) {
        var flight = devices[number].flights.remove(at: index)
        switch flight.errand {
        case .token: obtainToken(number)
        case .hash(let request): hash(request, number)
        case .announcement(let node): step(number) { engine, _ in engine.announced(node) }
        case .measureSpace: step(number) { $0.spaceMeasured(free: nil, at: $1) }
        case .synchronizeContent:
            devices[number].disk.synchronizeAll()
            step(number) { $0.contentSynchronized(isDurable: true, at: $1) }
        case .request(let transmission):
            guard let arrival = flight.arrival else {
                flight.arrival = handle(transmission, number)
                flight.age = newAge()
                devices[number].flights.append(flight)
                return
            }
            deliver(arrival, to: transmission, number)
        }
    }

    private mutating func obtainToken(_ number: Int) {
        if isHostile, scenario.settings.faults.contains(.noToken), faults.isOne(in: 4) {
            devices[number].recentFaults.insert(.noToken)
            trace.note("client \(number) gets no token")
            step(number) { $0.tokenAnswered(.unavailable("trouble"), at: $1) }
            return
        }
        devices[number].token = service.issueTokens(now: now).access
        step(number) { $0.tokenAnswered(.obtained(), at: $1) }
    }

    private mutating func hash(_ request: HashRequest, _ number: Int) {
        if request.revision != nil { devices[number].disk.synchronize(request.generation) }
        let bytes = devices[number].disk[request.generation]
            .flatMap { $0.count >= request.size ? Array($0.prefix(Int(request.size))) : nil }
        var hash = bytes.map(QuickXorHash.hash(of:))
        mutant?.change(&hash, of: request, devices[number].engine)
        step(number) { $0.hashed(request, hash, at: $1) }
    }

    private mutating func deliver(
        _ arrival: Flight.Arrival, to transmission: Transmission, _ number: Int
    ) {
        if case .content(let generation, _) = transmission.sink, let part = arrival.part,
            !arrival.bytes.isEmpty
        {
            devices[number].disk.write(arrival.bytes, to: generation, at: Int(part.start))
            if case .failure = arrival.result {
                let stored = part.start..<part.start + Int64(arrival.bytes.count)
                let outcome = step(number) { $0.received(transmission.id, part, stored, at: $1) }
                if case .ended = outcome { return }
            }
        }
        var result = arrival.result
        mutant?.change(
            &result, to: transmission.call, &devices[number].mutantMemory,
            devices[number].engine, at: now)
        if case .success(.page(let page)) = result {
            coverage.note(page, devices[number].engine.tree, devices[number].recentFaults)
        }
        step(number) { $0.responded(transmission.id, result, random: 7, at: $1) }
    }

    // MARK: The service

    /// Lets the service handle a request; returns what comes back.
    @discardableResult
    mutating func handle(_ transmission: Transmission, _ number: Int) -> Flight.Arrival {
        let fault = fault(for: transmission.call, number)
        if let fault {
            devices[number].recentFaults.insert(fault)
            trace.note("client \(number): \(fault.rawValue)")
        }
        switch fault {
        case .dropped:
            return Flight.Arrival(result: .failure(.connectionLost(sentEverything: false)))
        case .unreachable: return Flight.Arrival(result: .failure(.cannotConnect))
        case .some, nil: break
        }
        if let script = fault?.script(for: transmission.call) { service.inject(script) }
        var call = transmission.call
        mutant?.change(&call, devices[number].engine)
        guard var request = request(for: call, number) else {
            return Flight.Arrival(result: .failure(.aborted))
        }
        mutant?.change(&request)
        let victims = filesToGo(with: call, number)
        let moving = moving(by: call)
        let response = service.handle(request, now: now)
        service.clearFaults()
        trace.fold(request, response)
        trace.note(
            "client \(number) \(request.method) \(request.target.prefix(90)) \(response.status)")
        if (200..<300).contains(response.status) {
            excuse(victims)
            if let moving { check(moving, number) }
        }
        return arrival(of: response, transmission, fault)
    }

    private func request(for call: GraphCall, _ number: Int) -> SimulatedRequest? {
        let request = Self.endpoint.request(for: call)
        let rest = request.http.url.dropFirst("http://".count)
        let host = rest.prefix { $0 != "/" }
        var headers = request.http.headers
        if request.authorization == .bearer {
            headers.append(HTTPHeader("Authorization", "Bearer \(devices[number].token)"))
        }
        var body: [UInt8] = []
        switch request.http.body {
        case .none: break
        case .bytes(let bytes): body = bytes
        case .content(let source):
            guard let bytes = devices[number].disk[GenerationID(rawValue: source.generation)],
                bytes.count >= source.offset + source.count
            else { return nil }
            body = Array(bytes[Int(source.offset)..<Int(source.offset + source.count)])
        }
        return SimulatedRequest(
            method: request.http.method.rawValue, target: String(rest.dropFirst(host.count)),
            host: String(host), headers: headers, body: body)
    }

    private mutating func arrival(
        of response: SimulatedResponse, _ transmission: Transmission, _ fault: FaultKind?
    ) -> Flight.Arrival {
        if fault == .timeout { return Flight.Arrival(result: .failure(.timedOut)) }
        if response.delivery.dropsConnection {
            return Flight.Arrival(result: .failure(.connectionLost(sentEverything: true)))
        }
        var bytes = response.bytes
        var isCut = false
        if let end = response.delivery.cutAfter, UInt64(bytes.count) > end {
            bytes = Array(bytes.prefix(Int(end)))
            isCut = true
        }
        var headers = response.headers
        if response.status != 204, !headers.contains(where: { $0.name == "Content-Length" }) {
            headers.append(HTTPHeader("Content-Length", String(response.bytes.count)))
        }
        let answer = HTTPResponse(status: response.status, headers: headers, body: bytes)
        guard case .content = transmission.sink,
            mutant == .errorBodyStored || (200..<300).contains(response.status)
        else {
            if isCut {
                return Flight.Arrival(result: .failure(.connectionLost(sentEverything: true)))
            }
            return Flight.Arrival(
                result: .success(GraphAnswer(to: transmission.call, answer)))
        }
        return arrivalOfBytes(answer, transmission, fault, isCut: isCut)
    }

    /// The head of an answer decides whether its body is stored.
    private mutating func arrivalOfBytes(
        _ answer: HTTPResponse, _ transmission: Transmission, _ fault: FaultKind?, isCut: Bool
    ) -> Flight.Arrival {
        var bytes = answer.body
        var head = answer
        head.body = []
        // What comes in place of the service does not always say that it is a page.
        if fault == .portal, faults.isOne(in: 2) {
            head.headers.removeAll { $0.isNamed("Content-Type") }
        }
        let verdict =
            mutant?.storedAnswer(to: transmission.call) ?? GraphAnswer(to: transmission.call, head)
        guard case .content(let part) = verdict else {
            return Flight.Arrival(result: .success(verdict))
        }
        // Where the service tells no hash, nobody could know.
        let isVerified = scenario.settings.oddities.isDisjoint(with: [.hashesMissing, .hashesLate])
        if fault == .corruptBytes, isVerified, !bytes.isEmpty {
            // Never twice in the same way: that would be how the service serves the file.
            damageCount += 1
            bytes[0] ^= UInt8(1 + damageCount % 255)
        }
        return Flight.Arrival(
            result: isCut ? .failure(.connectionLost(sentEverything: true)) : .success(verdict),
            bytes: bytes, part: part)
    }

    // MARK: Faults

    private mutating func fault(for call: GraphCall, _ number: Int) -> FaultKind? {
        guard isHostile, !scenario.settings.faults.isEmpty,
            faults.isOne(in: scenario.settings.faultOdds)
        else { return nil }
        let kinds = scenario.settings.faults.filter { $0.canHit(call) }
            .sorted { $0.rawValue < $1.rawValue }
        return faults.element(of: kinds)
    }

    // MARK: Deletions of folders

    /// The files that a deletion takes along although the client does not know that they are there,
    /// or not as they are.
    ///
    /// The service has no condition for what lies in a folder, so this cannot be kept from happening;
    /// they are in the recycle bin.
    private func filesToGo(with call: GraphCall, _ number: Int) -> [[UInt8]] {
        guard case .delete(let item, _) = call else { return [] }
        let tree = devices[number].engine.tree
        return service.files(below: item.rawValue).compactMap { file in
            guard file.id != item.rawValue else { return nil }
            let known = tree.node(for: ItemID(rawValue: file.id)).flatMap { tree[$0] }
            let facts = known?.remote.facts ?? known?.synced
            let isKnown = facts?.content?.hash == file.content.quickXorHash
            return isKnown && lies(facts, in: item, tree) ? nil : file.content.bytes
        }
    }

    /// Whether a client believes that the cloud holds something in a folder, at whatever depth.
    private func lies(_ facts: Facts?, in folder: ItemID, _ tree: Tree) -> Bool {
        var current = facts
        for _ in 0...tree.count {
            guard let parent = current?.place.parent, parent != .root else { return false }
            if tree[parent]?.item?.id == folder { return true }
            current = tree[parent]?.remote.facts ?? tree[parent]?.synced
        }
        return false
    }

    private mutating func excuse(_ victims: [[UInt8]]) {
        for bytes in victims { ledger.release(bytes) }
    }
}

extension FaultKind {
    /// Whether it makes sense for this request.
    fileprivate func canHit(_ call: GraphCall) -> Bool {
        switch self {
        case .lostReply, .dropped, .unreachable, .timeout, .doneThenFault, .unavailable,
            .throttled, .portal, .cutBody:
            true
        case .duplicateEntries, .shuffledEntries: if case .delta = call { true } else { false }
        case .notFound: if case .item = call { true } else { false }
        case .preconditionFailed, .lockedItem:
            switch call {
            case .change, .delete, .uploadSmall, .createSession: true
            case .drive, .libraries, .rootItem, .delta, .children, .item, .child,
                .createDirectory, .fragment, .sessionStatus, .cancelSession, .contentLocation,
                .checkoutState, .checkOut, .checkIn, .discardCheckout,
                .thumbnailLocation, .content:
                false
            }
        case .quota:
            switch call {
            case .uploadSmall, .createSession, .fragment: true
            case .drive, .libraries, .rootItem, .delta, .children, .item, .child,
                .createDirectory, .sessionStatus, .cancelSession, .change, .delete,
                .checkoutState, .checkOut, .checkIn, .discardCheckout,
                .contentLocation, .thumbnailLocation, .content:
                false
            }
        case .corruptBytes: if case .content = call { true } else { false }
        case .resync, .expiredToken, .noToken, .expiredSessions, .lostTombstone, .kill,
            .powerFailure, .clockJump:
            false
        }
    }

    /// What the service is told to do.
    fileprivate func script(for call: GraphCall) -> Fault? {
        let action: Fault.Action? =
            switch self {
            case .lostReply: .loseReply
            case .doneThenFault: .executeThenRespond(status: 500, code: "generalException")
            case .unavailable: .respond(status: 503, code: "serviceNotAvailable")
            case .throttled:
                .respond(status: 429, code: "activityLimitReached", retryAfter: "1.25")
            case .portal: .respondText(status: 200, body: "<html><body>Sign in</body></html>")
            case .cutBody: .cutBody(after: 9)
            case .duplicateEntries: .duplicateEntries
            case .shuffledEntries: .shuffleEntries
            case .notFound: .respond(status: 404, code: "itemNotFound")
            case .preconditionFailed: .respond(status: 412, code: "preconditionFailed")
            case .lockedItem: .respond(status: 423, code: "resourceLocked")
            case .quota: .respond(status: 507, code: "quotaLimitReached")
            case .dropped, .unreachable, .timeout, .corruptBytes, .resync, .expiredToken,
                .noToken, .expiredSessions, .lostTombstone, .kill, .powerFailure, .clockJump:
                nil
            }
        return action.map { Fault($0) }
    }
}
