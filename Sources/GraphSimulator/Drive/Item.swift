import Core

/// A file, folder or package of a drive, as the service keeps it.
struct Item: Sendable {
    /// What an item is, and what only that kind has.
    enum Kind: Sendable {
        case folder
        case file(FileState)
        /// Something Graph shows as neither, such as a notebook (`oneNote`).
        case package(type: String)
        /// Stands for a folder or file of another drive.
        case shortcut(SharedTarget)
        /// The entry of the Personal Vault, which no client can read.
        case vault
    }

    /// Where an item is in its life.
    enum Presence: Hashable, Sendable {
        case live
        /// In the recycle bin, from where it can come back under the same id.
        case recycled
        case purged
    }

    /// The folder it is in; `nil` for the root only.
    var parent: ItemKey?
    var name: String
    var kind: Kind
    /// When it was made, exactly; the services' lag is counted from here.
    let born: Timestamp
    /// The server's own times, as exact as it keeps them.
    var created: Timestamp
    var modified: Timestamp
    /// The times of `fileSystemInfo`, which a client may set.
    var clientCreated: Timestamp
    var clientModified: Timestamp
    var description: String?
    /// Length of a file; sum over everything below a folder.
    ///
    /// Bytes.
    var size: UInt64 = 0
    /// How often anything of it changed: the number in its eTag.
    var entityCount: UInt64 = 1
    /// How often its content changed: the number in its cTag.
    var contentCount: UInt64 = 1
    var presence = Presence.live
    /// The journal entry of its last change, if it changed since the journal began.
    var lastEntry: Int?

    init(parent: ItemKey?, name: String, kind: Kind, born: Timestamp? = nil, now: Timestamp) {
        self.parent = parent
        self.name = name
        self.kind = kind
        self.born = born ?? now
        created = now
        modified = now
        clientCreated = now
        clientModified = now
        if case .file(let state) = kind { size = state.content.count }
    }

    var isFolder: Bool {
        switch kind {
        case .folder: true
        case .file, .package, .shortcut, .vault: false
        }
    }

    /// Whether other items may lie inside.
    var holdsItems: Bool {
        switch kind {
        case .folder, .package: true
        case .file, .shortcut, .vault: false
        }
    }

    /// The state of a file; `nil` for anything else.
    var file: FileState? {
        get {
            switch kind {
            case .file(let state): state
            case .folder, .package, .shortcut, .vault: nil
            }
        }
        set {
            if let newValue { kind = .file(newValue) }
        }
    }
}

/// What a shortcut leads to, as the service shows it.
struct SharedTarget: Hashable, Sendable {
    let driveID: String
    let driveKind: DriveKind
    let itemID: String
    let name: String
    let isFile: Bool
}

/// Who acts on a file: the owner of the account, or a colleague.
package enum SimulatedUser: Hashable, Sendable {
    case signedInUser
    case anotherUser
}

/// What only files have: content, older contents, a lock.
struct FileState: Sendable {
    typealias Party = SimulatedUser

    /// Why a file may refuse to be changed.
    enum Lock: Hashable, Sendable {
        case none
        /// Checked out: nobody else may change it until it is checked in.
        case checkedOut(by: Party)
        /// An Office program has it open; the service keeps the lock until this time.
        case open(by: Party, until: Timestamp)
    }

    /// What a change of a file that is checked out hides from others.
    struct Published: Sendable {
        let sha256: String?
        let size: UInt64
        let modified: Timestamp
        let clientCreated: Timestamp
        let clientModified: Timestamp
        let entityCount: UInt64
        let contentCount: UInt64
    }

    /// One older content.
    struct Version: Sendable {
        let content: Blob
        let modified: Timestamp
        /// The number before `.0` in its id.
        let number: Int
    }

    var content: Blob
    /// Upper-case hexadecimal; only Personal drives have it, and not for every file.
    var sha256: String?
    /// Older contents, oldest first.
    var versions: [Version] = []
    var lock = Lock.none
    /// What others see while somebody who has it checked out has changed it; its content is the
    /// newest of ``versions``.
    var published: Published?
    /// Whether the service holds the content for malicious.
    var isMalicious = false

    init(content: Blob) {
        self.content = content
    }

    /// The number of the current content, one more than that of the newest version.
    var versionNumber: Int { (versions.last?.number ?? 0) + 1 }

    /// Tells whether `party` may not change this file now.
    func refuses(_ party: Party, now: Timestamp) -> Bool {
        switch lock {
        case .none: false
        case .checkedOut(let owner): owner != party
        case .open(let owner, let until): owner != party && now < until
        }
    }
}

extension Item {
    /// The item as a user sees it: what somebody else has checked out is as it was before.
    func seen(by party: SimulatedUser) -> Item {
        guard let file, case .checkedOut(let owner) = file.lock, owner != party else { return self }
        var item = self
        item.file?.restorePublished()
        if let published = file.published {
            item.size = published.size
            item.modified = published.modified
            item.clientCreated = published.clientCreated
            item.clientModified = published.clientModified
            item.entityCount = published.entityCount
            item.contentCount = published.contentCount
        }
        return item
    }

    /// Keeps what others see, before the first change by the one who has it checked out.
    var publishedState: FileState.Published {
        FileState.Published(
            sha256: file?.sha256, size: size, modified: modified, clientCreated: clientCreated,
            clientModified: clientModified, entityCount: entityCount, contentCount: contentCount)
    }
}

extension FileState {
    /// Makes the content what it was when the file was checked out.
    mutating func restorePublished() {
        guard let published, let version = versions.popLast() else { return }
        content = version.content
        sha256 = published.sha256
        self.published = nil
    }
}
