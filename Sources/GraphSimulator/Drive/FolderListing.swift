import Core

/// What decides whether two names of a folder are the same to the service.
///
/// Case never counts. Whether the normal forms of Unicode count is not documented and has been seen
/// both ways, so it is a switch.
struct NameKey: Hashable, Comparable, Sendable {
    private enum Form: Hashable, Comparable, Sendable {
        case folded(FoldKey)
        /// The bytes with ASCII letters in lower case.
        case spelled([UInt8])

        static func < (left: Form, right: Form) -> Bool {
            switch (left, right) {
            case (.folded(let a), .folded(let b)): a < b
            case (.spelled(let a), .spelled(let b)): a.lexicographicallyPrecedes(b)
            case (.folded, .spelled): true
            case (.spelled, .folded): false
            }
        }
    }

    private let form: Form

    /// `nil` if the name cannot be one path component.
    init?(_ name: String, distinguishesNormalForms: Bool) {
        if distinguishesNormalForms {
            form = .spelled(name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
        } else {
            guard let name = Name(name) else { return nil }
            form = .folded(name.foldKey)
        }
    }

    static func < (left: NameKey, right: NameKey) -> Bool {
        left.form < right.form
    }
}

/// The children of a folder, sorted by folded name, which is also the order Graph lists them in.
struct FolderListing: Sendable {
    struct Entry: Sendable {
        let fold: NameKey
        let key: ItemKey
    }

    private(set) var entries: [Entry] = []

    init() {}

    /// Takes entries that are sorted already.
    init(sorted entries: [Entry]) {
        self.entries = entries
    }

    func key(named fold: NameKey) -> ItemKey? {
        let index = position(of: fold)
        return index < entries.count && entries[index].fold == fold ? entries[index].key : nil
    }

    /// Adds a child.
    ///
    /// The name must be free.
    mutating func insert(_ fold: NameKey, _ key: ItemKey) {
        let index = position(of: fold)
        precondition(index == entries.count || entries[index].fold != fold)
        entries.insert(Entry(fold: fold, key: key), at: index)
    }

    mutating func remove(_ fold: NameKey) {
        let index = position(of: fold)
        precondition(index < entries.count && entries[index].fold == fold)
        entries.remove(at: index)
    }

    /// Returns the index of the first entry that is not before `fold`.
    private func position(of fold: NameKey) -> Int {
        // Most listings grow at their end.
        if let last = entries.last, last.fold < fold { return entries.count }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].fold < fold { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
