/// The rows of a ``Tree``: dense pages addressed by node id, with the indexes of local names and of
/// items.
///
/// Ids are handed out in sequence and never reused, so a page table finds a row in two steps
/// without hashing. The children of a directory form a doubly linked list through their rows.
struct NodeTable: Sendable {
    private var pages: [RowPage?] = []
    /// By directory and folded name.
    private var names = HashIndex()
    private var items = HashIndex()
    /// The lists of directories without a row of their own: an entry can be known before its
    /// directory is.
    private var orphans: [NodeID: ChildList] = [:]
    private(set) var count = 0

    // MARK: Reading

    func contains(_ id: NodeID) -> Bool { row(id) != nil }

    func kind(_ id: NodeID) -> Kind? { row(id)?.kind }

    func scope(_ id: NodeID) -> Scope? { row(id)?.scope }

    /// The node, put together with what sets its sides apart.
    func node(_ id: NodeID, apart: Apart?) -> Node? {
        let (index, slot) = Self.position(id)
        guard index < pages.count, let page = pages[index], let row = page[slot] else { return nil }
        return row.node(
            id: id, name: page.name(at: slot), item: page.item(at: slot), apart: apart)
    }

    /// The facts that the row holds, whichever side they are of.
    func facts(_ id: NodeID) -> Facts? {
        let (index, slot) = Self.position(id)
        guard index < pages.count, let page = pages[index], let row = page[slot] else { return nil }
        return row.facts(page.name(at: slot))
    }

    func local(_ id: NodeID) -> Facts? { row(id)?.isLocal == true ? facts(id) : nil }

    /// The directory in which the mount shows a node.
    func localParent(_ id: NodeID) -> NodeID? {
        guard let row = row(id), row.isLocal else { return nil }
        return row.parent
    }

    /// How many bytes a file of the mount has; nil for other nodes.
    func fileSize(_ id: NodeID) -> Int64? {
        guard let row = row(id), row.isLocal, row.kind == .file else { return nil }
        return row.size
    }

    var allNodes: [NodeID] {
        var result: [NodeID] = []
        result.reserveCapacity(count)
        for (index, page) in pages.enumerated() {
            guard let page else { continue }
            for slot in page.slots {
                result.append(NodeID(rawValue: UInt64(index * RowPage.rowCount + slot)))
            }
        }
        return result
    }

    /// The next directory after a node, in the order of ids.
    func container(after id: NodeID) -> NodeID? {
        let (first, start) = Self.position(NodeID(rawValue: id.rawValue + 1))
        for index in pages.indices.dropFirst(first) {
            guard let page = pages[index] else { continue }
            for slot in (index == first ? start : 0)..<RowPage.rowCount
            where page[slot]?.kind.isContainer == true {
                return NodeID(rawValue: UInt64(index * RowPage.rowCount + slot))
            }
        }
        return nil
    }

    private func row(_ id: NodeID) -> PackedRow? {
        let (index, slot) = Self.position(id)
        guard index < pages.count else { return nil }
        return pages[index]?[slot]
    }

    // MARK: Changing

    /// Makes room for so many nodes in all.
    mutating func reserve(_ count: Int) {
        names.reserve(count)
        items.reserve(count)
    }

    /// Stores a node and keeps the links of the one it replaces.
    mutating func store(_ node: Node) {
        let (index, slot) = makePage(for: node.id)
        let facts = node.local ?? node.remote.facts ?? node.synced
        let isNew =
            pages[index]?.store(PackedRow(node), facts?.place.name, node.item, at: slot) == true
        if isNew { noteNew(node.id, node.kind) }
    }

    /// Stores a node that is new, and enters it under its item.
    mutating func store(_ node: SettledNode) {
        let (index, slot) = makePage(for: node.id)
        pages[index]?.add(PackedRow(node), node.facts.place.name, node.item, at: slot)
        noteNew(node.id, node.kind)
        guard let item = node.item?.id else { return }
        let hash = item.indexHash
        bind(node.id, hash, inPlaceOf: items.first(hash) { isBound($0, to: item) })
    }

    private mutating func makePage(for id: NodeID) -> (page: Int, slot: Int) {
        let position = Self.position(id)
        while pages.count <= position.page { pages.append(nil) }
        if pages[position.page] == nil { pages[position.page] = RowPage() }
        return position
    }

    private mutating func noteNew(_ id: NodeID, _ kind: Kind) {
        count += 1
        guard kind.isContainer, !orphans.isEmpty, let children = orphans.removeValue(forKey: id)
        else { return }
        modify(id) { $0.children = children }
    }

