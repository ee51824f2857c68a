import Core

/// One side of a small drive: what it shows under which node.
struct SideState: Hashable {
    struct Entry: Hashable {
        var parent: NodeID
        var name: Name
        /// Nil for a directory.
        var content: Content?
    }

    /// In the order of the ids.
    private(set) var ids: [NodeID] = []
    private(set) var entries: [Entry] = []

    subscript(id: NodeID) -> Entry? { ids.firstIndex(of: id).map { entries[$0] } }

    var directories: [NodeID] { [.root] + ids.filter { self[$0]?.content == nil } }

    func isFree(_ name: Name, in parent: NodeID, for id: NodeID?) -> Bool {
        !zip(ids, entries).contains {
            $0 != id && $1.parent == parent && foldsEqual($1.name, name)
        }
    }

    func isInside(_ id: NodeID, _ directory: NodeID) -> Bool {
        var current = id
        while current != .root {
            if current == directory { return true }
            guard let parent = self[current]?.parent else { return false }
            current = parent
        }
        return false
    }

    // MARK: Changing

    mutating func insert(_ id: NodeID, _ entry: Entry) {
        let index = ids.firstIndex { $0 > id } ?? ids.endIndex
        ids.insert(id, at: index)
        entries.insert(entry, at: index)
    }

    mutating func change(_ id: NodeID, _ body: (inout Entry) -> Void) {
        if let index = ids.firstIndex(of: id) { body(&entries[index]) }
    }

    /// Deletes a node with everything inside.
    mutating func delete(_ id: NodeID) {
        let doomed = ids.filter { isInside($0, id) }
        for id in doomed {
            guard let index = ids.firstIndex(of: id) else { continue }
            ids.remove(at: index)
            entries.remove(at: index)
        }
    }

    // MARK: What a user can do

    /// Every state that one operation leads to.
    ///
    /// `new` is the node that a creation makes.
    func successors(_ side: SmallScope.Words, new: NodeID) -> [SideState] {
        creations(side, new: new) + ids.flatMap { changes(of: $0, side, new: new) } + swaps
    }

    private func creations(_ side: SmallScope.Words, new: NodeID) -> [SideState] {
        directories.flatMap { directory in
            SmallScope.names.filter { isFree($0, in: directory, for: nil) }.flatMap { name in
                ([nil] + side.contents(of: new)).map { content in
                    changed {
                        $0.insert(
                            new, Entry(parent: directory, name: name, content: content))
                    }
                }
            }
        }
    }

    private func changes(
        of id: NodeID, _ side: SmallScope.Words, new: NodeID
    ) -> [SideState] {
        guard let entry = self[id] else { return [] }
        var states: [SideState] = [changed { $0.delete(id) }]
        for name in SmallScope.names + SmallScope.spellings
        where name != entry.name && isFree(name, in: entry.parent, for: id) {
            states.append(changed { $0.change(id) { $0.name = name } })
        }
        for directory in directories
        where directory != entry.parent && !isInside(directory, id)
            && isFree(entry.name, in: directory, for: nil)
        {
            states.append(changed { $0.change(id) { $0.parent = directory } })
        }
        if entry.content != nil {
            for content in side.contents(of: id) where content != entry.content {
                states.append(changed { $0.change(id) { $0.content = content } })
            }
        }
        // The same name, another kind.
        states.append(
            changed { state in
                state.delete(id)
                var other = entry
                other.content = entry.content == nil ? side.contents(of: new)[0] : nil
                state.insert(new, other)
            })
        return states
    }

    /// Two nodes exchange their places.
    private var swaps: [SideState] {
        ids.indices.flatMap { first in
            ids.indices.filter { $0 > first }.compactMap { second -> SideState? in
                let (one, other) = (ids[first], ids[second])
                guard !isInside(one, other), !isInside(other, one) else { return nil }
                return changed { state in
                    let (left, right) = (entries[first], entries[second])
                    state.change(one) { ($0.parent, $0.name) = (right.parent, right.name) }
                    state.change(other) { ($0.parent, $0.name) = (left.parent, left.name) }
                }
            }
        }
    }

    private func changed(_ body: (inout SideState) -> Void) -> SideState {
        var state = self
        body(&state)
        return state
    }
}
