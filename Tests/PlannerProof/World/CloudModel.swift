import Core

/// A drive as a plain dictionary that refuses what OneDrive refuses.
struct CloudModel {
    struct Item: Hashable {
        var parent: Int
        var name: Name
        var kind: Kind
        var content: Content?
        var modified: Timestamp
        /// Changes with every change of the item.
        var version: Int
    }

    enum Refusal: Error {
        case nameTaken
        case notFound
        case changed
        case insideItself
    }

    static let root = 0
    private(set) var items: [Int: Item] = [:]
    private var lastItem = 0
    private var lastVersion = 0

    // MARK: Reading

    func child(of parent: Int, _ name: Name) -> Int? {
        items.first { $0.value.parent == parent && foldsEqual($0.value.name, name) }?.key
    }

    func isInside(_ item: Int, _ directory: Int) -> Bool {
        var current = item
        while current != Self.root {
            if current == directory { return true }
            current = items[current]?.parent ?? Self.root
        }
        return directory == Self.root
    }

    func subtree(_ directory: Int) -> [Int] {
        items.keys.filter { isInside($0, directory) }.sorted()
    }

    func isDirectory(_ item: Int) -> Bool {
        item == Self.root || items[item]?.kind == .directory
    }

    // MARK: Changing

    /// Puts an item where it is said to be, whatever is there.
    mutating func put(_ item: Int, _ kind: Kind, in parent: Int, _ facts: Facts) {
        lastItem = max(lastItem, item)
        items[item] = Item(
            parent: parent, name: facts.place.name, kind: kind, content: facts.content,
            modified: facts.modified, version: newVersion())
    }

    private mutating func newVersion() -> Int {
        lastVersion += 1
        return lastVersion
    }

    mutating func create(
        _ kind: Kind, in parent: Int, _ name: Name, _ content: Content?, _ modified: Timestamp
    ) throws(Refusal) -> Int {
        guard isDirectory(parent) else { throw .notFound }
        guard child(of: parent, name) == nil else { throw .nameTaken }
        lastItem += 1
        items[lastItem] = Item(
            parent: parent, name: name, kind: kind, content: content, modified: modified,
            version: newVersion())
        return lastItem
    }

    mutating func move(
        _ item: Int, to parent: Int, _ name: Name, version: Int?
    ) throws(Refusal) {
        try check(item, version)
        guard isDirectory(parent) else { throw .notFound }
        if let other = child(of: parent, name), other != item { throw .nameTaken }
        guard !isInside(parent, item) else { throw .insideItself }
        let version = newVersion()
        items[item]?.parent = parent
        items[item]?.name = name
        items[item]?.version = version
    }

    mutating func write(
        _ item: Int, _ content: Content?, _ modified: Timestamp, version: Int?
    ) throws(Refusal) {
        try check(item, version)
        let version = newVersion()
        if let content { items[item]?.content = content }
        items[item]?.modified = modified
        items[item]?.version = version
    }

    mutating func delete(_ item: Int, version: Int?) throws(Refusal) {
        try check(item, version)
        for inside in subtree(item) { items[inside] = nil }
    }

    private func check(_ item: Int, _ version: Int?) throws(Refusal) {
        guard let known = items[item] else { throw .notFound }
        if let version, version != known.version { throw .changed }
    }

    // MARK: Comparing

    /// Content by path, names in their normal form and directories with a slash.
    var listing: [String: String] {
        var listing: [String: String] = [:]
        for (id, item) in items {
            var names: [String] = []
            var current = id
            while let item = items[current] {
                names.append(item.name.string)
                current = item.parent
            }
            let path = names.reversed().joined(separator: "/")
            listing[path] = item.content.map(Payload.word) ?? "/"
        }
        return listing
    }
}
