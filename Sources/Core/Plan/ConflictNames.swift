/// Names for what has to make way.
extension Slice {
    /// How many names are tried before a node has to wait.
    private static let attemptsMax: UInt8 = 100

    /// A name beside `place` that nobody has or is to have.
    ///
    /// The same bytes get the same name when it is planned again, on this device or after a crash.
    mutating func conflictName(for draft: Draft, in place: Place) -> Name? {
        let identity = draft.node.local?.content?.hash ?? draft.id.identityHash
        for attempt in 0..<Self.attemptsMax {
            let hash =
                attempt == 0 ? identity : QuickXorHash.hash(of: identity.bytes + [attempt])
            let name = ConflictName.name(for: place.name, host: context.host, hash: hash)
            guard tree.child(of: place.parent, foldingLike: name) == nil else { continue }
            if take(NameKey(Place(parent: place.parent, name: name))) { return name }
        }
        return nil
    }

    /// Reserves a name; false where somebody has it.
    private mutating func take(_ key: NameKey) -> Bool {
        var taken = takenNames ?? allNames()
        takenNames = nil
        let isFree = taken.insert(key).inserted
        takenNames = taken
        return isFree
    }

    /// The names that the nodes of the slice have or are to have.
    ///
    /// Whatever repairs do to a node, it ends up under one of these or under a conflict name.
    private func allNames() -> Set<NameKey> {
        var names: Set<NameKey> = []
        for id in ids {
            guard let draft = drafts[id] else { continue }
            for case let place? in [draft.here, draft.there, draft.wasHere, draft.wasThere] {
                names.insert(NameKey(place))
            }
        }
        return names
    }
}

extension NodeID {
    /// Stands for the bytes of nodes that have none, or none whose hash is known.
    fileprivate var identityHash: QuickXorHash {
        QuickXorHash.hash(of: (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> ($0 * 8)) })
    }
}
