/// Which files are fetched ahead of a program that reads the files of a folder one after the other.
///
/// Small files are fetched as a whole when they are read (``ReadAhead/wholeFile``), so nothing lies
/// ahead in the file itself, and each costs whoever reads it a round trip or two. A program that
/// waits for two of a folder, the second close behind the first in an order in which programs go
/// through folders, is expected to go on: the next ones are fetched, and more of them each time it
/// has to wait all the same. Once it has come to the end of the folder, it is expected to go through
/// the next in the same order.
struct FolderReadAhead: Sendable {
    /// How many bytes are fetched ahead at most.
    static let mostBytes: Int64 = 16 << 20
    /// How many files a program may pass over and still be taken to go on in order.
    private static let tolerance = 8
    /// How long a program may take for a file and still be taken to go on, in nanoseconds.
    private static let patience: Int64 = 10_000_000_000
    /// How many programs are followed at once.
    private static let mostRuns = 8

    /// Programs that go through folders, the one seen last at the end.
    private var runs: [FolderRun] = []
    /// The last file that a program waited for in folders that nobody is known to go through, the
    /// latest at the end.
    private var waits: [Wait] = []
    /// How a program went through the last folder that it has read to its end.
    private var habit: Habit?

    private struct Wait {
        let file: NodeID
        let directory: NodeID
        let time: Timestamp
    }

    private struct Habit {
        let order: FolderOrder
        let time: Timestamp
    }

    /// Takes note of a small file that a program begins to read, and whether it gets the bytes without
    /// waiting.
    ///
    /// No more than `limit` bytes are fetched ahead.
    ///
    /// - Returns: The files to fetch, in this order. Some of them may be here.
    mutating func note(
        _ file: NodeID, isHere: Bool, limit: Int64 = Self.mostBytes, in tree: Tree,
        at now: Timestamp
    ) -> [NodeID] {
        guard let directory = tree.localParent(file) else { return [] }
        if let index = runs.firstIndex(where: { $0.directory == directory }) {
            var run = runs[index]
            // A file that was passed already says nothing.
            if run.hasPassed(file) { return [] }
            let last = run.current
            if let skipped = run.advance(to: file, within: Self.tolerance) {
                if !isHere { run.widen() }
                // Several orders may begin in the same way.
                if !isHere, skipped > 0,
                    let other = Self.run(from: last, to: file, in: directory, of: tree, skipping: 0)
                {
                    run = other
                }
                runs.remove(at: index)
                return follow(run, limit, at: now)
            }
        }
        guard !isHere, let run = begin(with: file, in: directory, of: tree, at: now) else {
            return []
        }
        runs.removeAll { $0.directory == directory }
        return follow(run, limit, at: now)
    }

    /// Whether a program that is followed may be about to read this file.
    func expects(_ file: NodeID, in tree: Tree) -> Bool {
        guard !runs.isEmpty, let directory = tree.localParent(file) else { return false }
        return runs.contains {
            $0.directory == directory && $0.expects(file, within: Self.tolerance)
        }
    }

    private mutating func follow(
        _ run: FolderRun, _ limit: Int64, at now: Timestamp
    ) -> [NodeID] {
        var run = run
        let wanted = run.take(bytes: min(limit, Self.mostBytes))
        if run.isOver {
            habit = Habit(order: run.order, time: now)
        } else {
            runs.append(run)
            if runs.count > Self.mostRuns { runs.removeFirst() }
        }
        return wanted
    }

    /// Finds out whether a program that waits for a file goes through its folder.
    private mutating func begin(
        with file: NodeID, in directory: NodeID, of tree: Tree, at now: Timestamp
    ) -> FolderRun? {
        let oldest = now.advanced(byNanoseconds: -Self.patience)
        if let habit, habit.time >= oldest {
            self.habit = nil
            return FolderRun(
                directory, habit.order, behind: file, habit.order.files(behind: file, in: tree))
        }
        let last = waits.firstIndex { $0.directory == directory }.map { waits.remove(at: $0) }
        if let last, last.time >= oldest, last.file != file,
            let run = Self.run(
                from: last.file, to: file, in: directory, of: tree, skipping: Self.tolerance)
        {
            return run
        }
        waits.append(Wait(file: file, directory: directory, time: now))
        if waits.count > Self.mostRuns { waits.removeFirst() }
        return nil
    }

    /// The way on of a program that has come from one file to another; nil if it has passed over more
    /// files than that in each order.
    private static func run(
        from last: NodeID, to file: NodeID, in directory: NodeID, of tree: Tree,
        skipping most: Int
    ) -> FolderRun? {
        for order in FolderOrder.allCases {
            let files = order.files(behind: last, in: tree)
            guard let index = files.prefix(most + 1).firstIndex(where: { $0.id == file })
            else { continue }
            return FolderRun(directory, order, behind: file, Array(files[(index + 1)...]))
        }
        return nil
    }
}
