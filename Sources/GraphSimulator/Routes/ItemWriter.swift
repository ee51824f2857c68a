import Core

/// Writes items as Graph shows them, in the shape of the account's kind.
struct ItemWriter {
    let drive: Drive
    /// The place of the drive among those of the service; part of download URLs.
    let driveIndex: Int
    let quirks: Quirks
    let properties: ItemProperties
    let origin: String
    let now: Timestamp
    let secret: UInt64
    /// Who looks: what somebody else has checked out is seen as it was before.
    let viewer: SimulatedUser
    /// Delta answers leave out some members, and `parentReference` has no path in them.
    var isDelta = false

    private var profile: AccountProfile { drive.identity.profile }
    private static let yearOne = "0001-01-01T00:00:00Z"

    /// Writes one item that exists, with its braces.
    func write(_ key: ItemKey, _ whole: Item, into output: inout JSONOutput, path: String? = nil) {
        let item = whole.seen(by: viewer)
        let created = text(item.created)
        // Times are often the same, and writing one takes longer than comparing.
        let modified = item.modified == item.created ? created : text(item.modified)
        output.object { output in
            if isDelta { output.member("@odata.type", "#microsoft.graph.driveItem") }
            if properties.contains(.downloadURL), item.file != nil, !isDelta || profile.isPersonal {
                output.member("@microsoft.graph.downloadUrl", downloadURL(key))
            }
            if properties.contains(.createdTime) {
                output.member("createdDateTime", created)
            }
            writeTags(key, item, into: &output)
            if properties.contains(.id) {
                output.name("id")
                output.plainString { drive.identity.appendItemID(key, to: &$0) }
            }
            if properties.contains(.modifiedTime) {
                output.member("lastModifiedDateTime", modified)
            }
            if properties.contains(.name) { output.member("name", shown(item.name)) }
            if properties.contains(.webURL), item.hasAddress {
                output.name("webUrl")
                output.plainString { bytes in
                    bytes.append(contentsOf: "https://contoso.example/items/".utf8)
                    drive.identity.appendItemID(key, to: &bytes)
                }
            }
            if properties.contains(.size) { output.member("size", listedSize(item)) }
            writePeople(into: &output)
            writeParent(key, item, into: &output, path: path)
            if properties.contains(.description), let description = item.description {
                output.member("description", description)
            }
            writeFacets(key, item, into: &output, modified: modified)
        }
    }

    /// Writes an item that is gone.
    func writeTombstone(_ key: ItemKey, _ item: Item, into output: inout JSONOutput) {
        output.object { output in
            output.member("@odata.type", "#microsoft.graph.driveItem")
            if properties.contains(.id) {
                output.name("id")
                output.plainString { drive.identity.appendItemID(key, to: &$0) }
            }
            if !quirks.tombstonesAreMinimal {
                // Personal tombstones keep the name and lack the size; the others are the reverse.
                if profile.isPersonal {
                    if properties.contains(.name) { output.member("name", shown(item.name)) }
                    if properties.contains(.entityTag) {
                        output.member(
                            "eTag", drive.identity.entityTag(key, count: item.entityCount))
                    }
                } else if properties.contains(.size) {
                    output.member("size", 0)
                }
                if quirks.tombstonesHaveYearOne {
                    if properties.contains(.createdTime) {
                        output.member("createdDateTime", Self.yearOne)
                    }
                    if properties.contains(.modifiedTime) {
                        output.member("lastModifiedDateTime", Self.yearOne)
                    }
                }
                writeTombstoneFacet(item, into: &output)
            }
            writeParent(key, item, into: &output, path: nil)
            if properties.contains(.deleted) {
                output.member("deleted") { $0.member("state", "deleted") }
            }
        }
    }

    /// A URL that serves the item's content without a token until it expires.
    func downloadURL(_ key: ItemKey) -> String {
        let expires = now.adding(seconds: quirks.downloadURLLife).wholeSeconds
        let signature = DownloadTicket.signature(
            drive: driveIndex, key: key, expires: expires, viewer: viewer, secret: secret)
        return "\(origin)/download/\(driveIndex)/\(key.number)/\(expires)?tempauth="
            + Digits.hexadecimal(signature)
    }

    private func writeTags(_ key: ItemKey, _ item: Item, into output: inout JSONOutput) {
        if properties.contains(.contentTag), profile.isPersonal || !isDelta {
            // Folders of Business drives are documented to have no cTag.
            if profile.isPersonal || !item.isFolder {
                output.member(
                    "cTag",
                    drive.identity.contentTag(
                        key, count: item.contentCount, isFolder: item.isFolder))
            }
        }
        if properties.contains(.entityTag), item.parent != nil || !isDelta {
            output.member("eTag", drive.identity.entityTag(key, count: item.entityCount))
        }
    }

    private func writePeople(into output: inout JSONOutput) {
        if properties.contains(.createdBy), !isDelta {
            output.name("createdBy")
            output.object(Self.writeUser)
        }
        if properties.contains(.modifiedBy), !isDelta || profile.isPersonal {
            output.name("lastModifiedBy")
            output.object(Self.writeUser)
        }
    }

    private static func writeUser(into output: inout JSONOutput) {
        output.member("user") { user in
            user.member("id", GraphService.userID)
            user.member("displayName", GraphService.userName)
        }
    }

    private func writeParent(
        _ key: ItemKey, _ item: Item, into output: inout JSONOutput, path: String?
    ) {
        guard properties.contains(.parentReference) else { return }
        output.member("parentReference") { parent in
            parent.member("driveType", drive.identity.kind.rawValue)
            parent.member("driveId", shownDriveID)
            // The root of a Business drive has no parent id; that of a Personal one has its own.
            if let parentKey = item.parent ?? (profile.isPersonal ? key : nil) {
                parent.name("id")
                parent.plainString { drive.identity.appendItemID(parentKey, to: &$0) }
            }
            if !isDelta, let folder = item.parent {
                parent.member("path", path ?? parentPath(folder))
            }
        }
    }

