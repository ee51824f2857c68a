/// What one side did to a node since both last agreed on it, facet by facet.
package struct SideChange: Hashable, Sendable {
    package enum Existence: Hashable, Sendable {
        /// It was there and is.
        case kept
        /// It is there and was not agreed on before.
        case created
        case deleted
        /// This side never had it.
        case never
        /// What this side has of it was not observed.
        case unknown
    }

    package var existence: Existence
    package var isRenamed = false
    package var isMoved = false
    package var isEdited = false
    package var isTouched = false

    /// The change from what was agreed on to what is seen.
    package init(_ observation: Observation, since base: Facts?) {
        switch (observation, base) {
        case (.unknown, _): existence = .unknown
        case (.absent, nil): existence = .never
        case (.absent, .some): existence = .deleted
        case (.present, nil): existence = .created
        case (.present(let facts), let base?):
            existence = .kept
            isRenamed = !facts.place.name.isSame(as: base.place.name)
            isMoved = facts.place.parent != base.place.parent
            isEdited = facts.content != base.content
            isTouched = !isEdited && !facts.agreesInTime(with: base)
        }
    }

    /// Whether it lies elsewhere than it did.
    package var isPlacedAnew: Bool { isRenamed || isMoved }

    /// In words; empty where nothing changed.
    package var words: [String] {
        switch existence {
        case .unknown: ["not observed"]
        case .never: []
        case .created: ["new"]
        case .deleted: ["deleted"]
        case .kept:
            (isRenamed ? ["renamed"] : []) + (isMoved ? ["moved"] : [])
                + (isEdited ? ["edited"] : []) + (isTouched ? ["time changed"] : [])
        }
    }
}
