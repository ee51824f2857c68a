/// Changes of the cloud, from the first request to the outcome.
extension Engine {
    /// The pause before the first repetition, in nanoseconds; it doubles up to the longest.
    private static let firstPause: Int64 = 2_000_000_000
    private static let longestPause: Int64 = 15 * 60 * 1_000_000_000

    mutating func start(_ action: Action<RemoteChange>, at now: Timestamp) {
        let id = action.node
        guard operations[id] == nil, let node = tree[id] else { return }
        switch action.change {
        case .createDirectory(let place):
            guard let (parent, name) = target(of: place) else { return }
            begin(action, node, .requested)
            request(.createDirectory(parent: parent, name: name), for: id, at: now)
        case .createFile(let place, let content):
            guard let (parent, name) = target(of: place) else { return }
            upload(action, node, content, to: .new(parent: parent, name: name), at: now)
        case .replaceContent(let content, let tag):
            guard let item = node.item else { return }
            upload(action, node, content, to: .replacing(item.id, ifMatch: tag), at: now)
        case .move(let place, let tag):
            move(action, node, to: place, tag, at: now)
        case .park(let name, let tag):
            guard let item = node.item else { return }
            begin(action, node, .requested)
            request(
                .change(item.id, ItemChange(name: name.string, ifMatch: tag)), for: id, at: now)
        case .setTime(let time, let tag):
            guard let item = node.item else { return }
            begin(action, node, .requested)
            request(.change(item.id, ItemChange(modified: time, ifMatch: tag)), for: id, at: now)
        case .delete(let tag):
            guard let item = node.item else { return }
            begin(action, node, .requested)
            let isFutile = refusedDeletions[id].map { $0.tag == tag && $0.isBelieved } ?? false
            request(.delete(item.id, ifMatch: isFutile ? nil : tag), for: id, at: now)
        }
    }

    private mutating func move(
        _ action: Action<RemoteChange>, _ node: Node, to place: Place, _ tag: Tag?,
        at now: Timestamp
    ) {
        guard let item = node.item, let (parent, name) = target(of: place) else { return }
        let old = node.remote.facts?.place
        begin(action, node, .requested)
        // The time goes along, since a move sets it anew otherwise; that of an edit only with its bytes.
        let isEdited = node.local?.content != node.remote.facts?.content
        let modified = isEdited ? node.remote.facts?.modified : node.local?.modified
        let change = ItemChange(
            name: old?.name == place.name ? nil : name,
            parent: old?.parent == place.parent ? nil : parent,
            modified: node.kind == .file ? modified : nil, ifMatch: tag)
        request(.change(item.id, change), for: node.id, at: now)
    }

    /// The item of the directory, and the name as the cloud spells it.
    private func target(of place: Place) -> (parent: ItemID, name: String)? {
        guard let parent = containerItem(of: place.parent),
            case .name(let name) = NameMapping.remoteName(
                for: place.name, atRoot: place.parent == .root)
        else { return nil }
        return (parent, name)
    }

    /// Notes what is about to be sent, in the database too, before it is.
    mutating func begin(
        _ action: Action<RemoteChange>, _ node: Node, _ stage: Operation.Stage
    ) {
        let generation: GenerationID? =
            switch action.change {
            case .createFile, .replaceContent: node.generation
            case .createDirectory, .move, .park, .setTime, .delete: nil
            }
        let number = OperationID(rawValue: newNumber())
        operations[node.id] = Operation(
            id: number, change: action.change, facts: node.local, cTag: node.item?.cTag,
            generation: generation, stage: stage)
        operations[node.id]?.pace = UploadPace(afterPauses: setbacks[node.id]?.attempts ?? 0)
        operationOwners[number] = node.id
        if let content = operations[node.id]?.sentContent {
            operations[node.id]?.isMaybeDone = node.sent?.content == content
        }
        if let generation { frozen[generation, default: 0] += 1 }
        forgetVacated(by: node.id)
        let sent = node.sentFacts(with: action.change)
        tree.update(node.id) { $0.sent = sent }
        if node.item == nil, let sent { noteUnanswered(sent, of: node.id) }
    }

    /// Remembers what was sent to become a new item, until it is told of.
    mutating func noteUnanswered(_ facts: Facts, of id: NodeID) {
        var unanswered = self.unanswered[facts.place] ?? Unanswered(node: id)
        if unanswered.node != id { unanswered = Unanswered(node: id) }
        unanswered.add(facts)
        self.unanswered[facts.place] = unanswered
    }

