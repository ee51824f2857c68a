import Core

/// Reads the whole state from a connection, row by row.
struct RecordReader {
    private let connection: DatabaseConnection

    init(_ connection: DatabaseConnection) { self.connection = connection }

    /// Reads everything within one transaction, so that all parts are of one moment.
    func state() throws(StoreError) -> StoredState {
        let begin = try prepare("BEGIN")
        let end = try prepare("COMMIT")
        try begin.run()
        do {
            var state = StoredState()
            try readNodes(into: &state.nodes)
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

    func prepare(_ sql: String) throws(StoreError) -> PreparedStatement {
        try PreparedStatement(sql, on: connection)
    }

    func damage(_ table: String, _ row: PreparedStatement) -> StoreError {
        .damaged(
            path: connection.path, detail: "row \(row.integer(0)) of table \(table) makes no sense",
            setAside: nil)
    }

    // MARK: The rest

    private func readGenerations(into state: inout StoredState) throws(StoreError) {
        let row = try prepare(GenerationColumn.selection)
        while try row.next() {
            guard let generation = generation(row) else { throw damage("generation", row) }
            state.generations.append(generation)
        }
    }

    private func generation(_ row: PreparedStatement) -> Generation? {
        var packed = PackedBytesReader(row.bytes(GenerationColumn.present.rawValue))
        let size = row.integer(GenerationColumn.size.rawValue)
        guard let present = packed.ranges(), let node = row.node(GenerationColumn.node.rawValue),
            size >= 0
        else { return nil }
        var generation = Generation(
            id: GenerationID(
                rawValue: UInt64(bitPattern: row.integer(GenerationColumn.id.rawValue))),
            node: node, source: nil, present: present, size: size,
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
        while try row.next() {
            state.linkTargets[try node(of: "link_target", row)] = Array(row.bytes(1))
        }
    }

    private func readAttributes(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, name, value FROM attribute")
        while try row.next() {
            let node = try node(of: "attribute", row)
            state.attributes[node, default: [:]][Array(row.bytes(1))] = Array(row.bytes(2))
        }
    }

    private func readSessions(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, address, upload FROM upload_session")
        while try row.next() {
            state.sessions[try node(of: "upload_session", row)] = SavedSession(
                url: row.text(1), upload: row.text(2))
        }
    }

    private func readPins(into state: inout StoredState) throws(StoreError) {
        let row = try prepare("SELECT node, state FROM pin")
        while try row.next() {
            guard let pin = UInt8(exactly: row.integer(1)).flatMap(Pin.init) else {
                throw damage("pin", row)
            }
            state.pins[try node(of: "pin", row)] = pin
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
            state.shares[try node(of: "share", row)] = Share(
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
        guard let last = state.settings[.nodeIdentity].flatMap({ UInt64($0) }),
            last > NodeID.greatest.rawValue
        else { return }
        throw .damaged(
            path: connection.path, detail: "no node can have the id \(last)", setAside: nil)
    }

    /// The node that a row is of.
    private func node(of table: String, _ row: PreparedStatement) throws(StoreError) -> NodeID {
        guard let node = row.node(0) else { throw damage(table, row) }
        return node
    }
}

extension PreparedStatement {
    /// The node of which a column tells; nil if no node can have that id.
    func node(_ index: Int32) -> NodeID? { NodeID(stored: integer(index)) }
}
