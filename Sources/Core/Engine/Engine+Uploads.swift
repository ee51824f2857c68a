/// Bytes that go up.
extension Engine {
    mutating func upload(
        _ action: Action<RemoteChange>, _ node: Node, _ content: Content, to target: UploadTarget,
        at now: Timestamp
    ) {
        // An empty file that came from the cloud needs no content file before it is to go up.
        if node.generation == nil, content.size == 0 {
            _ = provideGeneration(for: node.id, at: now)
        }
        guard let node = tree[node.id], let generation = node.generation,
            let modified = node.local?.modified, generations[generation]?.isComplete == true
        else { return }
        switch UploadWay.choose(
            size: content.size, driveKind: cloud.driveKind,
            refused: refusedWays[node.id])
        {
        case .simple:
            giveUpSavedSession(of: node.id, at: now)
            begin(action, node, .requested)
            request(
                .uploadSmall(target, generation: generation, size: content.size), for: node.id,
                at: now)
        case .session:
            let target = guardedAnew(target, node)
            let upload = UploadSession.identity(content, modified: modified, target: target)
            if let saved = savedSessions[node.id], saved.upload == upload {
                savedSessions[node.id] = nil
                begin(action, node, .openingSession)
                operations[node.id]?.session = saved.url
                operations[node.id]?.upload = upload
                askSession(saved.url, of: node.id, at: now)
                return
            }
            giveUpSavedSession(of: node.id, at: now)
            begin(action, node, .openingSession)
            operations[node.id]?.upload = upload
            request(
                .createSession(target, size: content.size, modified: modified), for: node.id,
                at: now)
        }
    }

    /// A session for an item whose last one was refused at its end.
    ///
    /// Opening a session can change the eTag that it is to find at its end, but not the cTag, which
    /// stands for the bytes that must not be overwritten unseen.
    private func guardedAnew(_ target: UploadTarget, _ node: Node) -> UploadTarget {
        guard refusedWays[node.id] != nil, case .replacing(let id, let tag) = target else {
            return target
        }
        return .replacing(id, ifMatch: node.item?.cTag ?? tag)
    }

    // MARK: Sessions

    mutating func sessionOpened(_ session: UploadSession, of id: NodeID, at now: Timestamp) {
        operations[id]?.session = session.url
        let upload = operations[id]?.upload ?? ""
        records.append(.session(id, SavedSession(url: session.url, upload: upload)))
        goOn(id, session.url, from: session.nextOffset ?? 0, at: now)
    }

    /// The session has everything up to that offset.
    mutating func uploadGoesOn(
        _ operation: Operation, _ id: NodeID, from offset: Int64, at now: Timestamp
    ) {
        switch operation.stage {
        case .sending(let url, _):
            let taken = now.nanoseconds(since: operation.fragmentBegan ?? now)
            operations[id]?.pace.tookFragment(in: taken)
            goOn(id, url, from: offset, at: now)
        case .asking(let url): goOn(id, url, from: offset, at: now)
        case .requested, .openingSession, .observing: break
        }
    }

    private mutating func goOn(
        _ id: NodeID, _ url: String, from offset: Int64, at now: Timestamp
    ) {
        // What gets on has not failed in vain: the next pause is a short one again.
        if operations[id]?.pace.arrived(through: offset) == true { setbacks[id] = nil }
        guard let operation = operations[id] else { return }
        if operation.pace.needsPause {
            goOnLater(operation, id, url, at: now)
        } else {
            sendFragment(of: id, url, from: offset, at: now)
        }
    }

    /// Ends an operation for a while; its session waits to be gone on with.
    mutating func goOnLater(
        _ operation: Operation, _ id: NodeID, _ url: String, at now: Timestamp
    ) {
        savedSessions[id] = SavedSession(url: url, upload: operation.upload)
        operations[id]?.session = nil
        end(operation, of: id, at: now)
        setBack(id, .retry, at: now, longest: UploadPace.longestPause)
    }

    private mutating func sendFragment(
        of id: NodeID, _ url: String, from offset: Int64, at now: Timestamp
    ) {
        guard let operation = operations[id], let generation = operation.generation,
            let size = operation.uploadSize
        else { return }
        guard !isPointless(operation, id) else {
            end(operation, of: id, at: now)
            tree.update(id) { $0.sent = nil }
            requestPlan(at: now)
            return
        }
        guard offset < size else {
            // The session has all bytes and has not said what became of them.
            lookAtItem(of: id, at: now)
            return
        }
        operations[id]?.stage = .sending(url: url, offset: offset)
        operations[id]?.fragmentBegan = now
        let range = UploadWay.fragment(from: offset, total: size, size: operation.pace.fragmentSize)
        request(
            .fragment(url: url, generation: generation, range: range, total: size), for: id,
            at: now)
    }

    /// Whether the bytes that go up are not wanted any more: the file is gone here.
    ///
    /// One that was changed meanwhile goes up to the end all the same, since a file that changes
    /// all the time would never arrive otherwise.
    private func isPointless(_ operation: Operation, _ id: NodeID) -> Bool {
        tree.local(id) == nil
    }

    /// Asks a session what it has.
    mutating func askSession(_ url: String, of id: NodeID, at now: Timestamp) {
        operations[id]?.stage = .asking(url: url)
        request(.sessionStatus(url: url), for: id, at: now)
    }

    // MARK: Sessions of an earlier run

    /// Takes a session of an earlier run back, if there is one and it is not needed.
    mutating func giveUpSavedSession(of id: NodeID, at now: Timestamp) {
        guard let saved = savedSessions.removeValue(forKey: id) else { return }
        records.append(.session(id, nil))
        cancelSession(saved.url, at: now)
    }

    /// Takes those back whose files need no upload any more.
    mutating func giveUpNeedlessSessions(at now: Timestamp) {
        for id in savedSessions.keys.sorted() where tree.local(id) == nil || !tree.differs(id) {
            giveUpSavedSession(of: id, at: now)
        }
    }
}

extension Operation {
    /// Whether an upload session is open, or about to be.
    var isInSession: Bool {
        switch stage {
        case .openingSession, .sending, .asking: true
        case .requested, .observing: false
        }
    }

    /// The bytes that the change carries to the cloud.
    var sentContent: Content? {
        switch change {
        case .createFile(_, let content), .replaceContent(let content, _): content.settled
        case .createDirectory, .move, .park, .setTime, .delete: nil
        }
    }

    /// In bytes.
    var uploadSize: Int64? { sentContent?.size }
}

extension UploadSession {
    /// Tells uploads apart: the same bytes with the same time to the same place.
    ///
    /// The tag that was asked for is left out: opening a session may change it, and the service
    /// looks at it again at the end.
    static func identity(
        _ content: Content, modified: Timestamp, target: UploadTarget
    ) -> String {
        let place =
            switch target {
            case .new(let parent, let name): "new \(parent.rawValue) \(name)"
            case .replacing(let item, _): "version \(item.rawValue)"
            }
        let bytes = content.hash?.base64 ?? ""
        return "\(bytes) \(content.size) \(modified.nanoseconds) \(place)"
    }
}
