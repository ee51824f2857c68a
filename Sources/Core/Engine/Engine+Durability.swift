/// What a power failure must find on the disk, in which order.
///
/// Bytes from the cloud count as here in the database only once they are durable: what the state
/// says to be here would read as zeros otherwise. And bytes that were written here are deleted only
/// once it is durable why nobody needs them: the state would still count on them otherwise.
extension Engine {
    /// How long after bytes arrived they are made durable, in nanoseconds: all files together.
    private static let pause: Int64 = 2_000_000_000

    /// Files that gained bytes of which the database does not know.
    struct Growth: Sendable {
        var grown: Set<GenerationID> = []
        /// What is being made durable; nil while nothing is.
        var underWay: [GenerationID: ByteRanges]?
        var due: Timestamp?
        /// Files to be deleted when what led to that is durable.
        var needless: [GenerationID] = []
        var discardsDue: Timestamp?
    }

    mutating func noteGrowth(of id: GenerationID, at now: Timestamp) {
        growth.grown.insert(id)
        guard growth.due == nil else { return }
        growth.due = now.advanced(byNanoseconds: Self.pause)
        setTimer(growth.due)
    }

    /// Bytes that had come are not believed any more, or the file is gone.
    mutating func forgetGrowth(of id: GenerationID) {
        growth.grown.remove(id)
        growth.underWay?[id] = nil
    }

    /// Makes what has arrived durable, if it is time.
    mutating func growthTimer(at now: Timestamp) {
        if let due = growth.due, due <= now { makeGrowthDurable() }
        if let due = growth.discardsDue, due <= now { discardNeedless() }
    }

    /// The client is about to end: what has arrived need not be fetched again after the next start.
    package mutating func finish() {
        makeGrowthDurable()
        discardNeedless()
    }

    /// Deletes a content file soon, with others.
    ///
    /// Until then the database holds that it is there; after a crash it is found by that.
    mutating func discardLater(_ id: GenerationID, at now: Timestamp) {
        growth.needless.append(id)
        guard growth.discardsDue == nil else { return }
        growth.discardsDue = now.advanced(byNanoseconds: Self.pause)
        setTimer(growth.discardsDue)
    }

    /// Deletes the content files that wait for it.
    mutating func discardNeedless() {
        growth.discardsDue = nil
        guard !growth.needless.isEmpty else { return }
        for id in growth.needless { records.append(.removeGeneration(id)) }
        effects.append(.discardWhenDurable(growth.needless))
        growth.needless = []
    }

    /// It could not be made durable why nobody needs these content files: they stay for now.
    package mutating func discardsFailed(_ ids: [GenerationID], at now: Timestamp) {
        for id in ids { discardLater(id, at: now) }
    }

    /// A change of bytes in place goes on: it is durable that they are changed.
    package mutating func editRecorded(_ id: NodeID, revision: UInt64) {
        if unrecordedEdits[id] == revision { unrecordedEdits[id] = nil }
    }

    private mutating func makeGrowthDurable() {
        guard growth.underWay == nil else { return }
        growth.due = nil
        // What is not verified yet may turn out wrong.
        let ready = growth.grown.filter { !awaitsJudgement($0) }
        guard !ready.isEmpty else { return }
        growth.underWay = Dictionary(
            uniqueKeysWithValues: ready.compactMap { id in generations[id].map { (id, $0.present) }
            }
        )
        growth.grown.subtract(ready)
        effects.append(.synchronizeContent)
    }

    /// All bytes that were in content files when it was asked are durable, or cannot be made so.
    package mutating func contentSynchronized(isDurable: Bool, at now: Timestamp) {
        guard let done = growth.underWay else { return }
        growth.underWay = nil
        for (id, present) in done.sorted(by: { $0.key < $1.key }) {
            guard var generation = generations[id] else { continue }
            guard isDurable else {
                notDurable(generation, at: now)
                continue
            }
            generation.present = present
            records.append(.generation(generation))
            settle(id, at: now)
        }
        if growth.grown.contains(where: { waits.isAwaited(.whole($0)) }) { makeGrowthDurable() }
        guard !growth.grown.isEmpty, growth.due == nil else { return }
        growth.due = now.advanced(byNanoseconds: Self.pause)
        setTimer(growth.due)
    }

    /// Bytes that have come could not be made durable, and the next try would prove nothing: they
    /// count as lost, as long as they can be had again.
    private mutating func notDurable(_ generation: Generation, at now: Timestamp) {
        let id = generation.id
        if generation.source == nil || hasForeignSource(generation) {
            growth.grown.insert(id)
        } else {
            var lost = generation
            lost.present = ByteRanges()
            setGeneration(lost)
            forgetGrowth(of: id)
            fail(.content(id), .inputOutput)
            keepLater(id, at: now)
        }
        fail(.whole(id), .inputOutput)
    }

    /// Whether bytes of a file are here of which the database does not know.
    func isGrowing(_ id: GenerationID) -> Bool {
        growth.grown.contains(id) || growth.underWay?[id] != nil
    }

    private func isVerifying(_ id: GenerationID) -> Bool {
        guard let request = hashing[id] else { return false }
        return request.revision == nil
    }

    /// Whether all bytes of a file have come, and it is not known yet whether they are right.
    func awaitsJudgement(_ id: GenerationID) -> Bool {
        guard let generation = generations[id], generation.source != nil, generation.isComplete
        else { return false }
        return isVerifying(id) || downloads.count(id) > 0 || unjudged.contains(id)
    }

    /// Whether a file is complete, verified and durable: then it can stand for itself.
    func isSettled(_ id: GenerationID) -> Bool {
        guard let generation = generations[id], generation.isComplete, !awaitsJudgement(id) else {
            return false
        }
        return generation.source == nil || !isGrowing(id)
    }

    /// Lets those go on who wait for a whole file, or has it made durable for them.
    mutating func settle(_ id: GenerationID, at now: Timestamp) {
        guard waits.isAwaited(.whole(id)) else { return }
        if isSettled(id) {
            wake(.whole(id))
        } else if generations[id]?.isComplete == true {
            makeGrowthDurable()
        }
    }
}
