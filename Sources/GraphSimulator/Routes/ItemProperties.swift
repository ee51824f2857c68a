/// Members of a driveItem that `$select` can ask for.
struct ItemProperties: OptionSet {
    let rawValue: UInt32

    static let id = ItemProperties(rawValue: 1 << 0)
    static let name = ItemProperties(rawValue: 1 << 1)
    static let size = ItemProperties(rawValue: 1 << 2)
    static let entityTag = ItemProperties(rawValue: 1 << 3)
    static let contentTag = ItemProperties(rawValue: 1 << 4)
    static let webURL = ItemProperties(rawValue: 1 << 5)
    static let createdTime = ItemProperties(rawValue: 1 << 6)
    static let modifiedTime = ItemProperties(rawValue: 1 << 7)
    static let createdBy = ItemProperties(rawValue: 1 << 8)
    static let modifiedBy = ItemProperties(rawValue: 1 << 9)
    static let parentReference = ItemProperties(rawValue: 1 << 10)
    static let fileSystemInfo = ItemProperties(rawValue: 1 << 11)
    static let file = ItemProperties(rawValue: 1 << 12)
    static let folder = ItemProperties(rawValue: 1 << 13)
    static let root = ItemProperties(rawValue: 1 << 14)
    static let deleted = ItemProperties(rawValue: 1 << 15)
    static let package = ItemProperties(rawValue: 1 << 16)
    static let publication = ItemProperties(rawValue: 1 << 17)
    static let downloadURL = ItemProperties(rawValue: 1 << 18)
    static let description = ItemProperties(rawValue: 1 << 19)
    static let remoteItem = ItemProperties(rawValue: 1 << 20)
    static let malware = ItemProperties(rawValue: 1 << 21)

    /// Everything but `publication`, which is sent only when it is asked for.
    static let standard = ItemProperties(rawValue: (1 << 22) - 1).subtracting(.publication)

    private static let names: [String: ItemProperties] = [
        "id": .id, "name": .name, "size": .size, "eTag": .entityTag, "cTag": .contentTag,
        "webUrl": .webURL, "createdDateTime": .createdTime, "lastModifiedDateTime": .modifiedTime,
        "createdBy": .createdBy, "lastModifiedBy": .modifiedBy,
        "parentReference": .parentReference, "fileSystemInfo": .fileSystemInfo, "file": .file,
        "folder": .folder, "root": .root, "deleted": .deleted, "package": .package,
        "publication": .publication, "@microsoft.graph.downloadUrl": .downloadURL,
        "content.downloadUrl": .downloadURL, "description": .description,
        "remoteItem": .remoteItem, "malware": .malware, "*": .standard,
    ]

    /// Reads a `$select` list.
    ///
    /// Names that Graph knows and this service has no values for are accepted; `nil` stands for a
    /// list that was not sent.
    init(select: String?) {
        guard let select else {
            self = .standard
            return
        }
        self = select.utf8.split(separator: UInt8(ascii: ",")).reduce(into: []) { result, part in
            result.formUnion(Self.names[String(Substring(part).trimmingSpaces)] ?? [])
        }
    }

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}
