/// The content files and what is known of their bytes.
extension Engine {
    /// The content file of a node; makes one, with no bytes in it, where there is none.
    mutating func provideGeneration(for id: NodeID, at now: Timestamp) -> GenerationID? {
        guard let node = tree[id] else { return nil }
        if let generation = node.generation, generations[generation] != nil {
            return generation
        }
        guard let facts = node.local ?? unlinked[id], let content = facts.content else {
            return nil
        }
        let new = newGenerationID()
        let source = node.item.map { RemoteVersion(item: $0.id, content: content, cTag: $0.cTag) }
        setGeneration(
            Generation(
                id: new, node: id, source: content.size == 0 ? nil : source,
                present: ByteRanges(), size: content.size, lastUsed: now))
        effects.append(.createContent(new, size: content.size))
        tree.update(id, keep: true) { $0.generation = new }
        return new
    }

    mutating func giveEmptyGeneration(_ id: NodeID, at now: Timestamp) {
        let new = newGenerationID()
        setGeneration(
            Generation(
                id: new, node: id, source: nil, present: ByteRanges(), size: 0, lastUsed: now))
        effects.append(.createContent(new, size: 0))
        tree.update(id, keep: true) { $0.generation = new }
    }

    mutating func setGeneration(_ generation: Generation) {
        generations[generation.id] = generation
        records.append(.generation(generation))
    }

    /// The bytes of a generation stand for themselves from now on: they are whole, and are no longer
    /// those of a version in the cloud.
    ///
    /// Those of which it is not known yet whether they are right become so when it is: until then it
    /// stands with them what they are of, and they do not go up (``isUnproven(_:)``).
    mutating func ownBytes(of id: GenerationID) {
        guard var generation = generations[id], generation.source != nil, generation.isComplete,
            !awaitsJudgement(id)
        else { return }
        // Bytes that are not durable yet are recorded to be here, so that a killed client finds them,
        // and with what they were of, so that they can be verified after a power failure.
        let isGrowing = isGrowing(id)
        if isGrowing { records.append(.generation(generation)) }
        generation.source = nil
        generations[id] = generation
        if !isGrowing { records.append(.generation(generation)) }
        // The service told no hash of them, and cannot any more: they are found out like an edit.
        if case .unhashed(let size, _) = tree.local(generation.node)?.content {
            let content = Content.edited(revision: newRevision(), size: size)
            tree.update(generation.node) { $0.local?.content = content }
        }
        // Nobody judges these bytes any more.
        wake(.content(id))
    }

    /// Deletes a content file that nobody needs.
    mutating func dropGeneration(_ id: GenerationID, at now: Timestamp) {
        guard let generation = generations.removeValue(forKey: id) else { return }
        hashing[id] = nil
        unjudged.remove(id)
        cancelFetches(of: id, at: now)
        forgetGrowth(of: id)
        uses[id] = nil
        if generation.source == nil, generation.size > 0 {
            discardLater(id, at: now)
        } else {
            records.append(.removeGeneration(id))
            effects.append(.discardContent(id))
        }
        fail(.content(id), .stale)
        fail(.whole(id), .stale)
    }

    /// Whether an upload reads this content file, so that its bytes may not change.
    func isFrozen(_ id: GenerationID) -> Bool {
        frozen[id] != nil
    }

    /// Whether all bytes of a file are on this disk.
    func isComplete(_ node: Node) -> Bool {
        guard node.local?.content?.size != 0 else { return true }
        return node.generation.flatMap { generations[$0]?.isComplete } ?? false
    }

    /// Whether all bytes of a file are on this disk, and nobody is yet to find out if they are right.
    func isWhole(_ node: Node) -> Bool {
        isComplete(node) && node.generation.map(awaitsJudgement) != true
    }

    // MARK: Waiting

    mutating func wait(for condition: WaitList.Condition) -> WaitID {
        let id = WaitID(rawValue: newNumber())
        waits.add(id, for: condition)
        return id
    }

    mutating func wake(_ condition: WaitList.Condition) {
        for id in waits.take(condition) { effects.append(.wake(id, nil)) }
    }

    mutating func fail(_ condition: WaitList.Condition, _ error: PosixError) {
        for id in waits.take(condition) { effects.append(.wake(id, error)) }
    }

    /// A program gave up waiting.
    ///
    /// Returns false if the wait has ended already, whatever the program has heard of it.
    package mutating func cancelWait(_ id: WaitID, at now: Timestamp) -> Bool {
        guard let node = locks.cancel(id, at: now) else {
            let isWaiting = waits.cancel(id)
            advanceCheckouts(at: now)
            return isWaiting
        }
        locksChanged(on: node, at: now)
        return true
    }
}
