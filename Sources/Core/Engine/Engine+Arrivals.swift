/// Bytes that arrive from the cloud, or do not.
extension Engine {
    /// Part of the answer to a request is in the content file: the bytes in this range of the file.
    package mutating func received(
        _ request: RequestID, _ part: ContentPart, _ stored: Range<Int64>, at now: Timestamp
    ) {
        guard var fetch = downloads.fetches[request], let size = generations[fetch.generation]?.size
        else { return }
        guard downloads.accepts(part, for: fetch.generation, size: size) else {
            distrust(fetch.generation, at: now)
            return
        }
        fetch.arrive(stored)
        downloads.fetches[request] = fetch
        downloads.noteProgress(fetch.generation)
        keep(stored, in: fetch.generation, at: now)
        noteProgress(of: request, through: stored.upperBound, at: now)
    }

    /// Bytes of a content file are here.
    private mutating func keep(_ range: Range<Int64>, in id: GenerationID, at now: Timestamp) {
        guard let size = generations[id]?.size else { return }
        let before = generations[id]?.present.count ?? 0
        generations[id]?.present.insert(range.clamped(to: 0..<size))
        noteSpace((generations[id]?.present.count ?? 0) - before, at: now)
        noteGrowth(of: id, at: now)
        wake(.content(id))
    }

    /// The item has answered with its version and the address of its bytes.
    mutating func fetchAddressArrived(
        _ id: GenerationID, _ item: RemoteItem, at now: Timestamp
    ) {
        guard let question = downloads.questions.removeValue(forKey: id),
            let source = generations[id]?.source
        else { return }
        observe(item, at: now)
        let known = tree.node(for: source.item).flatMap { tree[$0]?.remote.facts?.content }
        adoptLateHash(known, by: id)
        guard let url = item.downloadURL, let generation = generations[id],
            let source = generation.source, known == source.content
        else {
            // The cloud has moved on: what is missing here cannot be had any more.
            requestPlan(at: now)
            giveUp(id, .stale, at: now)
            return
        }
        if let node = tree.node(for: source.item), tree.differs(node) { requestPlan(at: now) }
        downloads.confirm(id, tag: item.eTag, size: generation.size)
        cloud.setDownloadAddress(url, of: source, at: now)
        for fetch in question.fetches { startFetch(fetch, priority(of: id), at: now) }
        continueHydration(of: id, at: now)
    }

    /// The service has told the hash of the version that a file is filled from only now.
    private mutating func adoptLateHash(_ known: Content?, by id: GenerationID) {
        guard let generation = generations[id], case .unhashed = generation.source?.content,
            let known, known.hash != nil, tree.local(generation.node)?.content == known
        else { return }
        generations[id]?.source?.content = known
    }

    private func priority(of id: GenerationID) -> RequestPriority {
        if waits.isAwaited(.content(id)) || waits.isAwaited(.whole(id)) { return .waitingReader }
        return downloads.hydrations[id] == nil ? .foreground : .background
    }

    /// The item is said not to be there, which the service says at times of items that are.
    mutating func fetchAddressMissing(_ id: GenerationID, at now: Timestamp) {
        guard let question = downloads.questions.removeValue(forKey: id) else { return }
        guard downloads.noteTrouble(id) else {
            giveUp(id, .stale, at: now)
            return
        }
        for fetch in question.fetches { startFetch(fetch, priority(of: id), at: now) }
    }

    /// The item did not answer.
    mutating func fetchAddressFailed(_ id: GenerationID, _ error: PosixError, at now: Timestamp) {
        guard downloads.questions.removeValue(forKey: id) != nil else { return }
        giveUp(id, error, at: now)
    }

    /// A range has arrived, or will not.
    mutating func fetchEnded(_ request: RequestID, _ outcome: FetchOutcome, at now: Timestamp) {
        guard var fetch = downloads.fetches.removeValue(forKey: request),
            let generation = generations[fetch.generation]
        else { return }
        let id = fetch.generation
        switch outcome {
        case .arrived(let part):
            guard downloads.accepts(part, for: id, size: generation.size) else {
                downloads.fetches[request] = fetch
                distrust(id, at: now)
                return
            }
            downloads.noteProgress(id)
            let stored = part.range(inFileOf: generation.size)
            keep(stored, in: id, at: now)
            fetch.arrive(stored)
            if completeIfWhole(id, at: now) { return }
            // The service may send less than it was asked for.
            if !fetch.remaining.isEmpty { startFetch(fetch, priority(of: id), at: now) }
            continueHydration(of: id, at: now)
        case .addressExpired:
            if let source = generation.source { cloud.forgetDownloadAddress(of: source.item) }
            if downloads.noteTrouble(id) {
                startFetch(fetch, priority(of: id), at: now)
            } else {
                giveUp(id, .inputOutput, at: now)
            }
        case .otherVersion(let part):
            if let part { downloads.noteStrange(part, for: id) }
            downloads.fetches[request] = fetch
            distrust(id, at: now)
        case .failed(let error): giveUp(id, error, at: now)
        case .notStored(let error):
            if error == .noSpace, !fetch.hasMadeRoom,
                makeRoom(for: fetch.remaining.upperBound - fetch.remaining.lowerBound, at: now)
            {
                fetch.hasMadeRoom = true
                startFetch(fetch, priority(of: id), at: now)
            } else {
                giveUp(id, error, at: now)
            }
        }
    }

