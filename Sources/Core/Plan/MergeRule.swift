/// A rule by which a plan decides about a node, in words that a user understands.
package enum MergeRule: String, Hashable, Sendable, CaseIterable {
    case agree = "both sides agree"
    case oneSide = "changed on one side only: the other side follows"
    case sameChange = "both sides made the same change: nothing is transferred"
    case bothApply = "one side renamed it and the other moved it: both apply"
    case cloudPlaceWins = "both sides renamed or moved it: the cloud's place is kept"
    case cloudTimeWins = "both sides changed its time: the cloud's time is kept"
    case keepBoth =
        "both sides changed the bytes: the cloud's version keeps the name, the one of this device is kept beside it"
    case created = "new on one side: the other side gets it"
    case deleted = "deleted on one side, unchanged on the other: deleted there, too"
    case deletedOnBoth = "deleted on both sides"
    case editBeatsDeletion = "edited on one side, deleted on the other: the edit is kept"
    case deletionBeatsMove =
        "renamed or moved on one side, deleted on the other: it is deleted, since its bytes are unchanged"
    case movedItemKept =
        "moved in the cloud, replaced by something else on this device: the moved item is kept"
    case notObserved = "not observed in the cloud: never a reason to change anything"
    case staysHere = "stays on this device"
    case oneName = "new on both sides under one name, and the same: they become one"
    case nameTaken =
        "no folder can hold two names that OneDrive cannot tell apart: what has the name in the cloud keeps it"
    case neededInside = "a folder is kept as long as something inside it is kept"
    case circle = "no folder can lie inside itself: the cloud's places are kept"
    case parked = "names that change owners in a circle are freed one after the other"

    /// The rules of a node by itself: what each side did to it decides.
    static func ofNode(here: SideChange, there: SideChange, _ node: Node) -> [MergeRule] {
        switch (here.existence, there.existence) {
        case (.unknown, _), (_, .unknown): [.notObserved]
        case (.created, .created): createdOnBoth(node)
        case (.created, _), (.never, .created): [.created]
        case (.deleted, .deleted): [.deletedOnBoth]
        case (.deleted, _): afterDeletion(there)
        case (_, .deleted): afterDeletion(here)
        case (.kept, .kept), (.kept, .never), (.kept, .created): keptOnBoth(here, there, node)
        case (.never, .never), (.never, .kept): [.agree]
        }
    }

    /// The rule that a repair followed.
    init?(_ reason: Reason) {
        switch reason {
        case .nameTaken: self = .nameTaken
        case .neededInside: self = .neededInside
        case .cycle: self = .circle
        case .makesRoom: self = .parked
        case .movedThereDeletedHere: self = .movedItemKept
        case .newHere, .newThere, .editedHere, .editedThere, .editedOnBoth, .movedHere,
            .movedThere, .movedOnBoth, .deletedHere, .deletedThere, .editedHereDeletedThere,
            .editedThereDeletedHere, .touchedHere, .touchedThere:
            return nil
        }
    }

    private static func createdOnBoth(_ node: Node) -> [MergeRule] {
        guard let local = node.local, let remote = node.remote.facts else { return [.created] }
        if local.content != remote.content { return [.keepBoth] }
        return local.place.isSame(as: remote.place) ? [.sameChange] : [.cloudPlaceWins]
    }

    private static func afterDeletion(_ other: SideChange) -> [MergeRule] {
        if other.isEdited { return [.editBeatsDeletion] }
        return other.isPlacedAnew ? [.deletionBeatsMove] : [.deleted]
    }

    private static func keptOnBoth(
        _ here: SideChange, _ there: SideChange, _ node: Node
    ) -> [MergeRule] {
        guard let local = node.local, let remote = node.remote.facts else { return [.agree] }
        var rules: [MergeRule] = []
        func add(_ isHere: Bool, _ isThere: Bool, isSame: Bool, _ tie: MergeRule) {
            let rule: MergeRule? =
                switch (isHere, isThere) {
                case (false, false): nil
                case (true, true): isSame ? .sameChange : tie
                case (true, false), (false, true): .oneSide
                }
            if let rule, !rules.contains(rule) { rules.append(rule) }
        }
        if here.isRenamed != there.isRenamed, here.isMoved != there.isMoved,
            here.isRenamed != here.isMoved
        {
            rules.append(.bothApply)
        } else {
            add(
                here.isRenamed, there.isRenamed,
                isSame: local.place.name.isSame(as: remote.place.name), .cloudPlaceWins)
            add(
                here.isMoved, there.isMoved, isSame: local.place.parent == remote.place.parent,
                .cloudPlaceWins)
        }
        add(
            here.isEdited, there.isEdited, isSame: local.content == remote.content, .keepBoth)
        add(
            here.isTouched, there.isTouched, isSame: local.agreesInTime(with: remote),
            .cloudTimeWins)
        return rules.isEmpty ? [.agree] : rules
    }
}
