/// Items that are new and plainly where they belong are shown as they are told of.
///
/// The plan would say the same of each, and costs more than all the rest of a first enumeration.
/// Whatever is not plain is left to it: an item whose directory is not shown yet, whose name is taken,
/// or that stands for something else.
extension Engine {
    /// Begins a page, of which plain items may be shown at once where it tells of what was never
    /// seen before.
    ///
    /// While the user has paused the client there is no plan, and a name that is not shown would
    /// seem not to exist to whoever waits for it.
    mutating func beginFirstSight(_ isFirst: Bool) {
        guard isFirst, planning.pause == nil || planning.pause == .user,
            cloud.confirmation == .confirmed
        else { return }
        sighted = []
    }

    /// Tells the kernel which directories have changed.
    mutating func endFirstSight(at now: Timestamp) {
        guard let directories = sighted else { return }
        sighted = nil
        for id in directories.sorted() where tree.contains(id) {
            touchDirectory(id, at: now)
            effects.append(.invalidateInode(id, data: false))
        }
    }

    /// Whether a plan could do nothing but show a new node at its place, now.
    func isPlain(_ kind: Kind, at place: Place) -> Bool {
        guard sighted != nil, kind == .file || kind == .directory else { return false }
        let parent = place.parent
        guard parent == .root || tree.scope(parent) == .synced && !tree.differs(parent) else {
            return false
        }
        return tree.child(of: parent, foldingLike: place.name) == nil
    }

    /// A new node was shown.
    mutating func noteFirstSight(of id: NodeID, at place: Place) {
        // In a directory of which programs know nothing there is no name to be forgotten.
        if cloud.listed.contains(place.parent) {
            effects.append(.invalidateEntry(parent: place.parent, name: place.name))
        }
        sighted?.insert(place.parent)
        keep(inside: id)
    }
}
