/// Asking for bytes that are not here.
extension Engine {
    /// How far ahead of what has arrived a reader may be and still wait for a fetch under way,
    /// in bytes, rather than start one of his own.
    private static let patience: Int64 = 4 << 20
    /// How many requests for one file are made at once for what nobody waits for yet.
    private static let fetchesPerFile = 4

    /// Sees to it that the bytes which a reader needs, and those after them, come.
    mutating func fetch(
        for handle: HandleID, _ range: Range<Int64>, isHere: Bool, at now: Timestamp
    ) throws(PosixError) {
        guard let node = handles[handle]?.node, let id = tree[node]?.generation,
            let generation = generations[id]
        else { throw .badDescriptor }
        if !isHere && scheduler.isOffline { throw .networkUnreachable }
        let wanted =
            handles[handle]?.readAhead.note(range, size: generation.size, isHere: isHere) ?? range
        for missing in generation.present.missing(in: wanted) {
            let urgent = isHere ? nil : missing.intersection(range)
            var rest = ByteRanges(missing)
            for other in downloads.underWay(id) { rest.remove(other) }
            if let urgent, !share(urgent, of: id, at: now) { rest.insert(urgent) }
            for part in rest.ranges.flatMap(ReadAhead.parts) {
                let isUrgent = urgent?.overlaps(part) ?? false
                guard isUrgent || downloads.count(id) < Self.fetchesPerFile else {
                    handles[handle]?.readAhead.limit(to: part.lowerBound)
                    return
                }
                startFetch(
                    Downloads.Fetch(generation: id, remaining: part, handle: handle),
                    isUrgent ? .waitingReader : .foreground, at: now)
            }
        }
    }

    /// Lets a reader wait for what somebody else has asked for, if that comes soon; returns whether
    /// it does.
    private mutating func share(
        _ urgent: Range<Int64>, of id: GenerationID, at now: Timestamp
    ) -> Bool {
        if let question = downloads.questions[id],
            question.fetches.contains(where: { $0.remaining.reaches(urgent, within: 0) })
        {
            raise(question.request, at: now)
            return true
        }
        let other = downloads.fetches.filter {
            $0.value.generation == id && $0.value.remaining.reaches(urgent, within: Self.patience)
        }.min { $0.key < $1.key }
        guard let other else { return false }
        raise(other.key, at: now)
        return true
    }

    /// Fetches everything that is missing; a program waits for it.
    mutating func hydrate(_ id: GenerationID, at now: Timestamp) throws(PosixError) {
        guard generations[id] != nil else { throw .stale }
        if scheduler.isOffline { throw .networkUnreachable }
        downloads.hydrations[id] = Downloads.Hydration(isAwaited: true)
        let running = downloads.fetches.filter { $0.value.generation == id }.keys.sorted()
        for request in running { raise(request, at: now) }
        if let question = downloads.questions[id] { raise(question.request, at: now) }
        continueHydration(of: id, at: now)
    }

    /// Asks for the next parts of a file that is wanted as a whole, several at once.
    mutating func continueHydration(of id: GenerationID, at now: Timestamp) {
        guard let hydration = downloads.hydrations[id], let generation = generations[id] else {
            return
        }
        var room = Self.fetchesPerFile - downloads.count(id)
        guard room > 0 else { return }
        let underWay = downloads.underWay(id)
        for missing in generation.present.missing(in: 0..<generation.size) {
            var rest = ByteRanges(missing)
            for other in underWay { rest.remove(other) }
            for part in rest.ranges.flatMap(ReadAhead.parts) {
                startFetch(
                    Downloads.Fetch(generation: id, remaining: part, handle: nil),
                    hydration.isAwaited ? .waitingReader : .background, at: now)
                room -= 1
                if room == 0 { return }
            }
        }
    }

