/// An item as the service describes it.
///
/// Whatever may be missing is missing at times.
package struct RemoteItem: Hashable, Sendable {
    package var id: ItemID
    /// Absent on the removals of Business drives.
    ///
    /// As sent: names are data, and may hold anything.
    package var name: String?
    package var parent: ItemID?
    /// The drive that the item lies in.
    package var drive: DriveID?
    package var kind: RemoteKind
    /// In bytes, of files; nil where the service does not say.
    package var size: Int64?
    /// Of files.
    ///
    /// The service leaves it out for some, and late for others.
    package var hash: QuickXorHash?
    package var eTag: Tag?
    package var cTag: Tag?
    /// Nil where the service gives no time that can be true.
    package var modified: Timestamp?
    package var created: Timestamp?
    /// Of directories: how many items lie directly inside, if the service says.
    package var childCount: Int64?
    package var isRoot: Bool
    package var isDeleted: Bool
    /// Whether a file is checked out; nil where that was not asked, or is not said.
    package var isCheckedOut: Bool?
    package var webURL: String?
    /// Where the bytes are, for some minutes: pre-authenticated, and so a secret.
    package var downloadURL: String?

    package init(
        id: ItemID, name: String? = nil, parent: ItemID? = nil, drive: DriveID? = nil,
        kind: RemoteKind, size: Int64? = nil, hash: QuickXorHash? = nil, eTag: Tag? = nil,
        cTag: Tag? = nil, modified: Timestamp? = nil, created: Timestamp? = nil,
        childCount: Int64? = nil, isRoot: Bool = false, isDeleted: Bool = false,
        isCheckedOut: Bool? = nil, webURL: String? = nil,
        downloadURL: String? = nil
    ) {
        self.id = id
        self.name = name
        self.parent = parent
        self.drive = drive
        self.kind = kind
        self.size = size
        self.hash = hash
        self.eTag = eTag
        self.cTag = cTag
        self.modified = modified
        self.created = created
        self.childCount = childCount
        self.isRoot = isRoot
        self.isDeleted = isDeleted
        self.isCheckedOut = isCheckedOut
        self.webURL = webURL
        self.downloadURL = downloadURL
    }

    /// Whether it stands for an item of another drive.
    package var isShortcut: Bool {
        switch kind {
        case .shortcut: true
        case .file, .directory, .package, .other: false
        }
    }

    /// The kind of the node that shows this item; nil for what the mount does not show.
    package var nodeKind: Kind? {
        switch kind {
        case .file: .file
        case .directory: .directory
        case .package: .package
        // A folder of a drive that is not named cannot be followed.
        case .shortcut(let drive, _, let isFile): drive == nil || isFile ? nil : .directory
        case .other: nil
        }
    }
}

/// What an item is.
package enum RemoteKind: Hashable, Sendable {
    case file
    case directory
    /// A OneNote notebook or the like, with or without the marks of a directory.
    case package
    /// Stands for an item of another drive; most do for a folder, and some do not say so.
    case shortcut(drive: DriveID?, item: ItemID, isFile: Bool)
    /// Nothing known: the Vault, and whatever comes in future.
    case other
}

extension ItemID {
    /// The ids of Personal drives begin with the drive's, whose case varies between answers; only
    /// upper case has been seen from the start.
    ///
    /// All others are case-sensitive, and so is what follows the `b` that marks a Business drive.
    init(normalizing text: String) {
        let prefix = text.utf8.prefix { $0.isHexadecimalDigit }
        let end = prefix.endIndex
        guard (2...16).contains(prefix.count), end < text.utf8.endIndex,
            text.utf8[end] == UInt8(ascii: "!"),
            prefix.contains(where: { $0 >= UInt8(ascii: "a") })
        else {
            self.init(rawValue: text)
            return
        }
        self.init(rawValue: text[..<end].uppercased() + text[end...])
    }
}

extension Tag {
    /// Nil for what could not stand in a header field.
    init?(received text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return nil
        }
        self.init(rawValue: text)
    }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