    /// An answer seems to hold bytes of another version: the item is asked, and as long as it is
    /// not known, no byte counts.
    private mutating func distrust(_ id: GenerationID, at now: Timestamp) {
        let fetches = takeBackFetches(of: id, at: now)
        guard let source = generations[id]?.source else { return }
        cloud.forgetDownloadAddress(of: source.item)
        guard downloads.noteTrouble(id) else {
            giveUp(id, .inputOutput, at: now)
            return
        }
        for fetch in fetches { startFetch(fetch, priority(of: id), at: now) }
    }

    /// What is missing of a file cannot be had for now.
    private mutating func giveUp(_ id: GenerationID, _ error: PosixError, at now: Timestamp) {
        // All bytes may have come, and only the end of the answer not.
        if completeIfWhole(id, at: now) { return }
        let isKept = downloads.hydrations.removeValue(forKey: id)?.isAwaited == false
        // Another version is fetched when the plan has taken it.
        if isKept, error != .stale { keepLater(id, at: now) }
        fail(.content(id), error)
        fail(.whole(id), error)
    }

    // MARK: Whole files

    /// Has a file verified whose bytes have all come; returns whether they have.
    @discardableResult
    mutating func completeIfWhole(_ id: GenerationID, at now: Timestamp) -> Bool {
        guard let generation = generations[id], generation.isComplete else { return false }
        takeBackFetches(of: id, at: now)
        guard let source = generation.source, source.content.hash != nil else {
            finishDownload(of: id, at: now)
            return true
        }
        let request = HashRequest(
            node: generation.node, generation: id, revision: nil, size: generation.size)
        hashing[id] = request
        effects.append(.hash(request))
        return true
    }

    /// The bytes of a complete download were hashed: if they do not match, they are fetched again,
    /// and believed only if they come as they came before.
    mutating func verify(_ request: HashRequest, _ hash: QuickXorHash, at now: Timestamp) {
        let id = request.generation
        guard var generation = generations[id] else { return }
        guard let source = generation.source else {
            // They have become bytes of this device meanwhile.
            finishDownload(of: id, at: now)
            return
        }
        if hasForeignSource(generation) {
            verifyOwn(generation, source.content.hash.map { $0 == hash } ?? true, at: now)
            return
        }
        guard source.content.hash != hash else {
            finishDownload(of: id, at: now)
            return
        }
        let verdict = downloads.noteMismatch(id, hash)
        guard verdict != .believe else {
            finishDownload(of: id, at: now)
            return
        }
        generation.present = ByteRanges()
        setGeneration(generation)
        forgetGrowth(of: id)
        cloud.forgetDownloadAddress(of: source.item)
        effects.append(.invalidateInode(generation.node, data: true))
        if verdict == .giveUp {
            giveUp(id, .inputOutput, at: now)
        } else {
            continueHydration(of: id, at: now)
            wake(.content(id))
        }
    }

    /// The bytes of a file of its own came just before the end of the last run, and survived it or not.
    private mutating func verifyOwn(_ generation: Generation, _ isWhole: Bool, at now: Timestamp) {
        if isWhole {
            ownBytes(of: generation.id)
            finishDownload(of: generation.id, at: now)
            requestPlan(at: now)
        } else {
            let id = generation.node
            tree.update(id) { $0.generation = nil }
            dropGeneration(generation.id, at: now)
            lostContent(of: id)
            requestPlan(at: now)
        }
    }

    private mutating func finishDownload(of id: GenerationID, at now: Timestamp) {
        downloads.forget(id)
        wake(.content(id))
        settle(id, at: now)
        keepMore(at: now)
    }
}

extension ContentPart {
    /// Which bytes of a file of this size have come with all of the body.
    ///
    /// Where the service has fewer than the item says, its last one is the last.
    fileprivate func range(inFileOf size: Int64) -> Range<Int64> {
        let held = range ?? start..<start
        let end = held.upperBound == total ? max(held.upperBound, size) : held.upperBound
        return (held.lowerBound..<end).clamped(to: 0..<size)
    }
}

extension Downloads.Fetch {
    /// Bytes in this range of the file have come.
    fileprivate mutating func arrive(_ stored: Range<Int64>) {
        guard stored.lowerBound <= remaining.lowerBound else { return }
        let lower = min(max(remaining.lowerBound, stored.upperBound), remaining.upperBound)
        remaining = lower..<remaining.upperBound
    }
}
