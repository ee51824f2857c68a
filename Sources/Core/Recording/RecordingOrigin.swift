/// What a client knew of the service when a recording began.
///
/// A recording names it before everything else. So a saved state that knows the same can be named
/// alike, although nothing is kept by which a name could be traced back.
package struct RecordingOrigin: Hashable, Sendable {
    /// That of the mount, then those of shared folders.
    var drives: [DriveID]
    /// Where the next question for changes goes on.
    var cursor: String?

    package init(of engine: borrowing Engine) {
        let shares = engine.cloud.shares.sorted { $0.key < $1.key }.map(\.value)
        self.init(drive: engine.cloud.drive, shares: shares, cursor: engine.cloud.cursor)
    }

    init(of stored: StoredState) {
        self.init(
            drive: stored.settings[.drive].map(DriveID.init(normalizing:)),
            shares: stored.shares.sorted { $0.key < $1.key }.map(\.value),
            cursor: stored.settings[.cursor])
    }

    private init(drive: DriveID?, shares: [Share], cursor: String?) {
        drives = (drive.map { [$0] } ?? []) + shares.compactMap(\.target.foreignDrive)
        self.cursor = cursor
    }
}

extension Pseudonyms {
    /// Begins with secrets that the client knows, and with what it knew of the service.
    package init(secrets: [String], origin: RecordingOrigin) {
        self.init(secrets: secrets)
        for drive in origin.drives { learn(drive: drive.rawValue) }
        if let cursor = origin.cursor { _ = url(cursor) }
    }
}

extension StoredState {
    /// This state with the names of a recording that began when the client knew what is stored here.
    func named(by pseudonyms: inout Pseudonyms) -> StoredState {
        var result = self
        result.settings[.drive] = settings[.drive].map { pseudonyms.text($0) }
        result.settings[.cursor] = settings[.cursor].map { pseudonyms.url($0) }
        result.nodes = StoredNodes(
            nodes.all.map { node in
                var node = node
                if let item = node.item?.id { node.item?.id = item.named(by: &pseudonyms) }
                return node
            })
        result.shares = shares.mapValues { share in
            Share(
                shortcut: share.shortcut.named(by: &pseudonyms),
                target: share.target.named(by: &pseudonyms), isWalked: share.isWalked)
        }
        return result
    }
}

extension ItemID {
    /// The id as it would be read from a recording.
    fileprivate func named(by pseudonyms: inout Pseudonyms) -> ItemID {
        let item = ItemID(normalizing: pseudonyms.text(withinDrive))
        guard let drive = foreignDrive else { return item }
        return ItemID(item, in: DriveID(normalizing: pseudonyms.text(drive.rawValue)))
    }
}
