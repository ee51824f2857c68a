/// The space that content files take, and giving it back.
extension Engine {
    /// How often the space is looked at while files grow, in nanoseconds.
    private static let pause: Int64 = 30_000_000_000
    /// How soon it is looked at when something that was in use is not any more, in nanoseconds.
    private static let shortPause: Int64 = 1_000_000_000
    /// So much growth is looked at at once, in bytes.
    private static let largeGrowth: Int64 = 64 << 20
    /// What is made free at least when the disk is full, in bytes.
    private static let smallestRoom: Int64 = 64 << 20
    /// How old the use of a file that the database tells may be, in nanoseconds: to record each use
    /// would cost a transaction for each reading.
    private static let useAccuracy: Int64 = 3600 * 1_000_000_000

    /// When the space is looked at next.
    struct Space: Sendable {
        /// What came here since it was looked at, in bytes.
        var growth: Int64 = 0
        var due: Timestamp?
        var isBeingMeasured = false
        /// More is taken than should be, and what could have gone was in use.
        var isOver = false
    }

    /// A file is no longer in use, or has gone up: it may go now, if it should.
    mutating func noteEvictable(at now: Timestamp) {
        let soon = now.advanced(byNanoseconds: Self.shortPause)
        guard space.isOver, space.due.map({ $0 > soon }) ?? true else { return }
        space.due = soon
        setTimer(soon)
    }

    mutating func noteSpace(_ bytes: Int64, at now: Timestamp) {
        space.growth += bytes
        let step = min(Self.largeGrowth, max((configuration.cache.limit ?? .max) / 16, 1))
        if space.growth >= step {
            measureSpace()
        } else if space.due == nil {
            space.due = now.advanced(byNanoseconds: Self.pause)
            setTimer(space.due)
        }
    }

    mutating func spaceTimer(at now: Timestamp) {
        if let due = space.due, due <= now { measureSpace() }
    }

    mutating func measureSpace() {
        guard !space.isBeingMeasured else { return }
        space.isBeingMeasured = true
        space.due = nil
        space.growth = 0
        effects.append(.measureSpace)
    }

    /// How many bytes the disk has left; nil if that cannot be found out.
    package mutating func spaceMeasured(free: Int64?, at now: Timestamp) {
        space.isBeingMeasured = false
        let cached = generations.values.reduce(0) { $0 + $1.bytesHere }
        let excess = configuration.cache.excess(cached: cached, free: free)
        evict(excess, at: now)
        let left = generations.values.reduce(0) { $0 + $1.bytesHere }
        space.isOver = cached - left < excess
    }

    /// The disk is full: gives back what can be had, and returns whether that was anything.
    package mutating func makeRoom(for bytes: Int64 = 0, at now: Timestamp) -> Bool {
        evict(max(bytes, Self.smallestRoom), at: now) > 0
    }

    @discardableResult
    private mutating func evict(_ excess: Int64, at now: Timestamp) -> Int {
        guard excess > 0 else { return 0 }
        let candidates = generations.values.compactMap { generation in
            obstacle(toFreeing: generation) == nil
                ? CacheEviction.Candidate(
                    id: generation.id, lastUsed: lastUse(of: generation),
                    size: generation.bytesHere) : nil
        }
        let chosen = CacheEviction.choose(candidates, excess: excess)
        for id in chosen { evict(id, at: now) }
        let discarded = growth.needless.count
        discardNeedless()
        return max(chosen.count, discarded)
    }

    private mutating func evict(_ id: GenerationID, at now: Timestamp) {
        guard let node = generations[id]?.node else { return }
        tree.update(node, keep: true) { $0.generation = nil }
        dropGeneration(id, at: now)
        // The bytes stay the same; the blocks that `du` counts do not.
        effects.append(.invalidateInode(node, data: false))
    }

    // MARK: What may go

    /// Why the space of a file cannot be given back.
    package enum SpaceObstacle: Hashable, Sendable {
        case pinned, open, locked, notUploaded, inUse
    }

    /// What keeps the bytes of a file here: that they are only here, or that somebody uses them.
    private func obstacle(toFreeing generation: Generation) -> SpaceObstacle? {
        let id = generation.node
        guard let node = tree[id], node.generation == generation.id, node.kind == .file,
            node.isSettled, node.scope == .synced, operations[id] == nil, changedAt[id] == nil,
            let content = node.local?.content, content == node.remote.facts?.content,
            content.hash != nil || generation.source?.content == content
        else { return .notUploaded }
        if locks.isLocked(id) { return .locked }
        if openCounts[id] != nil { return .open }
        if isFrozen(generation.id) || hashing[generation.id] != nil
            || waits.isAwaited(.content(generation.id)) || waits.isAwaited(.whole(generation.id))
        {
            return .inUse
        }
        return isKept(id) ? .pinned : nil
    }

    /// What became of a wish to give space back.
    package struct Freed: Hashable, Sendable {
        package var files = 0
        /// In bytes.
        package var size: Int64 = 0
        /// What could not be freed, in the order of the ids: paths with the reasons.
        package var kept: [Kept] = []
        package var keptCount = 0

        package struct Kept: Hashable, Sendable {
            package var path: String
            package var obstacle: SpaceObstacle
        }
    }

    /// How many files are named that could not be freed.
    private static let listLength = 100

    /// Gives back the space of a file, or of all files in a directory.
    package mutating func free(_ id: NodeID, at now: Timestamp) throws(PosixError) -> Freed {
        guard tree.local(id) != nil else { throw .noEntry }
        var freed = Freed()
        var pending = [id]
        while let current = pending.popLast() {
            guard let node = tree[current] else { continue }
            if node.kind.isContainer { pending += tree.children(of: current) }
            guard node.kind == .file, let generation = node.generation.flatMap({ generations[$0] }),
                generation.bytesHere > 0
            else { continue }
            if let obstacle = obstacle(toFreeing: generation) {
                freed.keptCount += 1
                if freed.kept.count < Self.listLength {
                    freed.kept.append(
                        Freed.Kept(path: displayPath(of: current), obstacle: obstacle))
                }
            } else {
                freed.files += 1
                freed.size += generation.bytesHere
                evict(generation.id, at: now)
            }
        }
        discardNeedless()
        freed.kept.sort { $0.path < $1.path }
        return freed
    }

    // MARK: Uses

    /// A program has opened a file.
    mutating func noteUse(of id: GenerationID, at now: Timestamp) {
        uses[id] = now
        guard var generation = generations[id], !isGrowing(id),
            now >= generation.lastUsed.advanced(byNanoseconds: Self.useAccuracy)
        else { return }
        generation.lastUsed = now
        setGeneration(generation)
    }

    private func lastUse(of generation: Generation) -> Timestamp {
        uses[generation.id] ?? generation.lastUsed
    }
}

extension Engine.SpaceObstacle {
    /// In words.
    package var text: String {
        switch self {
        case .pinned: "kept on this device; unpin it first"
        case .open: "open in a program"
        case .locked: "locked by a program"
        case .notUploaded: "not in the cloud as it is here"
        case .inUse: "in use"
        }
    }
}
