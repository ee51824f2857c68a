import Core

/// Writes changes of the state, a transaction at a time, with statements compiled once.
///
/// Not safe for several threads at once.
final class RecordWriter {
    private let connection: DatabaseConnection
    private let begin: PreparedStatement
    private let end: PreparedStatement
    private let undo: PreparedStatement
    private let putNode: PreparedStatement
    private let removeNode: PreparedStatement
    private let putGeneration: PreparedStatement
    private let removeGeneration: PreparedStatement
    private let putLinkTarget: PreparedStatement
    private let removeLinkTarget: PreparedStatement
    private let putAttribute: PreparedStatement
    private let removeAttribute: PreparedStatement
    private let removeAttributes: PreparedStatement
    private let putPin: PreparedStatement
    private let removePin: PreparedStatement
    private let putSession: PreparedStatement
    private let removeSession: PreparedStatement
    private let putCheckout: PreparedStatement
    private let removeCheckout: PreparedStatement
    private let putShare: PreparedStatement
    private let removeShare: PreparedStatement
    private let putSetting: PreparedStatement
    private let removeSetting: PreparedStatement
    private var packed = PackedBytes()

    init(_ connection: DatabaseConnection) throws(StoreError) {
        func prepare(_ sql: String) throws(StoreError) -> PreparedStatement {
            try PreparedStatement(sql, on: connection)
        }
        self.connection = connection
        begin = try prepare("BEGIN IMMEDIATE")
        end = try prepare("COMMIT")
        undo = try prepare("ROLLBACK")
        putNode = try prepare(NodeColumn.insertion)
        removeNode = try prepare("DELETE FROM node WHERE id = ?1")
        putGeneration = try prepare(GenerationColumn.insertion)
        removeGeneration = try prepare("DELETE FROM generation WHERE id = ?1")
        putLinkTarget = try prepare("INSERT OR REPLACE INTO link_target VALUES (?1, ?2)")
        removeLinkTarget = try prepare("DELETE FROM link_target WHERE node = ?1")
        putAttribute = try prepare("INSERT OR REPLACE INTO attribute VALUES (?1, ?2, ?3)")
        removeAttribute = try prepare("DELETE FROM attribute WHERE node = ?1 AND name = ?2")
        removeAttributes = try prepare("DELETE FROM attribute WHERE node = ?1")
        putPin = try prepare("INSERT OR REPLACE INTO pin VALUES (?1, ?2)")
        removePin = try prepare("DELETE FROM pin WHERE node = ?1")
        putSession = try prepare(
            "INSERT OR REPLACE INTO upload_session (node, address, upload) VALUES (?1, ?2, ?3)")
        removeSession = try prepare("DELETE FROM upload_session WHERE node = ?1")
        putCheckout = try prepare("INSERT OR REPLACE INTO checkout VALUES (?1, ?2, ?3, ?4)")
        removeCheckout = try prepare("DELETE FROM checkout WHERE item = ?1")
        putShare = try prepare("INSERT OR REPLACE INTO share VALUES (?1, ?2, ?3, ?4)")
        removeShare = try prepare("DELETE FROM share WHERE node = ?1")
        putSetting = try prepare("INSERT OR REPLACE INTO setting VALUES (?1, ?2)")
        removeSetting = try prepare("DELETE FROM setting WHERE name = ?1")
    }

    /// Writes all the changes, in their order, or none of them.
    func commit(_ batches: [[RecordChange]]) throws(StoreError) {
        if batches.count == 1, batches[0].count == 1, batches[0][0].isOneStatement {
            // A statement is a transaction by itself.
            try write(batches[0][0])
            return
        }
        try begin.run()
        do {
            for batch in batches {
                for change in batch { try write(change) }
            }
            try end.run()
        } catch {
            // Some failures end the transaction by themselves (sqlite.org/lang_transaction.html,
            // section 3).
            if connection.isInTransaction { try? undo.run() }
            throw error
        }
    }

