/// Getting bytes from the cloud into content files.
extension Engine {
    /// One range on its way from the cloud.
    struct Fetch: Sendable {
        var generation: GenerationID
        /// What was asked for and has not arrived; its lower bound moves as bytes come in.
        var remaining: Range<Int64>
        /// The handle whose reading set it off; nil for the hydration of a whole file.
        var handle: HandleID?
    }

    /// How far ahead of what has arrived a reader may be and still wait for a fetch under way,
    /// in bytes, rather than start one of his own.
    private static let patience: Int64 = 4 << 20
    /// The longest range asked for at once when a whole file is fetched, in bytes.
    private static let longestRange: Int64 = 64 << 20
    /// How often the bytes of a version may turn out different from its hash before the service is
    /// believed to serve bytes that never match: it does so for some protected and converted files.
    private static let mismatchesAccepted = 2

    /// Sees to it that the bytes which a reader needs, and those after them, come.
    mutating func fetch(
        for handle: HandleID, _ range: Range<Int64>, isWaiting: Bool, at now: Timestamp
    ) throws(PosixError) {
        guard let file = handles[handle], let id = tree[file.node]?.generation,
            let generation = generations[id]
        else { throw .badDescriptor }
        if isWaiting && scheduler.isOffline { throw .networkUnreachable }
        let wanted = file.readAhead.wanted(for: range, size: generation.size)
        let running = fetches.values.filter { $0.generation == id }.map(\.remaining)
        for missing in generation.present.missing(in: wanted) {
            // The part somebody is already fetching comes by itself.
            let isUrgent = isWaiting && missing.overlaps(range)
            var rest = ByteRanges(missing)
            for other in running where !isUrgent || other.reaches(missing, within: Self.patience) {
                rest.remove(other)
            }
            for part in rest.ranges {
                startFetch(id, part, handle, isUrgent ? .waitingReader : .foreground, at: now)
            }
        }
    }

    /// Fetches everything that is missing.
    mutating func fetchAll(_ id: GenerationID, at now: Timestamp) throws(PosixError) {
        guard let generation = generations[id] else { throw .stale }
        if scheduler.isOffline { throw .networkUnreachable }
        var rest = ByteRanges()
        for missing in generation.present.missing(in: 0..<generation.size) { rest.insert(missing) }
        for fetch in fetches.values where fetch.generation == id { rest.remove(fetch.remaining) }
        guard let first = rest.ranges.first else { return }
        let end = min(first.upperBound, first.lowerBound + Self.longestRange)
        startFetch(id, first.lowerBound..<end, nil, .waitingReader, at: now)
    }

    private mutating func startFetch(
        _ id: GenerationID, _ range: Range<Int64>, _ handle: HandleID?,
        _ priority: RequestPriority, at now: Timestamp
    ) {
        guard !range.isEmpty, let source = generations[id]?.source else { return }
        let fetch = Fetch(generation: id, remaining: range, handle: handle)
        if let url = cloud.downloadAddress(of: source, at: now) {
            let request = submit(
                .content(url: url, range: range), for: .fetch, priority,
                sink: .content(id, offset: range.lowerBound), at: now)
            fetches[request] = fetch
        } else {
            // Asking for the item tells its version together with the address of its bytes.
            let request = submit(.item(source.item), for: .fetchAddress, priority, at: now)
            fetches[request] = fetch
        }
    }

    mutating func stopReadingAhead(_ handle: HandleID, at now: Timestamp) {
        for (request, fetch) in fetches.sorted(by: { $0.key < $1.key })
        where fetch.handle == handle && !waits.isAwaited(.content(fetch.generation)) {
            fetches[request] = nil
            cancel(request, at: now)
        }
    }

    mutating func cancelFetches(of id: GenerationID, at now: Timestamp) {
        for (request, fetch) in fetches.sorted(by: { $0.key < $1.key })
        where fetch.generation == id {
            fetches[request] = nil
            cancel(request, at: now)
        }
    }

