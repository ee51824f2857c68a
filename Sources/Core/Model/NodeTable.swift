/// The rows of a ``Tree``: dense pages addressed by node id, with the index of local names.
///
/// Ids are handed out in sequence and never reused, so a page table finds a row in two steps
/// without hashing. The children of a directory form a doubly linked list through their rows.
struct NodeTable: Sendable {
    private static let rowsPerPage = 256

    private struct Page: Sendable {
        var rows: [Row?]
        var used = 0
    }

    private var pages: [Page?] = []
    /// Hash of (directory, folded name) to the child; collisions go on in `overflow`.
    private var childByHash: [UInt64: NodeID] = [:]
    private var overflow: [UInt64: [NodeID]] = [:]
    /// The lists of directories without a row of their own: an entry can be known before its
    /// directory is.
    private var orphans: [NodeID: ChildList] = [:]
    private(set) var count = 0

    subscript(id: NodeID) -> Row? {
        let (page, slot) = Self.position(id)
        guard page < pages.count else { return nil }
        return pages[page]?.rows[slot]
    }

    var allNodes: [NodeID] {
        var result: [NodeID] = []
        result.reserveCapacity(count)
        for (pageIndex, page) in pages.enumerated() {
            guard let page else { continue }
            for (slot, row) in page.rows.enumerated() where row != nil {
                result.append(NodeID(rawValue: UInt64(pageIndex * Self.rowsPerPage + slot)))
            }
        }
        return result
    }

    /// The next directory after a node, in the order of ids.
    func container(after id: NodeID) -> NodeID? {
        let (first, start) = Self.position(NodeID(rawValue: id.rawValue + 1))
        for index in pages.indices.dropFirst(first) {
            guard let page = pages[index] else { continue }
            let slots = index == first ? page.rows.indices.dropFirst(start) : page.rows.indices[...]
            for slot in slots where page.rows[slot]?.kind.isContainer == true {
                return NodeID(rawValue: UInt64(index * Self.rowsPerPage + slot))
            }
        }
        return nil
    }

    /// Stores a row and keeps the links of the one it replaces.
    mutating func store(_ row: Row, for id: NodeID) {
        let (page, slot) = Self.position(id)
        while pages.count <= page { pages.append(nil) }
        if pages[page] == nil {
            pages[page] = Page(rows: Array(repeating: nil, count: Self.rowsPerPage))
        }
        var row = row
        if let old = pages[page]?.rows[slot] {
            row.takeLinks(of: old)
        } else {
            row.children = orphans.removeValue(forKey: id) ?? ChildList()
            count += 1
            pages[page]?.used += 1
        }
        pages[page]?.rows[slot] = row
    }

    mutating func remove(_ id: NodeID) {
        let (page, slot) = Self.position(id)
        guard page < pages.count, let row = pages[page]?.rows[slot] else { return }
        if row.children.first != nil { orphans[id] = row.children }
        pages[page]?.rows[slot] = nil
        pages[page]?.used -= 1
        count -= 1
        if pages[page]?.used == 0 { pages[page] = nil }
    }

    mutating func changeContent(of id: NodeID, to content: Content, modified: Timestamp) {
        modify(id) { row in
            row.content = content
            row.modified = modified
            row.changed = modified
        }
    }

    // MARK: Names

    func child(of parent: NodeID, folding name: Name) -> NodeID? {
        let hash = Self.hash(parent, name)
        guard let first = childByHash[hash] else { return nil }
        if matches(first, parent, name) { return first }
        return overflow[hash]?.first { matches($0, parent, name) }
    }

    func childList(of parent: NodeID) -> ChildList {
        self[parent]?.children ?? orphans[parent] ?? ChildList()
    }

    func children(of parent: NodeID) -> [NodeID] {
        var result: [NodeID] = []
        var next = childList(of: parent).first
        while let id = next {
            result.append(id)
            next = self[id]?.nextSibling
        }
        return result
    }

    /// Enters a row under its name.
    ///
    /// The caller has seen to it that no sibling folds alike.
    mutating func link(_ id: NodeID, at place: Place, isDirectory: Bool) {
        let hash = Self.hash(place.parent, place.name)
        if childByHash[hash] == nil {
            childByHash[hash] = id
        } else {
            overflow[hash, default: []].append(id)
        }
        let first = childList(of: place.parent).first
        modify(id) { row in
            row.nextSibling = first
            row.previousSibling = nil
        }
        if let first { modify(first) { $0.previousSibling = id } }
        modifyList(of: place.parent) { list in
            list.first = id
            if isDirectory { list.directoryCount += 1 }
        }
    }