    private func write(_ change: RecordChange) throws(StoreError) {
        switch change {
        case .node(let node): try write(node)
        case .removeNode(let id): try remove(id)
        case .generation(let generation): try write(generation)
        case .removeGeneration(let id):
            removeGeneration.bind(Int64(bitPattern: id.rawValue), at: 1)
            try removeGeneration.run()
        case .linkTarget(let id, let target):
            putLinkTarget.bind(Int64(bitPattern: id.rawValue), at: 1)
            putLinkTarget.bind(target, at: 2)
            try putLinkTarget.run()
        case .attribute(let id, let name, let value?):
            putAttribute.bind(Int64(bitPattern: id.rawValue), at: 1)
            putAttribute.bind(name, at: 2)
            putAttribute.bind(value, at: 3)
            try putAttribute.run()
        case .attribute(let id, let name, nil):
            removeAttribute.bind(Int64(bitPattern: id.rawValue), at: 1)
            removeAttribute.bind(name, at: 2)
            try removeAttribute.run()
        case .pin(let id, let pin?):
            putPin.bind(Int64(bitPattern: id.rawValue), at: 1)
            putPin.bind(Int64(pin.rawValue), at: 2)
            try putPin.run()
        case .pin(let id, nil):
            removePin.bind(Int64(bitPattern: id.rawValue), at: 1)
            try removePin.run()
        case .session(let id, let session?):
            putSession.bind(Int64(bitPattern: id.rawValue), at: 1)
            putSession.bind(session.url, at: 2)
            putSession.bind(session.upload, at: 3)
            try putSession.run()
        case .session(let id, nil):
            removeSession.bind(Int64(bitPattern: id.rawValue), at: 1)
            try removeSession.run()
        case .checkout(let item, let checkout?):
            putCheckout.bind(item.rawValue, at: 1)
            putCheckout.bind(checkout.isGranted ? 1 : 0, at: 2)
            putCheckout.bind(checkout.hasChanges ? 1 : 0, at: 3)
            putCheckout.bind(checkout.tag?.rawValue, at: 4)
            try putCheckout.run()
        case .checkout(let item, nil):
            removeCheckout.bind(item.rawValue, at: 1)
            try removeCheckout.run()
        case .share(let id, let share?):
            putShare.bind(Int64(bitPattern: id.rawValue), at: 1)
            putShare.bind(share.shortcut.rawValue, at: 2)
            putShare.bind(share.target.rawValue, at: 3)
            putShare.bind(share.isWalked ? 1 : 0, at: 4)
            try putShare.run()
        case .share(let id, nil):
            removeShare.bind(Int64(bitPattern: id.rawValue), at: 1)
            try removeShare.run()
        case .setting(let setting, let value?):
            putSetting.bind(setting.rawValue, at: 1)
            putSetting.bind(value, at: 2)
            try putSetting.run()
        case .setting(let setting, nil):
            removeSetting.bind(setting.rawValue, at: 1)
            try removeSetting.run()
        }
    }

    private func remove(_ id: NodeID) throws(StoreError) {
        let id = Int64(bitPattern: id.rawValue)
        removeNode.bind(id, at: 1)
        try removeNode.run()
        // Ids are never used again, so nothing would ever remove these.
        removeLinkTarget.bind(id, at: 1)
        try removeLinkTarget.run()
        removeAttributes.bind(id, at: 1)
        try removeAttributes.run()
        removeSession.bind(id, at: 1)
        try removeSession.run()
        removePin.bind(id, at: 1)
        try removePin.run()
    }

    // MARK: Nodes