    // MARK: Outcomes

    /// Bytes arrived and are in the content file, from the begin of the request to `end`.
    package mutating func received(_ request: RequestID, through end: Int64, at now: Timestamp) {
        guard var fetch = fetches[request], end > fetch.remaining.lowerBound else { return }
        let arrived = fetch.remaining.lowerBound..<min(end, fetch.remaining.upperBound)
        fetch.remaining = arrived.upperBound..<fetch.remaining.upperBound
        fetches[request] = fetch
        generations[fetch.generation]?.present.insert(arrived)
        noteProgress(of: request, through: arrived.upperBound, at: now)
        wake(.content(fetch.generation))
    }

    /// The item has answered with its version and the address of its bytes.
    mutating func fetchAddressArrived(
        _ request: RequestID, _ item: RemoteItem, at now: Timestamp
    ) {
        guard let fetch = fetches.removeValue(forKey: request),
            let source = generations[fetch.generation]?.source
        else { return }
        observe(item, at: now)
        let known = tree.node(for: source.item).flatMap { tree[$0]?.remote.facts?.content }
        guard let url = item.downloadURL, known == source.content else {
            // The cloud has moved on: what is missing here cannot be had any more.
            requestPlan(at: now)
            fail(.content(fetch.generation), .stale)
            return
        }
        cloud.setDownloadAddress(url, of: source, at: now)
        startFetch(
            fetch.generation, fetch.remaining, fetch.handle,
            waits.isAwaited(.content(fetch.generation)) ? .waitingReader : .foreground, at: now)
    }

    /// A range has arrived, or will not.
    mutating func fetchEnded(_ request: RequestID, _ outcome: FetchOutcome, at now: Timestamp) {
        guard let fetch = fetches.removeValue(forKey: request),
            let generation = generations[fetch.generation]
        else { return }
        switch outcome {
        case .arrived:
            received(fetch, at: now)
        case .addressExpired:
            if let source = generation.source { cloud.forgetDownloadAddress(of: source) }
            startFetch(fetch.generation, fetch.remaining, fetch.handle, .waitingReader, at: now)
        case .failed(let error):
            fail(.content(fetch.generation), error)
        }
    }

    private mutating func received(_ fetch: Fetch, at now: Timestamp) {
        generations[fetch.generation]?.present.insert(fetch.remaining)
        guard let generation = generations[fetch.generation] else { return }
        records.append(.generation(generation))
        if generation.isComplete, let source = generation.source, source.content.hash != nil {
            let request = HashRequest(
                node: generation.node, generation: generation.id, revision: nil,
                size: generation.size)
            hashing[generation.id] = request
            effects.append(.hash(request))
        }
        wake(.content(fetch.generation))
    }

    /// The bytes of a complete download do not match: they are fetched once more.
    mutating func verify(_ request: HashRequest, _ hash: QuickXorHash, at now: Timestamp) {
        guard var generation = generations[request.generation],
            let source = generation.source, source.content.hash != hash
        else { return }
        mismatches[generation.id, default: 0] += 1
        guard mismatches[generation.id, default: 0] < Self.mismatchesAccepted else { return }
        generation.present = ByteRanges()
        setGeneration(generation)
        cloud.forgetDownloadAddress(of: source)
        effects.append(.invalidateInode(generation.node, data: true))
    }
}

/// How a fetch ended.
enum FetchOutcome: Hashable, Sendable {
    case arrived
    /// The address of the bytes is no longer good: ask for a new one.
    case addressExpired
    case failed(PosixError)
}

extension Range<Int64> {
    /// Whether a fetch of this range will come to the begin of another soon.
    fileprivate func reaches(_ other: Range<Int64>, within patience: Int64) -> Bool {
        lowerBound <= other.lowerBound && other.lowerBound < upperBound
            && other.lowerBound - lowerBound <= patience
    }
}