    mutating func startFetch(
        _ fetch: Downloads.Fetch, _ priority: RequestPriority, at now: Timestamp
    ) {
        let id = fetch.generation
        guard !fetch.remaining.isEmpty else {
            completeIfWhole(id, at: now)
            return
        }
        guard let generation = generations[id], let source = generation.source else { return }
        if let url = cloud.downloadAddress(of: source, at: now) {
            let name = tree[generation.node].flatMap { $0.remote.facts ?? $0.local }?.place.name
            let promised = downloads.promise(
                id, size: generation.size, isWebPage: name.map(PromisedContent.isWebPage) ?? false)
            let request = submit(
                .content(url: url, range: fetch.remaining, of: promised), for: .fetch, priority,
                sink: .content(id, offset: fetch.remaining.lowerBound), at: now)
            downloads.fetches[request] = fetch
        } else if let question = downloads.questions[id] {
            downloads.questions[id]?.fetches.append(fetch)
            if priority == .waitingReader { raise(question.request, at: now) }
        } else {
            // Asking for the item tells its version together with the address of its bytes.
            let request = submit(.item(source.item), for: .fetchAddress(id), priority, at: now)
            downloads.questions[id] = Downloads.Question(request: request, fetches: [fetch])
        }
    }

    /// A program begins to read a file: if it goes through the small files of a folder, the next ones
    /// are fetched before it comes to them.
    mutating func readAheadInFolder(of file: NodeID, isHere: Bool, at now: Timestamp) {
        // Where requests are held back, programs whose reads fail would be far ahead of what comes.
        guard SmallFile(file, in: tree) != nil, scheduler.state == .online else { return }
        // What is fetched ahead must not push out of the cache what was fetched ahead before it.
        let limit = (configuration.cache.limit ?? .max) / 4
        let files = downloads.folderReadAhead.note(
            file, isHere: isHere, limit: limit, in: tree, at: now)
        for file in files {
            // The folder was looked through some time ago, and may have changed.
            guard SmallFile(file, in: tree) != nil, let node = tree[file], !isComplete(node),
                let id = provideGeneration(for: file, at: now), let generation = generations[id],
                downloads.count(id) == 0
            else { continue }
            noteUse(of: id, at: now)
            for missing in generation.present.missing(in: 0..<generation.size) {
                startFetch(
                    Downloads.Fetch(generation: id, remaining: missing, handle: nil), .foreground,
                    at: now)
            }
        }
    }

    // MARK: Giving up

    /// A handle is gone: what was to come for it need not, unless it is little or all is wanted.
    mutating func stopReadingAhead(of node: NodeID, for handle: HandleID, at now: Timestamp) {
        guard let generation = tree[node]?.generation,
            generations[generation].map({ $0.size > ReadAhead.wholeFile }) == true,
            downloads.hydrations[generation] == nil, !waits.isAwaited(.content(generation))
        else { return }
        withdrawFetches(of: generation, at: now) { $0.handle == handle }
    }

    mutating func cancelFetches(of id: GenerationID, at now: Timestamp) {
        withdrawFetches(of: id, at: now) { _ in true }
        downloads.forget(id)
    }

    private mutating func withdrawFetches(
        of id: GenerationID, at now: Timestamp, where isMeant: (Downloads.Fetch) -> Bool
    ) {
        let running = downloads.fetches.filter { $0.value.generation == id && isMeant($0.value) }
        for request in running.keys.sorted() {
            downloads.fetches[request] = nil
            cancel(request, at: now)
        }
        guard let question = downloads.questions[id] else { return }
        downloads.questions[id]?.fetches.removeAll(where: isMeant)
        if downloads.questions[id]?.fetches.isEmpty == true {
            downloads.questions[id] = nil
            cancel(question.request, at: now)
        }
    }

    /// Takes back the requests for bytes of a file, to make them anew.
    @discardableResult
    mutating func takeBackFetches(
        of id: GenerationID, at now: Timestamp
    ) -> [Downloads.Fetch] {
        let running = downloads.fetches.filter { $0.value.generation == id }
        for request in running.keys.sorted() {
            downloads.fetches[request] = nil
            cancel(request, at: now)
        }
        return running.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension Range<Int64> {
    /// Whether a fetch of this range will come to the begin of another soon.
    fileprivate func reaches(_ other: Range<Int64>, within patience: Int64) -> Bool {
        guard lowerBound <= other.lowerBound, other.lowerBound < upperBound else { return false }
        return patience == 0 || other.lowerBound - lowerBound <= patience
    }

    /// What both have in common; nil if that is nothing.
    fileprivate func intersection(_ other: Range<Int64>) -> Range<Int64>? {
        let common = clamped(to: other)
        return common.isEmpty ? nil : common
    }
}
