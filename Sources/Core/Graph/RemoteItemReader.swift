/// Reads items out of a JSON text.
///
/// Neighbouring items mostly lie in one directory of one drive, so the last ids are kept and used
/// again: reading a page makes hardly more strings than it has names and tags.
struct RemoteItemReader {
    private var lastDrive: (text: String, id: DriveID)?
    private var lastParent: (text: String, id: ItemID)?

    /// Reads one item; nil where there is no id, since nothing can be told of it then.
    mutating func item(_ json: JSONCursor) -> RemoteItem? {
        var fields = Fields()
        for member in json.members where !member.value.isNull {
            read(member, into: &fields)
        }
        guard let id = fields.id else { return nil }
        return fields.item(id)
    }

    private mutating func read(_ member: JSONMember, into fields: inout Fields) {
        let value = member.value
        switch Member(member.nameCursor) {
        case .id: fields.id = value.string.flatMap(Self.itemID)
        case .name: fields.name = value.string
        case .size: fields.size = value.integerLenient
        case .eTag: fields.eTag = value.string.flatMap(Tag.init(received:))
        case .cTag: fields.cTag = value.string.flatMap(Tag.init(received:))
        case .createdDateTime: fields.created = Self.time(value)
        case .lastModifiedDateTime: fields.modified = Self.time(value)
        case .webURL: fields.webURL = value.string
        case .downloadURL: fields.downloadURL = value.string
        case .fileSystemInfo: readTimes(value, into: &fields)
        case .parentReference: readParent(value, into: &fields)
        case .file:
            fields.isFile = true
            fields.hash = Self.hash(value)
        case .folder:
            fields.isDirectory = true
            fields.childCount = value["childCount"]?.integerLenient
        case .package: fields.isPackage = true
        case .root: fields.isRoot = true
        case .deleted: fields.isDeleted = true
        case .publication: fields.isCheckedOut = value["level"]?.string.map { $0 == "checkout" }
        case .remoteItem: readRemote(value, into: &fields)
        case nil: break
        }
    }

    private func readTimes(_ json: JSONCursor, into fields: inout Fields) {
        fields.clientModified = json["lastModifiedDateTime"].flatMap(Self.time)
        fields.clientCreated = json["createdDateTime"].flatMap(Self.time)
    }

    private mutating func readParent(_ json: JSONCursor, into fields: inout Fields) {
        if let id = json["id"] {
            if let last = lastParent, id.equals(last.text) {
                fields.parent = last.id
            } else if let text = id.string, let parent = Self.itemID(text) {
                lastParent = (text, parent)
                fields.parent = parent
            }
        }
        if let id = json["driveId"] { fields.drive = drive(id) }
    }

    private mutating func readRemote(_ json: JSONCursor, into fields: inout Fields) {
        let drive = json["parentReference"]?["driveId"].flatMap { self.drive($0) }
        if let item = json["id"]?.string.flatMap(Self.itemID) {
            fields.shortcut = .shortcut(
                drive: drive, item: item, isFile: json["file"]?.isNull == false)
        }
        // Some shortcuts have no times of their own (abraunegg/onedrive#1533).
        let times = json["fileSystemInfo"]
        fields.targetModified = times?["lastModifiedDateTime"].flatMap(Self.time)
        fields.targetCreated = times?["createdDateTime"].flatMap(Self.time)
    }

    private mutating func drive(_ json: JSONCursor) -> DriveID? {
        if let last = lastDrive, json.equals(last.text) { return last.id }
        guard let text = json.string, !text.isEmpty, !text.utf8.contains(ItemID.separator) else {
            return nil
        }
        let id = DriveID(normalizing: text)
        lastDrive = (text, id)
        return id
    }

    private static func itemID(_ text: String) -> ItemID? {
        text.isEmpty || text.utf8.contains(ItemID.separator) ? nil : ItemID(normalizing: text)
    }

    private static func time(_ json: JSONCursor) -> Timestamp? {
        json.withUTF8 { Timestamp(rfc3339UTF8: $0) } ?? nil
    }

