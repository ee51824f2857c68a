import Core

/// Drives of other people, and what they share.
extension GraphService {
    /// Adds a drive that belongs to somebody else, of the same kind as the account's own.
    package mutating func addForeignDrive(now: Timestamp) -> DriveSelector {
        let identity = DriveIdentity(
            profile: profile, kind: profile.isPersonal ? .personal : .business,
            seed: random.next())
        var drive = Drive(
            identity: identity, name: "OneDrive", sitePath: nil, quotaTotal: 1 << 40, now: now)
        drive.shared = [:]
        drive.listsDeletedDescendants = drives[0].listsDeletedDescendants
        drives.append(drive)
        return DriveSelector(index: drives.count - 1)
    }

    /// Shares a folder or file of another drive, and puts a shortcut to it into the user's own.
    ///
    /// Returns the id of the shortcut.
    @discardableResult
    package mutating func remoteShare(
        _ path: String, of owner: DriveSelector, as shortcut: String,
        _ permission: SharePermission = .write, now: Timestamp
    ) throws(RemoteChangeRefused) -> String {
        do throws(GraphFailure) {
            let key = try found(Self.names(path), owner.index)
            guard let item = drives[owner.index].item(key) else { throw .itemNotFound }
            drives[owner.index].shared?[key] = permission
            let names = Self.names(shortcut)
            let parent = try found(names.dropLast(), 0)
            guard let name = names.last, drives[0].child(of: parent, named: name) == nil else {
                throw .nameAlreadyExists
            }
            let identity = drives[owner.index].identity
            let target = SharedTarget(
                driveID: identity.id, driveKind: identity.kind, itemID: identity.itemID(key),
                name: item.name, isFile: item.file != nil)
            let time = drives[0].serverTime(now)
            let new = drives[0].insert(
                Item(parent: parent, name: name, kind: .shortcut(target), born: now, now: time),
                now: now)
            return itemID(new, 0)
        } catch {
            throw RemoteChangeRefused(status: error.status, code: error.code, path: path)
        }
    }

    /// Withdraws what was shared; the shortcut stays, and leads nowhere.
    package mutating func remoteUnshare(_ path: String, of owner: DriveSelector) {
        guard let key = try? found(Self.names(path), owner.index) else { return }
        drives[owner.index].shared?[key] = nil
    }

    /// Adds the entry of a Personal Vault to the root.
    package mutating func addVault(named name: String = "Personal Vault", now: Timestamp) {
        let time = drives[0].serverTime(now)
        _ = drives[0].insert(
            Item(parent: .root, name: name, kind: .vault, born: now, now: time), now: now)
    }

    /// Lets the service hold the content of a file for malicious.
    package mutating func remoteInfect(_ path: String, in drive: DriveSelector = .main) {
        guard let key = try? found(Self.names(path), drive.index) else { return }
        drives[drive.index].annotate(key) { $0.file?.isMalicious = true }
    }

    // MARK: Rules

    /// Refuses what the signed-in user may not do in somebody else's drive.
    func checkAccess(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) {
        guard let shared = drives[drive].shared else { return }
        // A path from the root of another user's drive is never found (abraunegg/onedrive).
        guard !address.isFromRoot,
            let root = shared.keys.sorted().first(where: {
                drives[drive].isWithin(address.start, $0)
            }), let permission = shared[root]
        else { throw .itemNotFound }
        if exchange.request.method == "GET" { return }
        if permission == .read {
            let isNewFile = exchange.request.method == "PUT" && !address.names.isEmpty
            throw isNewFile && quirks.readOnlySharesHideParents ? .itemNotFound : .accessDenied
        }
        // What is shared is the owner's to rename, move and delete.
        if address.start == root, address.names.isEmpty, address.relation.isEmpty {
            throw .accessDenied
        }
    }

    /// Whether an item is listed for this request.
    func isShown(_ item: Item, _ exchange: Exchange) -> Bool {
        switch item.kind {
        case .folder, .file, .package: return true
        case .shortcut:
            return !(quirks.shortcutsNeedPreference ?? profile.isPersonal)
                || exchange.request.prefers("Include-Feature=AddToOneDrive")
        case .vault: return !exchange.request.prefers("Include-Feature=AddToOneDrive")
        }
    }
}
