import Core

/// Reads the whole state from a connection, row by row.
struct RecordReader {
    private let connection: DatabaseConnection
    // Used again for every row, so that reading a hash asks for no memory.
    private var hash = [UInt8](repeating: 0, count: QuickXorHash.byteCount)

    init(_ connection: DatabaseConnection) { self.connection = connection }

    /// Reads everything within one transaction, so that all parts are of one moment.
    mutating func state() throws(StoreError) -> StoredState {
        let begin = try prepare("BEGIN")
        let end = try prepare("COMMIT")
        try begin.run()
        do {
            var state = StoredState()
            try readNodes(into: &state)
            try readGenerations(into: &state)
            try readLinkTargets(into: &state)
            try readAttributes(into: &state)
            try readSessions(into: &state)
            try readPins(into: &state)
            try readCheckouts(into: &state)
            try readShares(into: &state)
            try readSettings(into: &state)
            try end.run()
            return state
        } catch {
            try? end.run()
            throw error
        }
    }

    private func prepare(_ sql: String) throws(StoreError) -> PreparedStatement {
        try PreparedStatement(sql, on: connection)
    }

    private func damage(_ table: String, _ row: PreparedStatement) -> StoreError {
        .damaged(
            path: connection.path, detail: "row \(row.integer(0)) of table \(table) makes no sense",
            setAside: nil)
    }

    // MARK: Nodes

    private mutating func readNodes(into state: inout StoredState) throws(StoreError) {
        let count = try prepare("SELECT count(*) FROM node")
        if try count.next() { state.nodes.reserveCapacity(Int(count.integer(0))) }
        count.reset()
        let row = try prepare(NodeColumn.selection)
        while try row.next() {
            guard let node = node(row) else { throw damage("node", row) }
            state.nodes.append(node)
        }
    }

    private mutating func node(_ row: PreparedStatement) -> Node? {
        let sides = row.integer(NodeColumn.sides.rawValue)
        guard let kind = UInt8(exactly: row.integer(NodeColumn.kind.rawValue)).flatMap(Kind.init),
            let scope = Scope(column: row.integer(NodeColumn.scope.rawValue)),
            let permissions = UInt16(exactly: row.integer(NodeColumn.permissions.rawValue))
        else { return nil }
        var node = Node(
            id: NodeID(rawValue: UInt64(bitPattern: row.integer(NodeColumn.id.rawValue))),
            kind: kind,
            overlay: Overlay(
                permissions: permissions,
                changed: Timestamp(nanoseconds: row.integer(NodeColumn.changed.rawValue)),
                created: Timestamp(nanoseconds: row.integer(NodeColumn.created.rawValue))),
            scope: scope)
        if let generation = row.optionalInteger(NodeColumn.generation.rawValue) {
            node.generation = GenerationID(rawValue: UInt64(bitPattern: generation))
        }
        if let item = row.optionalText(NodeColumn.item.rawValue) {
            node.item = Item(
                id: ItemID(rawValue: item),
                eTag: row.optionalText(NodeColumn.eTag.rawValue).map(Tag.init),
                cTag: row.optionalText(NodeColumn.cTag.rawValue).map(Tag.init))
        }
        guard readSides(sides, row, into: &node) else { return nil }
        return node
    }