    /// Base64 almost always; 40 hexadecimal digits in some answers of 2019.
    private static func hash(_ file: JSONCursor) -> QuickXorHash? {
        guard let text = file["hashes"]?["quickXorHash"]?.string else { return nil }
        return QuickXorHash(base64: text)
            ?? Hexadecimal.decode(text).flatMap(QuickXorHash.init(bytes:))
    }
}

/// What has been read of an item.
private struct Fields {
    var id: ItemID?
    var name: String?
    var parent: ItemID?
    var drive: DriveID?
    var size: Int64?
    var childCount: Int64?
    var hash: QuickXorHash?
    var eTag: Tag?
    var cTag: Tag?
    var created: Timestamp?
    var modified: Timestamp?
    var clientCreated: Timestamp?
    var clientModified: Timestamp?
    var targetCreated: Timestamp?
    var targetModified: Timestamp?
    var webURL: String?
    var downloadURL: String?
    var shortcut: RemoteKind?
    var isFile = false
    var isDirectory = false
    var isPackage = false
    var isRoot = false
    var isDeleted = false
    var isCheckedOut: Bool?

    func item(_ id: ItemID) -> RemoteItem {
        let size = size.flatMap { isFile && $0 >= 0 ? $0 : nil }
        return RemoteItem(
            id: id, name: name?.isEmpty == true ? nil : name,
            // The root of some Personal drives names itself as its parent.
            parent: isRoot || parent == id ? nil : parent, drive: drive, kind: kind,
            size: size, hash: reliableHash(size), eTag: eTag, cTag: cTag,
            modified: clientModified ?? modified ?? targetModified,
            created: clientCreated ?? created ?? targetCreated,
            childCount: childCount, isRoot: isRoot, isDeleted: isDeleted,
            isCheckedOut: isCheckedOut, webURL: webURL, downloadURL: downloadURL)
    }

    private var kind: RemoteKind {
        // Notebooks are directories, too, on some drives.
        if isPackage { return .package }
        if let shortcut { return shortcut }
        if isDirectory || isRoot { return .directory }
        return isFile ? .file : .other
    }

    /// Removals carry a stale hash, or one of zeros that also stands for "none" elsewhere
    /// (onedrive-api-docs#834).
    ///
    /// Files without bytes often have no hash.
    private func reliableHash(_ size: Int64?) -> QuickXorHash? {
        guard isFile, !isDeleted else { return nil }
        if size == 0 { return .empty }
        return hash == .empty ? nil : hash
    }
}

/// The members of an item that are read.
private enum Member {
    case id, name, size, eTag, cTag, createdDateTime, lastModifiedDateTime, webURL, downloadURL
    case fileSystemInfo, parentReference, file, folder, package, root, deleted, remoteItem
    case publication

    /// Nil for any other.
    ///
    /// Comparing the lengths first leaves one or two names to compare.
    init?(_ name: JSONCursor) {
        guard let member = name.withUTF8(Self.named) ?? nil else { return nil }
        self = member
    }

    private static func named(_ name: UnsafeBufferPointer<UInt8>) -> Member? {
        func matches(_ text: StaticString) -> Bool {
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
                .elementsEqual(name)
        }
        switch name.count {
        case 2: return matches("id") ? .id : nil
        case 4:
            if matches("name") { return .name }
            if matches("size") { return .size }
            if matches("eTag") { return .eTag }
            if matches("cTag") { return .cTag }
            if matches("file") { return .file }
            return matches("root") ? .root : nil
        case 6:
            if matches("folder") { return .folder }
            return matches("webUrl") ? .webURL : nil
        case 7:
            if matches("deleted") { return .deleted }
            return matches("package") ? .package : nil
        case 10: return matches("remoteItem") ? .remoteItem : nil
        case 11: return matches("publication") ? .publication : nil
        case 14: return matches("fileSystemInfo") ? .fileSystemInfo : nil
        case 15:
            if matches("parentReference") { return .parentReference }
            return matches("createdDateTime") ? .createdDateTime : nil
        case 20: return matches("lastModifiedDateTime") ? .lastModifiedDateTime : nil
        case 28: return matches("@microsoft.graph.downloadUrl") ? .downloadURL : nil
        default: return nil
        }
    }
}
