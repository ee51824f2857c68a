import Core

/// One item of a drive as tests see it.
package struct TreeEntry: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case file, folder, package, shortcut, vault
    }

    /// From the root, without a leading slash.
    package let path: String
    package let id: String
    package let kind: Kind
    /// Bytes; zero for folders.
    package let size: UInt64
    /// Of files.
    package let hash: QuickXorHash?
    /// `fileSystemInfo.lastModifiedDateTime`.
    package let modified: Timestamp
    package let entityTag: String
    package let contentTag: String
    /// How many older contents the service keeps.
    package let versionCount: Int
}

/// What tests ask the service, without requests.
extension GraphService {
    /// Everything that exists but the root, sorted by the bytes of the path.
    package func tree(of drive: DriveSelector = .main) -> [TreeEntry] {
        var entries: [TreeEntry] = []
        collect(below: .root, prefix: "", drive.index, into: &entries)
        return entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Returns one item, or `nil` if nothing has that path.
    ///
    /// Case does not matter.
    package func entry(_ path: String, of drive: DriveSelector = .main) -> TreeEntry? {
        guard let key = try? found(Self.names(path), drive.index), key != .root else { return nil }
        return entry(
            key, path: drives[drive.index].path(of: key).joined(separator: "/"), drive.index)
    }

    /// Returns the folder that holds an item, and the name there, or `nil` if it does not exist.
    package func place(
        of id: String, of drive: DriveSelector = .main
    ) -> (folder: String, name: String)? {
        let here = drives[drive.index]
        guard let key = here.identity.key(ofItemID: id), let item = here.liveItem(key),
            here.isReachable(item), let parent = item.parent
        else { return nil }
        return (itemID(parent, drive.index), item.name)
    }

    /// Returns the content of a file, or `nil` if there is no such file.
    package func content(_ path: String, of drive: DriveSelector = .main) -> Blob? {
        guard let key = try? found(Self.names(path), drive.index) else { return nil }
        return drives[drive.index].item(key)?.file?.content
    }

    /// Returns the older contents of a file that the service keeps, oldest first.
    package func olderContents(_ path: String, of drive: DriveSelector = .main) -> [Blob] {
        guard let key = try? found(Self.names(path), drive.index) else { return [] }
        return drives[drive.index].item(key)?.file?.versions.map(\.content) ?? []
    }

    /// Returns the ids of items in the recycle bin that were deleted themselves, oldest first.
    package func recycleBin(of drive: DriveSelector = .main) -> [(id: String, name: String)] {
        var seen: Set<ItemKey> = []
        return drives[drive.index].journal.entries.compactMap { entry in
            guard let item = drives[drive.index].item(entry.key), item.presence == .recycled,
                seen.insert(entry.key).inserted
            else { return nil }
            return (itemID(entry.key, drive.index), item.name)
        }
    }

    /// The id of a drive, as Graph spells it.
    package func driveID(_ drive: DriveSelector = .main) -> String {
        drives[drive.index].identity.id
    }

    /// The id of a drive's root.
    package func rootID(_ drive: DriveSelector = .main) -> String {
        itemID(.root, drive.index)
    }

    /// The number of upload sessions that are open.
    package var openSessionCount: Int { sessions.count }

    private func collect(
        below folder: ItemKey, prefix: String, _ drive: Int, into entries: inout [TreeEntry]
    ) {
        for key in drives[drive].children(of: folder) {
            guard let item = drives[drive].item(key) else { continue }
            let path = prefix + item.name
            if let entry = entry(key, path: path, drive) { entries.append(entry) }
            if item.holdsItems { collect(below: key, prefix: path + "/", drive, into: &entries) }
        }
    }

    private func entry(_ key: ItemKey, path: String, _ drive: Int) -> TreeEntry? {
        guard let item = drives[drive].item(key) else { return nil }
        let identity = drives[drive].identity
        let kind: TreeEntry.Kind =
            switch item.kind {
            case .folder: .folder
            case .file: .file
            case .package: .package
            case .shortcut: .shortcut
            case .vault: .vault
            }
        return TreeEntry(
            path: path, id: identity.itemID(key), kind: kind,
            size: item.file?.content.count ?? 0, hash: item.file?.content.quickXorHash,
            modified: item.clientModified,
            entityTag: identity.entityTag(key, count: item.entityCount),
            contentTag: identity.contentTag(
                key, count: item.contentCount, isFolder: item.isFolder),
            versionCount: item.file?.versions.count ?? 0)
    }
}

/// What tests and the control interface do to the account.
extension GraphService {
    /// Forgets which requests there were.
    package mutating func clearLog() { log.clear() }

    /// What the identity platform knows.
    package var identitySettings: IdentitySettings {
        get { identity.settings }
        set { identity.settings = newValue }
    }

    /// The scopes a client of the whole drive asks for.
    package static let standardScopes = [
        "Files.ReadWrite.All", "Sites.ReadWrite.All", "offline_access",
    ]

    /// Signs a client in without any of the flows.
    package mutating func issueTokens(
        for user: SimulatedUser = .signedInUser,
        clientID: String = AppRegistration.desktop.clientID,
        scopes: [String] = standardScopes, life: Int64? = nil, now: Timestamp
    ) -> (access: String, refresh: String) {
        let grant = identity.grant(to: clientID, scopes: scopes, user: user)
        return (
            identity.accessToken(grant: grant, scopes: scopes, now: now, life: life),
            identity.refreshToken(grant: grant, scopes: scopes, now: now)
        )
    }

    /// Revokes every grant, as a changed password does.
    package mutating func revokeTokens() {
        identity.revokeAll()
    }

    /// Makes every access token expire; refresh tokens go on.
    package mutating func expireAccessTokens() {
        identity.expireAccessTokens()
    }

    /// Approves or declines a sign-in on a device.
    ///
    /// `false` if no such code is waiting.
    package mutating func decideDevice(userCode: String, approve: Bool) -> Bool {
        identity.decideDeviceFlow(userCode: userCode, approve: approve)
    }

    /// Makes every delta token unusable: 410.
    package mutating func expireDeltaTokens(of drive: DriveSelector = .main) {
        drives[drive.index].invalidateTokens()
    }

    /// Ends every upload session.
    package mutating func expireUploadSessions() {
        sessions = [:]
    }

    /// Sets the quota of a drive in bytes.
    package mutating func setQuota(_ total: UInt64, of drive: DriveSelector = .main) {
        drives[drive.index].quotaTotal = total
    }

    /// Adds a folder of `folders` folders with `filesPerFolder` files each, all computed when
    /// looked at.
    ///
    /// Delta tokens given before become unusable.
    package mutating func seedGenerated(
        named name: String = "Generated", folders: Int, filesPerFolder: Int, fileSize: UInt64,
        in drive: DriveSelector = .main, now: Timestamp
    ) {
        let time = drives[drive.index].serverTime(now)
        drives[drive.index].insertGenerated(
            name: name, parent: .root, folders: folders, filesPerFolder: filesPerFolder,
            fileSize: fileSize, now: time)
    }
}