    mutating func request(_ call: GraphCall, for id: NodeID, at now: Timestamp) {
        guard let operation = operations[id]?.id else { return }
        // Whatever becomes of it, the item may be another one then.
        if !call.isRepeatable, let item = tree[id]?.item?.id {
            noteChangeOfCheckout(item, at: now)
        }
        submit(
            call, for: .operation(operation), planning.isHurried ? .foreground : .background,
            at: now)
    }

    // MARK: Outcomes

    /// The answer to a request of an operation.
    mutating func operationAnswered(
        _ number: OperationID, _ outcome: RequestOutcome, at now: Timestamp
    ) {
        guard let id = operationOwners[number], let operation = operations[id] else { return }
        switch outcome {
        case .answer(.item(let item)):
            if operation.stage == .observing, !operation.isAcknowledged {
                end(operation, of: id, at: now)
                observeOutcome(item, of: id, operation, at: now)
            } else {
                succeeded(operation, id, item, at: now)
            }
        case .answer(.session(let session)):
            sessionOpened(session, of: id, at: now)
        case .answer(.progress(let next)):
            uploadGoesOn(operation, id, from: next, at: now)
        case .answer(.done): done(operation, id, at: now)
        case .answer(.failure(let failure)): failed(operation, id, failure, at: now)
        case .answer(.drive), .answer(.drives), .answer(.page), .answer(.listing),
            .answer(.location), .answer(.content), .answer(.otherContent):
            end(operation, of: id, at: now)
            setBack(id, .retry, at: now)
        case .ambiguous:
            // A session is opened without any bytes.
            if operation.stage != .openingSession { operations[id]?.isMaybeDone = true }
            lookAgain(operation, id, at: now)
        case .offline, .busy, .failed, .signInNeeded: tryLater(operation, id, at: now)
        }
    }

    /// The change is in the cloud, and this is the item as it is now.
    private mutating func succeeded(
        _ operation: Operation, _ id: NodeID, _ item: RemoteItem, at now: Timestamp
    ) {
        let before = tree[id]?.remote.facts?.content
        adoptItem(item.id, by: id)
        observe(item, at: now)
        recognizeBytes(of: item, sentBy: operation)
        keepBytes(of: id, before, through: operation)
        noteAnswer(about: item.id)
        let remote = tree[id]?.remote.facts
        let arrival = arrival(of: operation, id, as: remote)
        tree.update(id) { node in
            let before = node.synced
            node.acknowledge(operation.change, remote)
            switch arrival {
            case .asSent, .changed, .rewritten: break
            // The plan then finds an edit of this device alone, and sends it again.
            case .damaged: if let content = remote?.content { node.synced?.content = content }
            // The plan then finds edits of both sides, and keeps both.
            case .doubtful: node.synced = before
            }
        }
        if arrival == .rewritten { rewritten[item.id] = remote?.content }
        end(operation, of: id, isDone: true, at: now)
        refusedWays[id] = nil
        setbacks[id] = nil
        advanceSynced(id)
        noteEvictable(at: now)
        requestPlan(at: now)
    }

    /// Binds a node to the item that was made for it.
    ///
    /// A page of changes may have told of the item before its own reply came.
    private mutating func adoptItem(_ item: ItemID, by id: NodeID) {
        if let place = tree[id]?.sent?.place, unanswered[place]?.node == id {
            unanswered[place] = nil
        }
        if let other = tree.node(for: item), other != id {
            guard tree.local(other) == nil else { return }
            tree.remove(other)
            moveRemoteChildren(from: other, to: id)
        }
        tree.update(id) { node in
            if node.item?.id != item { node.item = Item(id: item) }
        }
    }

    /// Whatever was asked for before may tell of the item as it was.
    mutating func noteAnswer(about item: ItemID) {
        let number = RequestID(rawValue: newNumber())
        // A round may consist of several requests; what counts for it is the first.
        let began = cloud.chain.map { [$0.began] } ?? []
        cloud.noteAnswer(about: item, number, oldest: (began + requests.keys).min())
    }

    private mutating func done(_ operation: Operation, _ id: NodeID, at now: Timestamp) {
        switch operation.change {
        case .delete: deleted(id, at: now)
        case .createDirectory, .createFile, .replaceContent, .move, .park, .setTime:
            // A success without an item, which has to be looked at: whatever it is, it came of this.
            // With the last bytes a session is over.
            if operation.session != nil { records.append(.session(id, nil)) }
            operations[id]?.session = nil
            operations[id]?.isAcknowledged = true
            if let sent = tree[id]?.sent, unanswered[sent.place]?.node == id {
                unanswered[sent.place]?.acknowledged = sent
            }
            lookAtItem(of: id, at: now)
        }
    }