    /// The text of `parentReference.path` for the children of `folder`.
    func parentPath(_ folder: ItemKey) -> String {
        let names = drive.path(of: folder)
        let shown = quirks.encodesParentPaths ? names.map(RequestTarget.percentEncoded) : names
        let prefix = profile.isPersonal ? "/drive/root:" : "/drives/\(drive.identity.id)/root:"
        return prefix + shown.map { "/" + $0 }.joined()
    }

    private var shownDriveID: String {
        guard profile.isPersonal else { return drive.identity.id }
        var id = drive.identity.id
        if quirks.driveIDWithoutZeros { id = String(id.drop { $0 == "0" }) }
        return quirks.driveIDUpperCase ? id.uppercased() : id
    }

    private func writeFacets(
        _ key: ItemKey, _ item: Item, into output: inout JSONOutput, modified: String
    ) {
        if properties.contains(.fileSystemInfo) {
            let shown = { (time: Timestamp) in time == item.modified ? modified : text(time) }
            output.member("fileSystemInfo") { info in
                info.member("createdDateTime", shown(item.clientCreated))
                info.member("lastModifiedDateTime", shown(item.clientModified))
            }
        }
        switch item.kind {
        case .folder:
            if properties.contains(.folder) {
                output.member("folder") { $0.member("childCount", drive.childCount(of: key)) }
            }
        case .file(let state):
            if properties.contains(.file) { writeFile(item, state, into: &output) }
            if properties.contains(.publication) {
                output.member("publication") { publication in
                    publication.member(
                        "level", showsCheckout(of: state) ? "checkout" : "published")
                    publication.member("versionId", "\(state.versionNumber).0")
                }
            }
        case .package(let type):
            if properties.contains(.package) {
                output.member("package") { $0.member("type", type) }
            }
            if quirks.packagesAreFolders, properties.contains(.folder) {
                output.member("folder") { $0.member("childCount", drive.childCount(of: key)) }
            }
        case .shortcut(let target):
            if properties.contains(.remoteItem) { Self.writeTarget(target, into: &output) }
        case .vault: break
        }
        if properties.contains(.root), item.parent == nil {
            output.name("root")
            output.object { _ in }
        }
    }

    /// The service shows it to the one who has it checked out, and to others at times only
    /// (microsoft-graph-docs-contrib#6407).
    private func showsCheckout(of file: FileState) -> Bool {
        guard case .checkedOut(let owner) = file.lock else { return false }
        return owner == viewer || quirks.showsCheckoutToAll
    }

    private static func writeTarget(_ target: SharedTarget, into output: inout JSONOutput) {
        output.member("remoteItem") { remote in
            remote.member("id", target.itemID)
            remote.member("name", target.name)
            remote.member("parentReference") { parent in
                parent.member("driveId", target.driveID)
                parent.member("driveType", target.driveKind.rawValue)
            }
            if target.isFile {
                remote.member("file") { _ in }
            } else {
                remote.member("folder") { _ in }
            }
        }
    }

    private func writeFile(_ item: Item, _ state: FileState, into output: inout JSONOutput) {
        if state.isMalicious, properties.contains(.malware) {
            output.member("malware") { $0.member("description", "EICAR-Test-File") }
        }
        output.member("file") { file in
            file.member("mimeType", MediaType.of(item.name))
            let isLate =
                quirks.hashesLateSeconds > 0
                && now < item.modified.adding(seconds: quirks.hashesLateSeconds)
            if quirks.hashesMissing || isLate
                || (quirks.zeroByteFilesHaveNoHash && state.content.count == 0)
            {
                return
            }
            file.member("hashes") { hashes in
                let hash =
                    isMisreported(item)
                    ? QuickXorHash.hash(of: Array(item.name.utf8)) : state.content.quickXorHash
                hashes.member("quickXorHash", hash.base64)
                if let sha256 = state.sha256, profile.isPersonal {
                    hashes.member("sha256Hash", sha256)
                }
            }
        }
    }

    private func writeTombstoneFacet(_ item: Item, into output: inout JSONOutput) {
        switch item.kind {
        case .folder:
            if properties.contains(.folder) {
                output.member("folder") { $0.member("childCount", 0) }
            }
        case .file:
            guard properties.contains(.file) else { return }
            output.member("file") { file in
                if quirks.tombstonesHaveZeroHash {
                    file.member("hashes") { $0.member("quickXorHash", QuickXorHash.empty.base64) }
                }
            }
        case .package(let type):
            if properties.contains(.package) {
                output.member("package") { $0.member("type", type) }
            }
        case .shortcut, .vault: break
        }
    }

    private func isMisreported(_ item: Item) -> Bool {
        !quirks.misreportedExtensions.isEmpty
            && quirks.misreportedExtensions.contains(MediaType.extension(of: item.name))
    }

    private func listedSize(_ item: Item) -> UInt64 {
        item.file != nil && isMisreported(item) ? item.size + 1_024 : item.size
    }

    private func shown(_ name: String) -> String {
        quirks.encodesNames ? RequestTarget.percentEncoded(name) : name
    }

    private func text(_ time: Timestamp) -> String {
        if quirks.badTimestamps { return Self.yearOne }
        return profile == .personalLegacy ? time.rfc3339Precise : time.rfc3339
    }
}

extension Item {
    /// Whether it has an address in a browser.
    fileprivate var hasAddress: Bool {
        switch kind {
        case .folder, .file, .package, .shortcut: true
        case .vault: false
        }
    }
}
