/// What the hash of a content file says, of edits and of downloads.
extension Engine {
    mutating func startHash(of id: NodeID) {
        guard let node = tree[id], let generation = node.generation, hashing[generation] == nil,
            case .edited(let revision, let size) = node.local?.content
        else { return }
        let request = HashRequest(
            node: id, generation: generation, revision: revision, size: size)
        hashing[generation] = request
        effects.append(.hash(request))
    }

    /// The bytes of a complete download could not be read: nobody is to take them for right.
    private mutating func couldNotVerify(_ id: GenerationID) {
        unjudged.insert(id)
        fail(.content(id), .inputOutput)
        fail(.whole(id), .inputOutput)
    }

    /// Has a file verified that could not be read the last time.
    mutating func judgeAgain(_ id: GenerationID, at now: Timestamp) {
        if unjudged.remove(id) != nil { completeIfWhole(id, at: now) }
    }

    /// Has those verified on which something waits that is to go up.
    mutating func judgeInherited(at now: Timestamp) {
        for id in unjudged.sorted() {
            guard let node = generations[id]?.node, isUnproven(node),
                setbacks[node].map({ $0.until <= now }) ?? true
            else { continue }
            judgeAgain(id, at: now)
        }
    }

    /// A content file was hashed.
    ///
    /// Nil says that it could not be read.
    package mutating func hashed(_ request: HashRequest, _ hash: QuickXorHash?, at now: Timestamp) {
        guard hashing[request.generation] == request else { return }
        hashing[request.generation] = nil
        guard let hash else {
            if request.revision == nil { couldNotVerify(request.generation) }
            setBack(request.node, .retry, at: now)
            return
        }
        guard let revision = request.revision else {
            verify(request, hash, at: now)
            return
        }
        // Writing since then would have taken the request back.
        let id = generations[request.generation]?.node ?? request.node
        // What is on its way could not be told from this by its hash.
        if operations[id]?.sentContent == nil {
            tree.update(id) { $0.noteHash(hash, ofRevision: revision, size: request.size) }
        }
        requestPlan(at: now)
    }
}

extension Node {
    /// The bytes that were written here have been hashed.
    mutating func noteHash(_ hash: QuickXorHash, ofRevision revision: UInt64, size: Int64) {
        guard local?.content == .edited(revision: revision, size: size) else { return }
        local?.content = .hashed(hash, size: size)
        distinguishBytes(from: [synced?.content])
    }

    /// Takes the bytes here for others than these, which have come from elsewhere, whatever the hash
    /// says.
    mutating func distinguishBytes(from others: [Content?]) {
        guard let content = local?.content, content.size > 0, others.contains(content),
            case .hashed(let hash, let size) = content
        else { return }
        local?.content = .rewritten(hash, size: size)
    }
}
