/// Attributes of nodes, and their changes.
extension Engine {
    /// The attributes of a node of the mount, or of one that is gone while a program has it open.
    package func attributes(of id: NodeID) throws(PosixError) -> Attributes {
        guard let node = tree[id], let facts = node.local ?? unlinked[id] else { throw .stale }
        let size = size(of: node, facts)
        return Attributes(
            inode: InodeNumber(rawValue: id.rawValue),
            kind: node.kind.fileKind,
            permissions: node.kind == .package ? 0o555 : node.overlay.permissions,
            linkCount: linkCount(of: node),
            size: size, blocks: (bytesHere(of: node, size: size) + 511) / 512,
            accessed: facts.modified, modified: facts.modified, changed: node.overlay.changed,
            created: node.overlay.created,
            owner: configuration.owner, group: configuration.group)
    }

    private func size(of node: Node, _ facts: Facts) -> Int64 {
        switch node.kind {
        case .file: facts.content?.size ?? 0
        case .directory, .package: 4096
        case .symlink: Int64(linkTargets[node.id]?.count ?? 0)
        }
    }

    private func linkCount(of node: Node) -> UInt32 {
        guard node.local != nil else { return 0 }
        return node.kind.isContainer ? 2 + UInt32(tree.directoryCount(in: node.id)) : 1
    }

    /// How many bytes are on this disk: `du` tells placeholders from files by it.
    private func bytesHere(of node: Node, size: Int64) -> Int64 {
        guard node.kind == .file else { return node.kind.isContainer ? 4096 : 0 }
        guard let generation = node.generation.flatMap({ generations[$0] }) else { return 0 }
        return generation.isComplete ? size : generation.present.count
    }

    /// Changes permissions and times.
    ///
    /// The size is changed by ``resize(_:to:at:)``.
    package mutating func setAttributes(
        _ id: NodeID, _ change: AttributeChange, at now: Timestamp
    ) throws(PosixError) {
        guard let node = tree[id] else { throw .stale }
        if configuration.isReadOnly { throw .readOnlyFileSystem }
        if let owner = change.owner, owner != configuration.owner { throw .notPermitted }
        if let group = change.group, group != configuration.group { throw .notPermitted }
        if node.kind == .package { throw .accessDenied }
        let modified: Timestamp? =
            switch change.modified {
            case nil: nil
            case .now: now
            case .at(let time): time
            }
        if node.local == nil { unlinked[id]?.modified = modified ?? now }
        tree.update(id, keep: true) { node in
            if let permissions = change.permissions {
                node.overlay.permissions = permissions & 0o7777
            }
            if node.kind == .file, change.owner != nil || change.group != nil {
                node.overlay.dropPrivileges()
            }
            if let modified { node.local?.modified = modified }
            node.overlay.changed = now
        }
        if modified != nil, tree.differs(id) { noteChange(id, at: now) }
    }

    /// Takes set-user-ID and set-group-ID from a file whose bytes change.
    ///
    /// The kernel leaves that to the file system, so that it need not ask before it writes.
    mutating func dropPrivileges(of id: NodeID) {
        guard let overlay = tree[id]?.overlay, overlay.grantsPrivileges else { return }
        tree.update(id, keep: true) { $0.overlay.dropPrivileges() }
        effects.append(.invalidateInode(id, data: false))
    }

    // MARK: Extended attributes

    package func attribute(_ id: NodeID, _ name: [UInt8]) throws(PosixError) -> [UInt8] {
        if let value = stateAttribute(id, name) { return value }
        guard let value = extendedAttributes[id]?[name] else { throw .noAttribute }
        return value
    }