    mutating func remove(_ id: NodeID) {
        let (index, slot) = Self.position(id)
        guard let row = row(id) else { return }
        if row.children.first != nil { orphans[id] = row.children }
        pages[index]?.remove(at: slot)
        count -= 1
        if pages[index]?.isEmpty == true { pages[index] = nil }
    }

    mutating func changeContent(of id: NodeID, to content: Content, modified: Timestamp) {
        modify(id) { $0.changeContent(to: content, modified: modified) }
    }

    private mutating func modify(_ id: NodeID, _ change: (inout PackedRow) -> Void) {
        let (index, slot) = Self.position(id)
        guard index < pages.count else { return }
        pages[index]?.modify(slot, change)
    }

    private static func position(_ id: NodeID) -> (page: Int, slot: Int) {
        let raw = Int(id.rawValue)
        return (raw / RowPage.rowCount, raw % RowPage.rowCount)
    }
}

// MARK: Items

extension NodeTable {
    func node(for item: ItemID) -> NodeID? {
        items.first(item.indexHash) { isBound($0, to: item) }
    }

    /// Enters a node under its item, in the place of any other.
    mutating func bind(_ id: NodeID, to item: ItemID) {
        bind(id, item.indexHash, inPlaceOf: node(for: item))
    }

    private mutating func bind(_ id: NodeID, _ hash: UInt64, inPlaceOf other: NodeID?) {
        guard other != id else { return }
        if let other { items.remove(other, hash) }
        items.insert(id, hash)
    }

    /// Takes a node out that is entered under an item.
    mutating func unbind(_ id: NodeID, from item: ItemID) { items.remove(id, item.indexHash) }

    private func isBound(_ id: NodeID, to item: ItemID) -> Bool {
        let (index, slot) = Self.position(id)
        return index < pages.count && pages[index]?.itemID(at: slot) == item
    }

    private func isBound(_ id: NodeID, to item: UnsafeBufferPointer<UInt8>) -> Bool {
        isBound(id, to: ItemID(rawValue: String(decoding: item, as: UTF8.self)))
    }
}

extension ItemID {
    fileprivate var indexHash: UInt64 { rawValue.utf8.indexHash }
}

extension Sequence<UInt8> {
    /// Of the UTF-8 of an item's id.
    fileprivate var indexHash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in self { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 32) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 29
    }
}

// MARK: Names

extension NodeTable {
    func child(of parent: NodeID, folding name: Name) -> NodeID? {
        names.first(foldHash(name, seed: parent.rawValue)) { id in
            hasName(id, in: parent) { bytes in
                name.withBytes { $0.elementsEqual(bytes) }
                    || Name(bytes).map { foldsEqual($0, name) } == true
            }
        }
    }

    /// The child of exactly this name.
    func child(of parent: NodeID, named name: Name) -> NodeID? {
        guard let id = child(of: parent, folding: name),
            hasName(id, in: parent, where: { bytes in name.withBytes { $0.elementsEqual(bytes) } })
        else { return nil }
        return id
    }

    private func hasName(
        _ id: NodeID, in parent: NodeID, where body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        let (index, slot) = Self.position(id)
        guard index < pages.count, let page = pages[index], page[slot]?.parent == parent else {
            return false
        }
        return page.hasName(at: slot, where: body)
    }

    func childList(of parent: NodeID) -> ChildList {
        if let row = row(parent), row.kind.isContainer { return row.children }
        return orphans[parent] ?? ChildList()
    }

    func children(of parent: NodeID) -> [NodeID] {
        var result: [NodeID] = []
        var next = childList(of: parent).first
        while let id = next {
            result.append(id)
            next = row(id)?.nextSibling
        }
        return result
    }

    /// The entries that a directory lists behind one, or before it, the nearest first.
    func siblings(
        of id: NodeID, _ next: KeyPath<PackedRow, NodeID?>, atMost limit: Int
    ) -> [NodeID] {
        var result: [NodeID] = []
        var current = row(id)?[keyPath: next]
        while let sibling = current, result.count < limit {
            result.append(sibling)
            current = row(sibling)?[keyPath: next]
        }
        return result
    }

    /// Enters a row under its name.
    ///
    /// The caller has seen to it that no sibling folds alike.
    mutating func link(_ id: NodeID, at place: Place, isDirectory: Bool) {
        names.insert(id, foldHash(place.name, seed: place.parent.rawValue))
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
        names.remove(id, foldHash(place.name, seed: place.parent.rawValue))
        guard let row = row(id) else { return }
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

    private mutating func modifyList(of parent: NodeID, _ change: (inout ChildList) -> Void) {
        if row(parent)?.kind.isContainer == true {
            modify(parent) { change(&$0.children) }
            return
        }
        var list = orphans[parent] ?? ChildList()
        change(&list)
        orphans[parent] = list.first == nil ? nil : list
    }
}