    /// Gives the node its observations; false where they make no sense.
    private mutating func readSides(
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

    private mutating func facts(_ row: PreparedStatement) -> Facts? {
        guard let name = Name(row.bytes(NodeColumn.name.rawValue)) else { return nil }
        let place = Place(
            parent: NodeID(
                rawValue: UInt64(bitPattern: row.integer(NodeColumn.parent.rawValue))),
            name: name)
        var facts = Facts(
            place: place, content: nil,
            modified: Timestamp(nanoseconds: row.integer(NodeColumn.modified.rawValue)))
        if let form = row.optionalInteger(NodeColumn.content.rawValue) {
            facts.content = content(
                form, size: row.integer(NodeColumn.size.rawValue),
                version: NodeColumn.version.rawValue, row)
            if facts.content == nil { return nil }
        }
        return facts
    }

    private mutating func content(
        _ form: Int64, size: Int64, version: Int32, _ row: PreparedStatement
    ) -> Content? {
        let form = UInt8(exactly: form).flatMap(ContentForm.init)
        switch form {
        case .hashed?, .rewritten?:
            let bytes = row.bytes(version)
            guard bytes.count == hash.count else { return nil }
            hash.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
            return QuickXorHash(bytes: hash).map {
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

    // MARK: The rest

    private mutating func readGenerations(into state: inout StoredState) throws(StoreError) {
        let row = try prepare(GenerationColumn.selection)
        while try row.next() {
            guard let generation = generation(row) else { throw damage("generation", row) }
            state.generations.append(generation)
        }
    }

    private mutating func generation(_ row: PreparedStatement) -> Generation? {
        var packed = PackedBytesReader(row.bytes(GenerationColumn.present.rawValue))
        guard let present = packed.ranges() else { return nil }
        var generation = Generation(
            id: GenerationID(
                rawValue: UInt64(bitPattern: row.integer(GenerationColumn.id.rawValue))),
            node: NodeID(
                rawValue: UInt64(bitPattern: row.integer(GenerationColumn.node.rawValue))),
            source: nil, present: present, size: row.integer(GenerationColumn.size.rawValue),
            lastUsed: Timestamp(nanoseconds: row.integer(GenerationColumn.lastUsed.rawValue)))
        if let item = row.optionalText(GenerationColumn.item.rawValue) {
            guard
                let content = content(
                    row.integer(GenerationColumn.content.rawValue),
                    size: row.integer(GenerationColumn.sourceSize.rawValue),
                    version: GenerationColumn.version.rawValue, row)
            else { return nil }
            generation.source = .init(
                item: ItemID(rawValue: item), content: content,
                cTag: row.optionalText(GenerationColumn.cTag.rawValue).map(Tag.init))
        }
        return generation
    }

    private func readLinkTargets(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, target FROM link_target")
        while try row.next() { state.linkTargets[row.node(0)] = Array(row.bytes(1)) }
    }

    private func readAttributes(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, name, value FROM attribute")
        while try row.next() {
            state.attributes[row.node(0), default: [:]][Array(row.bytes(1))] = Array(row.bytes(2))
        }
    }

    private func readSessions(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, address, upload FROM upload_session")
        while try row.next() {
            state.sessions[row.node(0)] = SavedSession(url: row.text(1), upload: row.text(2))
        }
    }

    private func readPins(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, state FROM pin")
        while try row.next() {
            guard let pin = UInt8(exactly: row.integer(1)).flatMap(Pin.init) else {
                throw damage("pin", row)
            }
            state.pins[row.node(0)] = pin
        }
    }

    private func readCheckouts(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT item, granted, changed, tag FROM checkout")
        while try row.next() {
            state.checkouts[ItemID(rawValue: row.text(0))] = SavedCheckout(
                isGranted: row.integer(1) != 0, hasChanges: row.integer(2) != 0,
                tag: row.optionalText(3).map(Tag.init))
        }
    }

    private func readShares(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, shortcut, target, walked FROM share")
        while try row.next() {
            state.shares[row.node(0)] = Share(
                shortcut: ItemID(rawValue: row.text(1)), target: ItemID(rawValue: row.text(2)),
                isWalked: row.integer(3) != 0)
        }
    }

    private func readSettings(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT name, value FROM setting")
        while try row.next() {
            // Names that this version does not know are left as they are.
            guard let setting = Setting(rawValue: row.text(0)) else { continue }
            state.settings[setting] = row.text(1)
        }
    }
}

extension PreparedStatement {
    fileprivate func node(_ index: Int32) -> NodeID {
        NodeID(rawValue: UInt64(bitPattern: integer(index)))
    }
}
