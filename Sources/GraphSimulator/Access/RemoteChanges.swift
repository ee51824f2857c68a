import Core

/// Why a change by another client was refused.
package struct RemoteChangeRefused: Error, Hashable, CustomStringConvertible {
    /// The status and code a client would have seen.
    package let status: Int
    package let code: String
    package let path: String

    package init(status: Int, code: String, path: String) {
        self.status = status
        self.code = code
        self.path = path
    }

    package var description: String { "\(path): \(status) \(code)" }
}

/// Changes another client makes. Paths begin at the root; a leading slash does not matter.
///
/// They obey the same rules as requests: names, clashes, locks, quota.
extension GraphService {
    /// Which drive a change or a question is about.
    package struct DriveSelector: Hashable, Sendable {
        let index: Int

        init(index: Int) { self.index = index }

        /// The user's own drive.
        package static let main = DriveSelector(index: 0)
        /// The document library of the site, on Business accounts.
        package static let library = DriveSelector(index: 1)
    }

    /// Makes a folder, and the folders above it that are missing.
    ///
    /// Returns its id.
    @discardableResult
    package mutating func remoteCreateFolder(
        _ path: String, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) -> String {
        try change(path) { (self, names) throws(GraphFailure) in
            try self.itemID(self.folder(names, drive.index, now: now), drive.index)
        }
    }

    /// Makes a file, and the folders above it that are missing.
    ///
    /// Returns its id.
    @discardableResult
    package mutating func remoteCreateFile(
        _ path: String, _ content: Blob, modified: Timestamp? = nil,
        in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) -> String {
        try change(path) { (self, names) throws(GraphFailure) in
            guard let name = names.last else { throw .nameAlreadyExists }
            let parent = try self.folder(names.dropLast(), drive.index, now: now)
            try self.checkName(name, in: parent, drive.index)
            let (key, _) = try self.commit(
                content, to: .new(parent: parent, name: name), drive.index, behavior: .fail,
                times: modified.map(Self.fileSystemInfo), by: .anotherUser, now: now)
            return self.itemID(key, drive.index)
        }
    }

    /// Makes a file of these bytes.
    @discardableResult
    package mutating func remoteCreateFile(
        _ path: String, _ bytes: [UInt8], modified: Timestamp? = nil,
        in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) -> String {
        try remoteCreateFile(path, Blob(bytes), modified: modified, in: drive, now: now)
    }