    /// The item is in the recycle bin, with everything that was inside.
    private mutating func deleted(_ id: NodeID, at now: Timestamp) {
        if let operation = operations[id] { end(operation, of: id, at: now) }
        if let item = tree[id]?.item?.id {
            noteAnswer(about: item)
        }
        var inside: [NodeID: [NodeID]] = [:]
        for other in tree.differing {
            guard let parent = tree[other]?.remote.facts?.place.parent else { continue }
            inside[parent, default: []].append(other)
        }
        var pending = [id]
        while let current = pending.popLast() {
            pending += inside[current] ?? []
            setbacks[current] = nil
            tree.update(current) { node in
                node.remote = .absent
                node.sent = nil
                if node.local == nil {
                    node.synced = nil
                    node.item = nil
                }
            }
        }
        requestPlan(at: now)
    }

    /// What happened is not known, or not as expected: the item is looked at before anything else.
    mutating func lookAgain(_ operation: Operation, _ id: NodeID, at now: Timestamp) {
        switch operation.stage {
        case .sending(let url, _):
            operations[id]?.pace.lostFragment()
            askSession(url, of: id, at: now)
            return
        case .observing:
            end(operation, of: id, at: now)
            setBack(id, .retry, at: now)
            return
        case .requested, .openingSession, .asking: break
        }
        lookAtItem(of: id, at: now)
    }

    mutating func lookAtItem(of id: NodeID, at now: Timestamp) {
        guard let operation = operations[id] else { return }
        operations[id]?.stage = .observing
        if let item = tree[id]?.item?.id {
            request(.item(item), for: id, at: now)
        } else if let place = operation.facts?.place, let (parent, name) = target(of: place) {
            request(.child(of: parent, named: name), for: id, at: now)
        } else {
            end(operation, of: id, at: now)
            setBack(id, .retry, at: now)
        }
    }

    /// The item as it is after a change whose outcome was unknown.
    ///
    /// The plan finds out what that means: our own echo, somebody else's change, or nothing.
    private mutating func observeOutcome(
        _ item: RemoteItem, of id: NodeID, _ operation: Operation, at now: Timestamp
    ) {
        observe(item, at: now)
        if operation.isMaybeDone { recognizeBytes(of: item, sentBy: operation) }
        setBack(id, .retry, at: now, isShort: true)
        requestPlan(at: now)
    }

    private mutating func failed(
        _ operation: Operation, _ id: NodeID, _ failure: GraphFailure, at now: Timestamp
    ) {
        if failure.kind.isRefusal { forgetSentBytes(of: operation, id) }
        switch failure.kind {
        case .nameTaken, .preconditionFailed:
            noteRefusal(of: operation.change, id, at: now)
            if operation.isInSession {
                // Opening a session can change the very tag that the last fragment is to find: then
                // no session ever succeeds, and one request must do.
                refusedWays[id] = .session
                giveUpSession(of: id, at: now)
            }
            lookAgain(operations[id] ?? operation, id, at: now)
        case .notFound: notFound(operation, id, at: now)
        case .rangeNotSatisfiable, .addressExpired: lookAgain(operation, id, at: now)
        case .locked:
            // An item for which another session is open; maybe one that no reply has told of.
            if failure.status == 409 { refusedWays[id] = .session }
            end(operation, of: id, at: now)
            setBack(id, .lockedRemotely, at: now)
        case .quota:
            end(operation, of: id, at: now)
            if !setbacks.values.contains(where: { $0.cause == .quota }) {
                effects.append(.report(.quotaReached(path: displayPath(of: id))))
            }
            setBack(id, .quota, at: now)
        case .tooLarge where operation.sentContent != nil && refusedWays[id] != .simple:
            shorten(operation, id, at: now)
        case .forbidden, .badRequest, .tooLarge, .malware, .notSupported:
            end(operation, of: id, at: now)
            // It may be the plan that was outdated: moves into each other from both sides are refused
            // to whoever comes second.
            setBack(id, .refused(failure.message), at: now, isShort: operation.change.isMove)
            effects.append(
                .report(.failed(path: displayPath(of: id), message: failure.message)))
        case .gone, .throttled, .serverFault, .unauthenticated, .notGraph, .unreadable:
            tryLater(operation, id, at: now)
        }
    }

