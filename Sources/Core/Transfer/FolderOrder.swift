/// An order in which programs go through the files of a folder.
enum FolderOrder: CaseIterable, Hashable, Sendable {
    /// As the folder lists them: `tar`, `grep -r`.
    case listed
    /// The other way round, which is by inode, since what is newer is listed first: `cp -r`.
    case reversed
    /// By name: `rsync`, and what a shell makes of `*`.
    case named

    /// How many entries are looked at.
    private static let mostEntries = 2048

    /// The small files that come behind one in the same folder, in this order: not all in a folder of
    /// very many entries.
    ///
    /// O(n log n) with the entries, of which at most 2,048 are looked at.
    func files(behind file: NodeID, in tree: Tree) -> [SmallFile] {
        switch self {
        case .listed: Self.small(tree.siblings(behind: file, atMost: Self.mostEntries), in: tree)
        case .reversed:
            Self.small(tree.siblings(before: file, atMost: Self.mostEntries), in: tree)
        case .named: Self.named(behind: file, in: tree)
        }
    }

    private static func named(behind file: NodeID, in tree: Tree) -> [SmallFile] {
        let siblings =
            tree.siblings(before: file, atMost: mostEntries)
            + tree.siblings(behind: file, atMost: mostEntries)
        guard siblings.count <= mostEntries, let first = tree.local(file)?.place.name else {
            return []
        }
        return small(siblings, in: tree)
            .compactMap { file in tree.local(file.id).map { (name: $0.place.name, file: file) } }
            .filter { $0.name > first }
            .sorted { $0.name < $1.name }
            .map(\.file)
    }

    private static func small(_ nodes: [NodeID], in tree: Tree) -> [SmallFile] {
        nodes.compactMap { SmallFile($0, in: tree) }
    }
}
