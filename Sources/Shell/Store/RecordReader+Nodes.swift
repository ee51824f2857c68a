import Core

/// Reads the rows of nodes.
extension RecordReader {
    func readNodes(into nodes: inout StoredNodes) throws(StoreError) {
        let count = try prepare("SELECT count(*) FROM node")
        if try count.next() { nodes.reserve(Int(count.integer(0))) }
        count.reset()
        let row = try prepare(NodeColumn.selection)
        while try row.next() {
            guard let head = head(row) else { throw damage("node", row) }
            if head.isSettled {
                guard let node = settledNode(head, row) else { throw damage("node", row) }
                nodes.append(node)
            } else {
                guard let node = node(head, row) else { throw damage("node", row) }
                nodes.append(node)
            }
        }
    }

    /// What a row says first.
    private struct Head {
        var id: NodeID
        var kind: Kind
        var scope: Scope
        var sides: Int64
        var overlay: Overlay
        var generation: GenerationID?

        /// Whether all sides share the facts of the row.
        var isSettled: Bool {
            scope == .synced
                && sides == Side.local.bits(.shared) | Side.remote.bits(.shared)
                    | Side.synced.bits(.shared)
        }
    }

    private func head(_ row: PreparedStatement) -> Head? {
        guard let id = row.node(NodeColumn.id.rawValue),
            let kind = UInt8(exactly: row.integer(NodeColumn.kind.rawValue)).flatMap(Kind.init),
            let scope = Scope(column: row.integer(NodeColumn.scope.rawValue)),
            let permissions = UInt16(exactly: row.integer(NodeColumn.permissions.rawValue))
        else { return nil }
        let overlay = Overlay(
            permissions: permissions,
            changed: Timestamp(nanoseconds: row.integer(NodeColumn.changed.rawValue)),
            created: Timestamp(nanoseconds: row.integer(NodeColumn.created.rawValue)))
        let generation = row.optionalInteger(NodeColumn.generation.rawValue)
        return Head(
            id: id, kind: kind, scope: scope, sides: row.integer(NodeColumn.sides.rawValue),
            overlay: overlay,
            generation: generation.map { GenerationID(rawValue: UInt64(bitPattern: $0)) })
    }

    private func settledNode(_ head: Head, _ row: PreparedStatement) -> SettledNode? {
        guard !row.isNull(NodeColumn.parent.rawValue), let facts = facts(row),
            row.bytes(NodeColumn.apart.rawValue).isEmpty
        else { return nil }
        let item = row.optionalUTF8(NodeColumn.item.rawValue).map { id in
            StoredItem(
                id: id, eTag: row.optionalUTF8(NodeColumn.eTag.rawValue),
                cTag: row.optionalUTF8(NodeColumn.cTag.rawValue))
        }
        return SettledNode(
            id: head.id, kind: head.kind, facts: facts, item: item, overlay: head.overlay,
            generation: head.generation)
    }

    private func node(_ head: Head, _ row: PreparedStatement) -> Node? {
        var node = Node(
            id: head.id, kind: head.kind, overlay: head.overlay, generation: head.generation,
            scope: head.scope)
        if let item = row.optionalText(NodeColumn.item.rawValue) {
            node.item = Item(
                id: ItemID(rawValue: item),
                eTag: row.optionalText(NodeColumn.eTag.rawValue).map(Tag.init),
                cTag: row.optionalText(NodeColumn.cTag.rawValue).map(Tag.init))
        }
        guard readSides(head.sides, row, into: &node) else { return nil }
        return node
    }

    /// Gives the node its observations; false where they make no sense.
    private func readSides(
        _ sides: Int64, _ row: PreparedStatement, into node: inout Node
    ) -> Bool {
        guard sides >> 8 == 0 else { return false }
        if row.isNull(NodeColumn.parent.rawValue) {
            // No side has facts; the cloud may still be unknown.
            if sides == Side.remote.bits(.unknown) { node.remote = .unknown }
            return sides == 0 || sides == Side.remote.bits(.unknown)
        }
        guard let shared = facts(row) else { return false }
        var apart = PackedBytesReader(row.bytes(NodeColumn.apart.rawValue))
        func read(_ side: Side, _ put: (Facts) -> Void) -> Bool {
            switch side.form(in: sides) {
            case .none?: return true
            case .shared?:
                put(shared)
                return true
            case .apart?:
                guard let facts = apart.facts(apartFrom: shared) else { return false }
                put(facts)
                return true
            case .unknown?:
                node.remote = .unknown
                return side == .remote
            case nil: return false
            }
        }
        return read(.local) { node.local = $0 }
            && read(.remote) { node.remote = .present($0) }
            && read(.synced) { node.synced = $0 }
            && read(.sent) { node.sent = $0 }
            && apart.isAtEnd
    }

    private func facts(_ row: PreparedStatement) -> Facts? {
        guard let name = Name(row.bytes(NodeColumn.name.rawValue)),
            let parent = row.node(NodeColumn.parent.rawValue)
        else { return nil }
        var facts = Facts(
            place: Place(parent: parent, name: name), content: nil,
            modified: Timestamp(nanoseconds: row.integer(NodeColumn.modified.rawValue)))
        if let form = row.optionalInteger(NodeColumn.content.rawValue) {
            facts.content = content(
                form, size: row.integer(NodeColumn.size.rawValue),
                version: NodeColumn.version.rawValue, row)
            if facts.content == nil { return nil }
        }
        return facts
    }

    func content(
        _ form: Int64, size: Int64, version: Int32, _ row: PreparedStatement
    ) -> Content? {
        guard size >= 0 else { return nil }
        let form = UInt8(exactly: form).flatMap(ContentForm.init)
        switch form {
        case .hashed?, .rewritten?:
            return QuickXorHash(row.bytes(version)).map {
                form == .hashed ? .hashed($0, size: size) : .rewritten($0, size: size)
            }
        case .unhashed?:
            return .unhashed(
                size: size, modified: Timestamp(nanoseconds: row.integer(version)))
        case .edited?:
            return .edited(revision: UInt64(bitPattern: row.integer(version)), size: size)
        case nil:
            return nil
        }
    }
}
