import Core

/// A drive of many files on which both sides agree: a hundred entries in each directory, names, ids
/// and tags of the length that OneDrive for Business gives them.
struct MeasuredDrive {
    let tree: Tree

    init(_ count: Int) {
        var tree = Tree()
        let root = Facts(
            place: Place(parent: .root, name: "root"), content: nil, modified: Self.time)
        tree.insert(Self.node(.root, .directory, root))
        for number in 2..<count + 2 {
            let isDirectory = number <= count / 100 + 2
            let parent = number <= 102 ? 1 : (number - 103) / 100 + 2
            let facts = Facts(
                place: Place(
                    parent: NodeID(rawValue: UInt64(parent)), name: Self.name(number, isDirectory)),
                content: isDirectory ? nil : Self.content(UInt64(number)), modified: Self.time)
            tree.insert(
                Self.node(
                    NodeID(rawValue: UInt64(number)), isDirectory ? .directory : .file, facts))
            // As after each page of changes.
            if number % 1000 == 0 { _ = tree.takeTouched() }
        }
        _ = tree.takeTouched()
        self.tree = tree
    }

    /// Changes so many nodes: edits and moves on both sides, new files, deletions.
    static func change(_ tree: inout Tree, count: Int, of nodes: Int) {
        let directories = nodes / 100
        for index in 0..<count {
            let id = NodeID(
                rawValue: UInt64(directories + 3 + index * ((nodes - directories - 3) / count)))
            let bytes = content(UInt64(nodes + index))
            guard let facts = tree.local(id) else { continue }
            var other = facts
            switch index % 6 {
            case 0: tree.update(id) { $0.local?.content = bytes }
            case 1:
                other.content = bytes
                tree.update(id) { $0.remote = .present(other) }
            case 2: tree.update(id) { $0.local?.place.name = name(nodes + index, false) }
            case 3:
                other.place.name = name(nodes + index, false)
                tree.update(id) { $0.remote = .present(other) }
            case 4: tree.update(id) { $0.local = nil }
            default: tree.update(id) { $0.remote = .absent }
            }
        }
    }

    private static let time = Timestamp(seconds: 1_700_000_000)

    private static func node(_ id: NodeID, _ kind: Kind, _ facts: Facts) -> Node {
        let unique = hexadecimal(id.rawValue &* 0x9E37_79B9_7F4A_7C15)
        let uniqueID = "\(unique.prefix(8))-\(unique.suffix(4))-4E8A-9D0F-\(unique.prefix(12))"
        let item = Item(
            id: ItemID(rawValue: "01BYE5RZ" + base32(id.rawValue &* 0xBF58_476D_1CE4_E5B9)),
            eTag: Tag(rawValue: "\"{\(uniqueID)},2\""),
            cTag: Tag(rawValue: "\"c:{\(uniqueID)},1\""))
        return Node(
            id: id, kind: kind, local: facts, remote: .present(facts), synced: facts, item: item,
            overlay: Overlay(permissions: 0o644, changed: time, created: time))
    }

    private static func name(_ number: Int, _ isDirectory: Bool) -> Name {
        let text = isDirectory ? "Folder \(number)" : "Report \(number).docx"
        return Name(text) ?? "unnamed"
    }

    private static func content(_ seed: UInt64) -> Content {
        let bytes = (0..<20).map { UInt8(truncatingIfNeeded: seed &* 0x2545_F491_4F6C_DD1D >> $0) }
        return .hashed(QuickXorHash.hash(of: bytes), size: Int64(seed % 1_000_000))
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// 26 digits.
    private static func base32(_ value: UInt64) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return String((0..<26).map { digits[Int(value >> UInt64($0 * 2) & 31)] })
    }
}