    private func write(_ node: Node) throws(StoreError) {
        let shared = node.local ?? node.synced ?? node.remote.facts ?? node.sent
        packed.removeAll()
        var sides = Side.local.bits(form(of: node.local, shared))
        switch node.remote {
        case .absent: sides |= Side.remote.bits(.none)
        case .unknown: sides |= Side.remote.bits(.unknown)
        case .present(let facts): sides |= Side.remote.bits(form(of: facts, shared))
        }
        sides |= Side.synced.bits(form(of: node.synced, shared))
        sides |= Side.sent.bits(form(of: node.sent, shared))

        bind(Int64(bitPattern: node.id.rawValue), .id)
        bind(Int64(node.kind.rawValue), .kind)
        bind(node.scope.column, .scope)
        bind(sides, .sides)
        bindFacts(shared)
        bind(Int64(node.overlay.permissions), .permissions)
        bind(node.overlay.changed.nanoseconds, .changed)
        bind(node.overlay.created.nanoseconds, .created)
        putNode.bind(node.item?.id.rawValue, at: NodeColumn.item.parameter)
        putNode.bind(node.item?.eTag?.rawValue, at: NodeColumn.eTag.parameter)
        putNode.bind(node.item?.cTag?.rawValue, at: NodeColumn.cTag.parameter)
        bind(node.generation.map { Int64(bitPattern: $0.rawValue) }, .generation)
        if packed.bytes.isEmpty {
            putNode.bindNull(at: NodeColumn.apart.parameter)
        } else {
            putNode.bind(packed.bytes, at: NodeColumn.apart.parameter)
        }
        try putNode.run()
    }

    private func bind(_ value: Int64?, _ column: NodeColumn) {
        putNode.bind(value, at: column.parameter)
    }

    private func bindFacts(_ facts: Facts?) {
        bind((facts?.place.parent.rawValue).map { Int64(bitPattern: $0) }, .parent)
        if let name = facts?.place.name {
            putNode.bind(name.bytes, at: NodeColumn.name.parameter)
        } else {
            putNode.bindNull(at: NodeColumn.name.parameter)
        }
        putNode.bind(
            facts?.content, form: NodeColumn.content.parameter, size: NodeColumn.size.parameter,
            version: NodeColumn.version.parameter)
        bind(facts?.modified.nanoseconds, .modified)
    }

    /// Says how the facts of a side are stored, and packs those that stand apart.
    private func form(of facts: Facts?, _ shared: Facts?) -> SideForm {
        guard let facts, let shared else { return .none }
        if facts == shared { return .shared }
        packed.append(facts, apartFrom: shared)
        return .apart
    }

    // MARK: Generations

    private func write(_ generation: Generation) throws(StoreError) {
        func bind(_ value: Int64, _ column: GenerationColumn) {
            putGeneration.bind(value, at: column.parameter)
        }
        packed.removeAll()
        packed.append(generation.present)
        bind(Int64(bitPattern: generation.id.rawValue), .id)
        bind(Int64(bitPattern: generation.node.rawValue), .node)
        bind(generation.size, .size)
        putGeneration.bind(packed.bytes, at: GenerationColumn.present.parameter)
        bind(generation.lastUsed.nanoseconds, .lastUsed)
        let source = generation.source
        putGeneration.bind(source?.item.rawValue, at: GenerationColumn.item.parameter)
        putGeneration.bind(
            source?.content, form: GenerationColumn.content.parameter,
            size: GenerationColumn.sourceSize.parameter,
            version: GenerationColumn.version.parameter)
        putGeneration.bind(source?.cTag?.rawValue, at: GenerationColumn.cTag.parameter)
        try putGeneration.run()
    }
}

extension PreparedStatement {
    /// Binds the three columns that say which bytes a file holds.
    fileprivate func bind(_ content: Content?, form: Int32, size: Int32, version: Int32) {
        guard let content else {
            bindNull(at: form)
            bindNull(at: size)
            bindNull(at: version)
            return
        }
        bind(Int64(ContentForm(content).rawValue), at: form)
        bind(content.size, at: size)
        switch content {
        case .hashed(let hash, _), .rewritten(let hash, _): bind(hash.bytes, at: version)
        case .unhashed(_, let modified): bind(modified.nanoseconds, at: version)
        case .edited(let revision, _): bind(Int64(bitPattern: revision), at: version)
        }
    }
}

extension RecordChange {
    /// Whether one statement writes it.
    fileprivate var isOneStatement: Bool {
        switch self {
        case .node, .generation, .removeGeneration, .linkTarget, .attribute, .session, .setting,
            .checkout, .pin, .share:
            true
        case .removeNode: false
        }
    }
}
