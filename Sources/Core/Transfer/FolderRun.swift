/// One program on its way through the small files of a folder.
struct FolderRun: Sendable {
    /// How many files are fetched ahead at first, and at most.
    private static let windows = 4...64

    let directory: NodeID
    let order: FolderOrder
    /// The file with which it began, and those behind it.
    private let files: [SmallFile]
    /// The file that is expected next.
    private var position = 1
    /// The file that is to be fetched next.
    private var front = 1
    /// How many files are fetched ahead.
    private var window = Self.windows.lowerBound

    init(_ directory: NodeID, _ order: FolderOrder, behind first: NodeID, _ files: [SmallFile]) {
        self.directory = directory
        self.order = order
        self.files = [SmallFile(id: first, size: 0)] + files
    }

    /// The file to which it has come.
    var current: NodeID { files[position - 1].id }

    var isOver: Bool { position == files.count }

    /// Whether it has come to this file a moment ago, or has passed over it.
    func hasPassed(_ file: NodeID) -> Bool {
        files[max(0, position - Self.windows.upperBound)..<position].contains { $0.id == file }
    }

    /// Whether it has to pass over so many files only to come to this one.
    func expects(_ file: NodeID, within tolerance: Int) -> Bool {
        files[position...].prefix(tolerance + 1).contains { $0.id == file }
    }

    /// Goes on to a file if it is the next, or passes over a few only; returns over how many, or nil
    /// if it does not.
    mutating func advance(to file: NodeID, within tolerance: Int) -> Int? {
        let near = files[position...].prefix(tolerance + 1)
        guard let index = near.firstIndex(where: { $0.id == file }) else { return nil }
        let skipped = index - position
        position = index + 1
        front = max(front, position)
        return skipped
    }

    /// The program had to wait.
    mutating func widen() { window = min(window * 2, Self.windows.upperBound) }

    /// The files to fetch now, so that no more than so many bytes lie ahead.
    mutating func take(bytes: Int64) -> [NodeID] {
        var ahead = files[position..<front].reduce(0) { $0 + $1.size }
        var taken: [NodeID] = []
        while front < files.count, front - position < window, ahead + files[front].size <= bytes {
            ahead += files[front].size
            taken.append(files[front].id)
            front += 1
        }
        return taken
    }
}

/// A file that is fetched as a whole when it is read.
struct SmallFile: Hashable, Sendable {
    let id: NodeID
    /// In bytes.
    let size: Int64
}

extension SmallFile {
    /// A node of the mount as it is now; nil if it is nothing that is fetched as a whole.
    init?(_ id: NodeID, in tree: Tree) {
        guard let size = tree.fileSize(id), (1...ReadAhead.wholeFile).contains(size) else {
            return nil
        }
        self.init(id: id, size: size)
    }
}
