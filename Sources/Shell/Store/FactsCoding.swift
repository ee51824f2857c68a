import Core

/// Which bytes a file holds, as it stands in the column `content` and in blobs.
///
/// Never change a value.
enum ContentForm: UInt8 {
    /// The column `version` holds the 20 bytes of the hash.
    case hashed = 1
    /// The column `version` holds the modification time.
    case unhashed = 2
    /// The column `version` holds the revision.
    case edited = 3
    /// The column `version` holds the 20 bytes of the hash.
    case rewritten = 4

    init(_ content: Content) {
        switch content {
        case .hashed: self = .hashed
        case .unhashed: self = .unhashed
        case .edited: self = .edited
        case .rewritten: self = .rewritten
        }
    }
}

/// How one side of a node is stored: two bits of the column `sides`.
///
/// Never change a value.
enum SideForm: Int64 {
    /// The side does not know the node.
    case none = 0
    /// Its facts are those of the row.
    case shared = 1
    /// Its facts stand in the blob `apart`, as far as they differ from those of the row.
    case apart = 2
    /// The side was not observed.
    case unknown = 3
}

/// The sides of a node, by the bits that they take in the column `sides`.
enum Side: Int64 {
    case local = 0
    case remote = 2
    case synced = 4
    case sent = 6

    func form(in sides: Int64) -> SideForm? { SideForm(rawValue: sides >> rawValue & 3) }

    func bits(_ form: SideForm) -> Int64 { form.rawValue << rawValue }
}

/// Which facets of a side follow in the blob `apart`; the others are those of the row.
private struct Facets: OptionSet {
    let rawValue: UInt8

    static let parent = Facets(rawValue: 1)
    static let name = Facets(rawValue: 2)
    static let content = Facets(rawValue: 4)
    static let modified = Facets(rawValue: 8)
    static let all: Facets = [.parent, .name, .content, .modified]
}

extension PackedBytes {
    /// Appends what sets the facts of a side apart from those of the row.
    mutating func append(_ facts: Facts, apartFrom shared: Facts) {
        var facets: Facets = []
        if facts.place.parent != shared.place.parent { facets.insert(.parent) }
        if facts.place.name != shared.place.name { facets.insert(.name) }
        if facts.content != shared.content { facets.insert(.content) }
        if facts.modified != shared.modified { facets.insert(.modified) }
        append(facets.rawValue)
        if facets.contains(.parent) { append(facts.place.parent.rawValue) }
        if facets.contains(.name) { append(counted: facts.place.name.bytes) }
        if facets.contains(.content) { append(facts.content) }
        if facets.contains(.modified) { append(facts.modified.nanoseconds) }
    }

    private mutating func append(_ content: Content?) {
        guard let content else {
            append(0 as UInt8)
            return
        }
        append(ContentForm(content).rawValue)
        append(content.size)
        switch content {
        case .hashed(let hash, _), .rewritten(let hash, _): append(raw: hash.bytes)
        case .unhashed(_, let modified): append(modified.nanoseconds)
        case .edited(let revision, _): append(revision)
        }
    }

    /// Appends ranges: of each its distance from the one before, and its length.
    mutating func append(_ ranges: ByteRanges) {
        var end: Int64 = 0
        for range in ranges.ranges {
            append(range.lowerBound &- end)
            append(range.upperBound &- range.lowerBound)
            end = range.upperBound
        }
    }
}

extension PackedBytesReader {
    /// The facts of a side that stand apart from those of the row.
    mutating func facts(apartFrom shared: Facts) -> Facts? {
        guard let facets = byte().map(Facets.init(rawValue:)), facets.isSubset(of: .all) else {
            return nil
        }
        var facts = shared
        if facets.contains(.parent) {
            guard let parent = signed().flatMap(NodeID.init(stored:)) else { return nil }
            facts.place.parent = parent
        }
        if facets.contains(.name) {
            guard let name = counted().flatMap({ Name($0) }) else { return nil }
            facts.place.name = name
        }
        if facets.contains(.content) {
            guard let content = content() else { return nil }
            facts.content = content
        }
        if facets.contains(.modified) {
            guard let modified = signed() else { return nil }
            facts.modified = Timestamp(nanoseconds: modified)
        }
        return facts
    }

    /// Nil where the bytes make no sense; the inner nil is a node without content.
    private mutating func content() -> Content?? {
        guard let tag = byte() else { return nil }
        if tag == 0 { return .some(nil) }
        guard let form = ContentForm(rawValue: tag), let size = signed(), size >= 0
        else { return nil }
        switch form {
        case .hashed, .rewritten:
            guard let hash = raw(QuickXorHash.byteCount).flatMap({ QuickXorHash(bytes: $0) })
            else { return nil }
            return form == .hashed ? .hashed(hash, size: size) : .rewritten(hash, size: size)
        case .unhashed:
            guard let modified = signed() else { return nil }
            return .some(.unhashed(size: size, modified: Timestamp(nanoseconds: modified)))
        case .edited:
            guard let revision = unsigned() else { return nil }
            return .some(.edited(revision: revision, size: size))
        }
    }

    /// Everything up to the end as ranges.
    mutating func ranges() -> ByteRanges? {
        var result = ByteRanges()
        var end: Int64 = 0
        while !isAtEnd {
            guard let distance = signed(), let count = signed(), count > 0 else { return nil }
            let (lower, isBehind) = end.addingReportingOverflow(distance)
            let (upper, isTooLong) = lower.addingReportingOverflow(count)
            guard !isBehind, !isTooLong else { return nil }
            result.insert(lower..<upper)
            end = upper
        }
        return result
    }
}