    /// It did not work now; what an upload session has taken is kept.
    private mutating func tryLater(_ operation: Operation, _ id: NodeID, at now: Timestamp) {
        switch operation.stage {
        case .sending(let url, _), .asking(let url): goOnLater(operation, id, url, at: now)
        case .requested, .openingSession, .observing:
            end(operation, of: id, at: now)
            setBack(id, .retry, at: now)
        }
    }

    private mutating func noteRefusal(of change: RemoteChange, _ id: NodeID, at now: Timestamp) {
        guard case .delete(let tag?) = change else { return }
        // Somebody may have changed what is inside: that is asked for before the next attempt.
        if tree.kind(id)?.isContainer == true { awaitRound(beforeRemoving: id, at: now) }
        if refusedDeletions[id]?.tag == tag {
            refusedDeletions[id]?.count += 1
        } else {
            refusedDeletions[id] = RefusedDeletion(tag: tag)
        }
    }

    /// The service does not take so many bytes in one request.
    private mutating func shorten(_ operation: Operation, _ id: NodeID, at now: Timestamp) {
        if operation.isInSession {
            lookAgain(operation, id, at: now)
        } else {
            refusedWays[id] = .simple
            end(operation, of: id, at: now)
            setBack(id, .retry, at: now, isShort: true)
        }
    }

    /// An upload cannot go on: what is left of it is the question what the cloud holds now.
    private mutating func giveUpSession(of id: NodeID, at now: Timestamp) {
        if let session = operations[id]?.session {
            records.append(.session(id, nil))
            cancelSession(session, at: now)
        }
        operations[id]?.session = nil
        operations[id]?.stage = .requested
    }

    /// The item, its directory, or the upload session is not there.
    ///
    /// The service says so of items that exist, too: only a report of the deletion, or being told
    /// so repeatedly, is believed.
    private mutating func notFound(_ operation: Operation, _ id: NodeID, at now: Timestamp) {
        switch operation.stage {
        case .sending, .asking, .openingSession:
            end(operation, of: id, at: now)
            setBack(id, .retry, at: now)
            return
        case .requested, .observing: break
        }
        end(operation, of: id, at: now)
        setBack(id, .retry, at: now, isAbsence: true)
        let isBelieved = (setbacks[id]?.absences ?? 0) >= Self.absencesBelieved
        if case .delete = operation.change {
            if isBelieved { deleted(id, at: now) }
        } else if operation.stage == .observing, tree[id]?.item != nil, isBelieved {
            markAbsent([id])
        }
        cloud.nextPoll = now
        setTimer(now)
    }

    private static let absencesBelieved = 4

    mutating func setBack(
        _ id: NodeID, _ cause: DeferralCause, at now: Timestamp, isShort: Bool = false,
        isAbsence: Bool = false, longest: Int64 = Self.longestPause
    ) {
        let attempts = (setbacks[id]?.attempts ?? 0) + 1
        let pause =
            isShort && attempts == 1
            ? 0 : min(Self.firstPause << Int64(min(attempts - 1, 12)), longest)
        let until = now.advanced(byNanoseconds: pause)
        setbacks[id] = Setback(
            cause: cause, attempts: attempts, until: until,
            absences: isAbsence ? (setbacks[id]?.absences ?? 0) + 1 : 0)
        // The plan says why it waits, and asks for the next one when it may go on.
        requestPlan(at: now)
    }

    /// An operation is over; the bytes that it froze are free.
    mutating func end(
        _ operation: Operation, of id: NodeID, isDone: Bool = false, at now: Timestamp
    ) {
        let session = operations[id]?.session
        let isRefused = operations[id]?.isRefused == true
        operations[id] = nil
        operationOwners[operation.id] = nil
        if let generation = operation.generation, let count = frozen[generation] {
            frozen[generation] = count > 1 ? count - 1 : nil
        }
        if let session {
            records.append(.session(id, nil))
            if !isDone { cancelSession(session, at: now) }
        }
        if let generation = operation.generation, let owner = generations[generation]?.node,
            tree[id]?.generation != generation, tree[owner]?.generation != generation
        {
            dropGeneration(generation, at: now)
        } else if let node = tree[id], node.local == nil {
            discardUnneeded(node, at: now)
        }
        if isRefused { tree.update(id) { $0.sent = nil } }
    }
}

extension RemoteChange {
    fileprivate var isMove: Bool {
        switch self {
        case .move: true
        case .createDirectory, .createFile, .replaceContent, .park, .setTime, .delete: false
        }
    }
}
