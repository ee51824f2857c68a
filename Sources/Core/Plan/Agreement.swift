extension Node {
    /// What both sides last agreed on, where what was sent and has arrived counts as agreed: a
    /// change whose reply was lost comes back as the cloud's, and is recognised by this.
    var base: Facts? {
        guard let sent, case .present(let remote) = remote else { return synced }
        guard var base = synced else { return remote.content == sent.content ? sent : nil }
        if remote.place.isSame(as: sent.place) { base.place = sent.place }
        if remote.content == sent.content { base.content = sent.content }
        if remote.agreesInTime(with: sent) { base.modified = sent.modified }
        return base
    }

    /// Lets ``synced`` follow in every facet in which both sides say the same.
    ///
    /// What was sent is forgotten once it has arrived. A node that is gone on both sides is gone
    /// altogether.
    package mutating func noteAgreement() {
        switch remote {
        case .unknown: break
        case .absent:
            guard local == nil, synced != nil || sent != nil else { return }
            synced = nil
            sent = nil
            item = nil
        case .present(let remote):
            guard let local else { return }
            noteAgreement(local, remote)
        }
    }

    private mutating func noteAgreement(_ local: Facts, _ remote: Facts) {
        guard var agreed = base ?? (local.isSame(as: remote) ? remote : nil) else { return }
        if local.place.isSame(as: remote.place) { agreed.place = remote.place }
        if local.content == remote.content { agreed.content = remote.content }
        if local.agreesInTime(with: remote), !agreed.agreesInTime(with: remote) {
            agreed.modified = remote.modified
        }
        synced = agreed
        if local.isSame(as: remote) || sent?.isSame(as: remote) == true { sent = nil }
    }
}

extension Facts {
    /// Whether nothing has to be done for one side to be like the other.
    func isSame(as other: Facts) -> Bool {
        place.isSame(as: other.place) && content == other.content && agreesInTime(with: other)
    }
}

extension Place {
    /// Whether the cloud would hold both to be one place, down to the case of the name.
    func isSame(as other: Place) -> Bool { parent == other.parent && name.isSame(as: other.name) }
}

extension Name {
    /// Whether two names differ in their Unicode normal form at most.
    ///
    /// Some systems decompose the names that pass through them. Renaming for that would never end.
    func isSame(as other: Name) -> Bool {
        if self == other { return true }
        guard let text = utf8String, let otherText = other.utf8String else { return false }
        // Strings compare by canonical equivalence.
        return text == otherText
    }
}