    mutating func unlink(_ id: NodeID, from place: Place) {
        unlinkHash(id, Self.hash(place.parent, place.name))
        guard let row = self[id] else { return }
        let (next, previous) = (row.nextSibling, row.previousSibling)
        if let next { modify(next) { $0.previousSibling = previous } }
        if let previous { modify(previous) { $0.nextSibling = next } }
        modifyList(of: place.parent) { list in
            if previous == nil { list.first = next }
            if row.kind.isContainer { list.directoryCount -= 1 }
        }
        modify(id) { row in
            row.nextSibling = nil
            row.previousSibling = nil
        }
    }

    private mutating func unlinkHash(_ id: NodeID, _ hash: UInt64) {
        if childByHash[hash] == id {
            if var others = overflow[hash] {
                childByHash[hash] = others.removeFirst()
                overflow[hash] = others.isEmpty ? nil : others
            } else {
                childByHash[hash] = nil
            }
        } else if var others = overflow[hash] {
            others.removeAll { $0 == id }
            overflow[hash] = others.isEmpty ? nil : others
        }
    }

    private func matches(_ id: NodeID, _ parent: NodeID, _ name: Name) -> Bool {
        guard let place = self[id]?.place, place.parent == parent else { return false }
        return foldsEqual(place.name, name)
    }

    private mutating func modify(_ id: NodeID, _ change: (inout Row) -> Void) {
        let (page, slot) = Self.position(id)
        guard page < pages.count else { return }
        // In place: taking the row out and writing it back would copy its page.
        pages[page]?.rows[slot]?.apply(change)
    }

    private mutating func modifyList(of parent: NodeID, _ change: (inout ChildList) -> Void) {
        guard self[parent] == nil else {
            modify(parent) { change(&$0.children) }
            return
        }
        var list = orphans[parent] ?? ChildList()
        change(&list)
        orphans[parent] = list.first == nil ? nil : list
    }

    private static func hash(_ parent: NodeID, _ name: Name) -> UInt64 {
        foldHash(name, seed: parent.rawValue)
    }

    private static func position(_ id: NodeID) -> (page: Int, slot: Int) {
        let raw = Int(id.rawValue)
        return (raw / rowsPerPage, raw % rowsPerPage)
    }
}

/// The entries of a directory: the first of a linked list, and how many are directories.
struct ChildList: Sendable {
    var first: NodeID?
    var directoryCount: UInt32 = 0
}

/// One stored node: its local facts, or the facts that all sides share, with the links of the
/// directory it lies in.
struct Row: Sendable {
    var kind: Kind
    var scope: Scope
    var permissions: UInt16
    var isLocal: Bool
    /// Nil where no side names the node.
    var place: Place?
    var content: Content?
    var modified: Timestamp
    var changed: Timestamp
    var created: Timestamp
    var item: Item?
    var generation: GenerationID?
    var nextSibling: NodeID?
    var previousSibling: NodeID?
    var children = ChildList()

    init(_ node: Node) {
        let facts = node.local ?? node.remote.facts ?? node.synced
        kind = node.kind
        scope = node.scope
        permissions = node.overlay.permissions
        isLocal = node.local != nil
        place = facts?.place
        content = facts?.content
        modified = facts?.modified ?? node.overlay.created
        changed = node.overlay.changed
        created = node.overlay.created
        item = node.item
        generation = node.generation
    }

    var local: Facts? { isLocal ? facts : nil }

    var facts: Facts? {
        place.map { Facts(place: $0, content: content, modified: modified) }
    }

    mutating func apply(_ change: (inout Row) -> Void) { change(&self) }

    mutating func takeLinks(of old: Row) {
        nextSibling = old.nextSibling
        previousSibling = old.previousSibling
        children = old.children
    }

    func node(id: NodeID, apart: Apart?) -> Node {
        // What nothing sets apart either stays on this device or is the same on all sides.
        let settled = scope == .synced ? facts : nil
        return Node(
            id: id, kind: kind, local: local,
            remote: apart?.remote ?? settled.map(Observation.present) ?? .absent,
            synced: apart == nil ? settled : apart?.synced,
            item: item, sent: apart?.sent,
            overlay: Overlay(permissions: permissions, changed: changed, created: created),
            generation: generation, scope: scope)
    }
}