    /// Replaces the content of a file.
    package mutating func remoteEdit(
        _ path: String, _ content: Blob, modified: Timestamp? = nil,
        in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            _ = try self.commit(
                content, to: .existing(key), drive.index, behavior: .replace,
                times: modified.map(Self.fileSystemInfo), by: .anotherUser, now: now)
        }
    }

    /// Replaces the content of a file by these bytes.
    package mutating func remoteEdit(
        _ path: String, _ bytes: [UInt8], modified: Timestamp? = nil,
        in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try remoteEdit(path, Blob(bytes), modified: modified, in: drive, now: now)
    }

    /// Gives an item another name in its folder.
    package mutating func remoteRename(
        _ path: String, to name: String, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            guard let parent = self.drives[drive.index].item(key)?.parent else {
                throw .accessDenied
            }
            try self.checkUnlocked(key, drive.index, by: .anotherUser, now: now)
            try self.move(
                key, to: parent, name: name, drive.index, behavior: .fail, by: .anotherUser,
                now: now)
        }
    }

    /// Moves an item into another folder, which must exist, and may give it another name.
    package mutating func remoteMove(
        _ path: String, toFolder folder: String, name: String? = nil,
        in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            let parent = try self.found(Self.names(folder), drive.index)
            guard let item = self.drives[drive.index].item(key), key != .root else {
                throw .accessDenied
            }
            try self.checkUnlocked(key, drive.index, by: .anotherUser, now: now)
            try self.move(
                key, to: parent, name: name ?? item.name, drive.index, behavior: .fail,
                by: .anotherUser, now: now)
        }
    }

    /// Deletes an item and all below it.
    package mutating func remoteDelete(
        _ path: String, permanently: Bool = false, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            guard key != .root else { throw .accessDenied }
            try self.checkUnlocked(key, drive.index, by: .anotherUser, now: now)
            self.drives[drive.index].delete(key, permanently: permanently, now: now)
        }
    }

    /// Brings an item back from the recycle bin to where it was.
    package mutating func remoteRestore(
        id: String, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(id) { (self, _) throws(GraphFailure) in
            guard let key = self.drives[drive.index].identity.key(ofItemID: id),
                let item = self.drives[drive.index].item(key), item.presence == .recycled,
                let parent = item.parent, self.drives[drive.index].liveItem(parent) != nil
            else { throw .itemNotFound }
            guard self.drives[drive.index].child(of: parent, named: item.name) == nil else {
                throw .nameAlreadyExists
            }
            self.drives[drive.index].restore(key, to: parent, name: item.name, now: now)
        }
    }

    /// Sets the times of an item, as a program that keeps times does.
    package mutating func remoteSetModified(
        _ path: String, to time: Timestamp, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            let kept = self.drives[drive.index].serverTime(time)
            self.drives[drive.index].change(key, now: now) { $0.clientModified = kept }
        }
    }

    /// Lists an item in the next delta although nothing of it changed.
    package mutating func remoteTouch(
        _ path: String, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            self.drives[drive.index].record(key, now: now)
        }
    }

    /// How another user holds a file.
    package enum RemoteLock: Hashable, Sendable {
        case none
        case checkedOut
        /// Open in an Office program; the service lets go at that time.
        case open(until: Timestamp)
    }

    /// Lets another user lock or unlock a file: requests that change it get 423.
    package mutating func remoteSetLock(
        _ path: String, _ lock: RemoteLock, in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            let key = try self.found(names, drive.index)
            guard let file = self.drives[drive.index].item(key)?.file else { throw .itemNotFound }
            guard !file.refuses(.anotherUser, now: now) else { throw .locked }
            switch lock {
            case .none: self.drives[drive.index].setLock(.none, of: key)
            case .checkedOut:
                self.drives[drive.index].setLock(.checkedOut(by: .anotherUser), of: key)
            case .open(let until):
                self.drives[drive.index].setLock(.open(by: .anotherUser, until: until), of: key)
            }
        }
    }

    /// Adds a package, such as a notebook.
    package mutating func remoteCreatePackage(
        _ path: String, type: String = "oneNote", in drive: DriveSelector = .main, now: Timestamp
    ) throws(RemoteChangeRefused) {
        try change(path) { (self, names) throws(GraphFailure) in
            guard let name = names.last else { throw .nameAlreadyExists }
            let parent = try self.folder(names.dropLast(), drive.index, now: now)
            try self.checkName(name, in: parent, drive.index)
            guard self.drives[drive.index].child(of: parent, named: name) == nil else {
                throw .nameAlreadyExists
            }
            let time = self.drives[drive.index].serverTime(now)
            let item = Item(
                parent: parent, name: name, kind: .package(type: type), born: now, now: time)
            _ = self.drives[drive.index].insert(item, now: now)
        }
    }

    // MARK: Parts

    static func names(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    func itemID(_ key: ItemKey, _ drive: Int) -> String {
        drives[drive].identity.itemID(key)
    }

    func found(_ names: [String], _ drive: Int) throws(GraphFailure) -> ItemKey {
        guard drives.indices.contains(drive), let key = drives[drive].resolve(names) else {
            throw .itemNotFound
        }
        return key
    }

    private mutating func folder(
        _ names: some Sequence<String>, _ drive: Int, now: Timestamp
    ) throws(GraphFailure) -> ItemKey {
        var parent = ItemKey.root
        for name in names {
            if let next = drives[drive].child(of: parent, named: name) {
                guard drives[drive].item(next)?.holdsItems ?? false else {
                    throw .nameAlreadyExists
                }
                parent = next
                continue
            }
            try checkName(name, in: parent, drive)
            let time = drives[drive].serverTime(now)
            let item = Item(parent: parent, name: name, kind: .folder, born: now, now: time)
            parent = drives[drive].insert(item, now: now)
        }
        return parent
    }

    private static func fileSystemInfo(_ modified: Timestamp) -> JSONValue {
        .object([
            JSONValue.Member(name: "lastModifiedDateTime", value: .string(modified.rfc3339Precise))
        ])
    }

    private mutating func change<Result>(
        _ path: String, _ body: (inout Self, [String]) throws(GraphFailure) -> Result
    ) throws(RemoteChangeRefused) -> Result {
        do throws(GraphFailure) {
            return try body(&self, Self.names(path))
        } catch {
            throw RemoteChangeRefused(status: error.status, code: error.code, path: path)
        }
    }
}
