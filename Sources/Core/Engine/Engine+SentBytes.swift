/// What became of the bytes that went up.
extension Engine {
    /// What the cloud holds, compared with what was sent.
    enum Arrival {
        case asSent
        /// What the service made of them, as it does with files of this kind.
        case rewritten
        /// Other bytes: the service means what it does, or somebody has changed them since.
        case changed
        /// Other bytes, for no known reason: maybe a fault on the way.
        case damaged
        /// Damaged, or changed by somebody since: the two cannot be told apart.
        case doubtful
    }

    /// Whether the cloud holds the bytes that were sent.
    ///
    /// Those here were written by a program; they are not given up for what may be a fault on the
    /// way. If they arrive changed once more, the service means it. But only the answer to the upload
    /// itself tells what became of it: whoever looks later may see what somebody else has made of the
    /// file, and must not replace it.
    mutating func arrival(
        of operation: Operation, _ id: NodeID, as facts: Facts?
    ) -> Arrival {
        guard let sent = operation.sentContent, sent.hash != nil else { return .asSent }
        guard let facts, let remote = facts.content, remote != sent,
            remote.hash != nil || remote.size != sent.size
        else {
            sentAnew.remove(id)
            return .asSent
        }
        if ServerRewriting.isExpected(of: facts.place.name, on: cloud.driveKind) {
            sentAnew.remove(id)
            let isOurs =
                operation.stage != .observing
                || operation.facts.map { facts.agreesInTime(with: $0) } == true
            return isOurs ? .rewritten : .changed
        }
        guard operation.stage != .observing else {
            sentAnew.remove(id)
            return remote.size == sent.size ? .doubtful : .changed
        }
        guard sentAnew.insert(id).inserted else {
            sentAnew.remove(id)
            return .changed
        }
        effects.append(
            .report(
                .failed(
                    path: displayPath(of: id),
                    message: "the cloud holds other bytes than were sent; it is sent again")))
        return .damaged
    }

    /// Knows the bytes that were sent where the service tells no hash.
    ///
    /// Otherwise an upload without a reply would look like somebody else's file of the same name, and
    /// each copy made for that reason like another. Whoever looks later may see somebody else's bytes, or
    /// those of before: the time has to be the one that was sent, and the version another one than
    /// before. The reply itself is about what was sent.
    mutating func recognizeBytes(of item: RemoteItem, sentBy operation: Operation) {
        guard let sent = operation.sentContent, let id = tree.node(for: item.id),
            var facts = tree[id]?.remote.facts, item.hash == nil, facts.content?.size == sent.size
        else { return }
        if operation.stage == .observing {
            guard case .unhashed(_, let modified) = facts.content,
                modified.wholeSeconds == operation.facts?.modified.wholeSeconds,
                operation.isAcknowledged || item.cTag == nil || item.cTag != operation.cTag
            else { return }
        }
        facts.content = sent
        tree.update(id) { $0.remote = .present(facts) }
    }

    /// A change of name or time has left the bytes as they were, which the service may not tell where
    /// it gives no hash.
    mutating func keepBytes(of id: NodeID, _ before: Content?, through operation: Operation) {
        guard operation.sentContent == nil, operation.stage != .observing, let before,
            var facts = tree[id]?.remote.facts,
            case .unhashed(let size, _) = facts.content, size == before.size
        else { return }
        facts.content = before
        tree.update(id) { $0.remote = .present(facts) }
    }

    /// The service has refused bytes that it has never had: what it holds is not theirs.
    ///
    /// Where it tells no hash, somebody else's bytes of the same size and second would look like them.
    mutating func forgetSentBytes(of operation: Operation, _ id: NodeID) {
        guard operation.stage != .observing, operation.sentContent != nil,
            !operation.isMaybeDone, let sent = tree[id]?.sent
        else { return }
        if unanswered[sent.place]?.node == id { unanswered[sent.place]?.remove(sent) }
        if tree[id]?.item == nil {
            // What is to be made is kept by this alone, should it be removed here meanwhile.
            operations[id]?.isRefused = true
        } else {
            tree.update(id) { $0.sent = nil }
        }
    }

    // MARK: Files that the service rewrites

    /// What was sent to become an item, where the service has made other bytes of it; nil if it may
    /// be somebody else's.
    ///
    /// Either the service has said that it took it, or the name of the copy says whose it is and what
    /// was in it. Otherwise each copy would look like somebody's version, and get a copy of its own.
    func sentBeforeRewriting(_ unanswered: Unanswered, _ facts: Facts) -> Facts? {
        let name = facts.place.name
        guard ServerRewriting.isExpected(of: name, on: cloud.driveKind) else { return nil }
        return unanswered.acknowledged
            ?? unanswered.sent.last { sent in
                guard let hash = sent.content?.hash else { return false }
                return name
                    == ConflictName.name(for: name, host: configuration.host, hash: hash)
            }
    }

    /// Lets both sides agree on what the service made of a file that was changed or deleted here
    /// since: nobody else has changed it.
    mutating func followRewriting() {
        for (item, content) in rewritten.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let id = tree.node(for: item), let node = tree[id],
                node.remote.facts?.content == content, let synced = node.synced?.content,
                synced != content
            else {
                rewritten[item] = nil
                continue
            }
            guard node.local?.content != synced else { continue }
            tree.update(id) { $0.synced?.content = content }
        }
    }
}

extension GraphFailure.Kind {
    /// Whether it says that nothing was done.
    var isRefusal: Bool {
        switch self {
        case .forbidden, .nameTaken, .preconditionFailed, .tooLarge, .locked, .throttled,
            .notSupported, .quota, .malware, .badRequest, .unauthenticated:
            true
        case .notFound, .addressExpired, .gone, .rangeNotSatisfiable, .serverFault, .notGraph,
            .unreadable:
            false
        }
    }
}