    package func attributeNames(_ id: NodeID) -> [[UInt8]] {
        (extendedAttributes[id] ?? [:]).keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    package mutating func setAttribute(
        _ id: NodeID, _ name: [UInt8], _ value: [UInt8], mode: AttributeMode, at now: Timestamp
    ) throws(PosixError) {
        guard tree.contains(id) else { throw .stale }
        if configuration.isReadOnly { throw .readOnlyFileSystem }
        guard name.starts(with: Array("user.".utf8)) else { throw .notSupported }
        // Also those that a node does not have just now.
        guard !name.starts(with: Self.ownAttributes) else { throw .notPermitted }
        let exists = extendedAttributes[id]?[name] != nil
        switch mode {
        case .any: break
        case .create: if exists { throw .exists }
        case .replace: if !exists { throw .noAttribute }
        }
        extendedAttributes[id, default: [:]][name] = value
        records.append(.attribute(id, name: name, value: value))
        tree.update(id, keep: true) { $0.overlay.changed = now }
    }

    package mutating func removeAttribute(
        _ id: NodeID, _ name: [UInt8], at now: Timestamp
    ) throws(PosixError) {
        if configuration.isReadOnly { throw .readOnlyFileSystem }
        guard extendedAttributes[id]?.removeValue(forKey: name) != nil else { throw .noAttribute }
        if extendedAttributes[id]?.isEmpty == true { extendedAttributes[id] = nil }
        records.append(.attribute(id, name: name, value: nil))
        tree.update(id, keep: true) { $0.overlay.changed = now }
    }

    /// What the names of attributes begin with that the client makes up.
    private static let ownAttributes = Array("user.onedrive.".utf8)

    /// The attributes that tell a program what the client knows of a file.
    ///
    /// They are not listed, so that nothing copies them.
    private func stateAttribute(_ id: NodeID, _ name: [UInt8]) -> [UInt8]? {
        guard let node = tree[id] else { return nil }
        switch String(decoding: name, as: UTF8.self) {
        case "user.onedrive.state": return Array(state(of: node).rawValue.utf8)
        case "user.onedrive.id": return node.item.map { Array($0.id.rawValue.utf8) }
        case "user.onedrive.hash":
            return node.local?.content?.hash.map { Array($0.base64.utf8) }
        case "user.onedrive.pin":
            if isKept(id) { return Array("kept".utf8) }
            return pins[id] == nil ? nil : Array("on-demand".utf8)
        case "user.onedrive.web_url": return webURL(of: id).map { Array($0.utf8) }
        case "user.onedrive.configuration": return configuration.file.map { Array($0.utf8) }
        default: return nil
        }
    }

    /// The address of an item for browsers.
    ///
    /// Known without asking: Business drives and libraries show items under their path, Personal
    /// ones by their id.
    private func webURL(of id: NodeID) -> String? {
        guard let item = tree[id]?.item?.id, let drive = cloud.webURL, let kind = cloud.driveKind
        else { return nil }
        switch kind {
        case .personal:
            return "https://onedrive.live.com/redir?resid="
                + PercentEncoding.segment(item.rawValue)
        case .business, .documentLibrary:
            var address = drive
            var names: [String] = []
            var current = id
            while current != .root {
                guard let place = tree[current]?.remote.facts?.place,
                    case .name(let name) = NameMapping.remoteName(
                        for: place.name, atRoot: place.parent == .root)
                else { return nil }
                names.append(name)
                current = place.parent
            }
            for name in names.reversed() {
                address += "/" + PercentEncoding.segment(name)
            }
            return address
        }
    }

    /// What a user sees of the state of a node.
    package func state(of node: Node) -> NodeState {
        switch node.scope {
        case .localOnly: return .localOnly
        case .synced: break
        }
        if tree.differs(node.id) { return .pending }
        guard node.kind == .file, node.local?.content?.size != 0 else { return .here }
        guard let generation = node.generation.flatMap({ generations[$0] }) else {
            return .placeholder
        }
        if generation.isComplete { return .here }
        // A program that opened it and got nothing, as `noHydrate` has it, leaves an empty one.
        return generation.present.isEmpty ? .placeholder : .partial
    }

    // MARK: The file system as a whole

    /// What `statvfs(3)` shows: the quota of the drive, or what is given where none is known.
    package func statistics(otherwise fallback: VolumeStatistics) -> VolumeStatistics {
        var statistics = fallback
        statistics.fileCount = Int64(tree.count)
        statistics.nameLengthMax = 255
        guard let total = cloud.quota?.total, let remaining = cloud.quota?.remaining else {
            return statistics
        }
        statistics.size = total
        statistics.free = remaining
        statistics.available = remaining
        return statistics
    }
}

/// The state of a node in a word.
package enum NodeState: String, Hashable, Sendable {
    case here = "hydrated"
    case partial = "partial"
    case placeholder = "placeholder"
    case pending = "pending"
    case localOnly = "local-only"
}

extension Kind {
    var fileKind: FileKind {
        switch self {
        case .directory, .package: .directory
        case .file: .regular
        case .symlink: .symlink
        }
    }
}

extension Overlay {
    /// Set-group-ID without execution for the group stands for something else.
    private static let groupExecution: UInt16 = 0o010

    private var privileges: UInt16 {
        permissions & (permissions & Self.groupExecution != 0 ? 0o6000 : 0o4000)
    }

    fileprivate var grantsPrivileges: Bool { privileges != 0 }

    fileprivate mutating func dropPrivileges() { permissions &= ~privileges }
}
