import Testing

@testable import Core

/// What is fetched ahead of programs that read the files of a folder one after the other.
struct FolderReadAheadTests {
    private static let begin = Timestamp(seconds: 1_800_000_000)

    /// Files in folders, in the order in which they became known.
    private struct Folders {
        var tree = Tree()
        var readAhead = FolderReadAhead()
        /// When the program reads the next file.
        var now = FolderReadAheadTests.begin
        /// Everything that was fetched ahead.
        var fetched: [NodeID] = []
        private var last: UInt64 = 1

        init() {
            let overlay = Overlay(permissions: 0o755, changed: now, created: now)
            tree.insert(Node(id: .root, kind: .directory, overlay: overlay))
        }

        /// Adds a folder, or a file of this size.
        mutating func add(_ name: String, size: Int64?, to parent: NodeID = .root) -> NodeID {
            last += 1
            let id = NodeID(rawValue: last)
            let content = size.map { Content.edited(revision: last, size: $0) }
            tree.insert(
                Node(
                    id: id, kind: size == nil ? .directory : .file,
                    local: Facts(
                        place: Place(parent: parent, name: Name(stringLiteral: name)),
                        content: content, modified: now),
                    overlay: Overlay(permissions: 0o644, changed: now, created: now)))
            return id
        }

        /// Adds files of 100 KiB.
        mutating func add(files count: Int, to parent: NodeID) -> [NodeID] {
            (0..<count).map { add("\($0)", size: 100 << 10, to: parent) }
        }

        /// Reads a file, and waits for it unless it was fetched ahead.
        mutating func read(
            _ file: NodeID, isHere: Bool? = nil, limit: Int64 = FolderReadAhead.mostBytes
        ) {
            fetched += readAhead.note(
                file, isHere: isHere ?? fetched.contains(file), limit: limit, in: tree, at: now)
            now = now.advanced(byNanoseconds: 100_000_000)
        }
    }

    @Test func oneFileIsNoReasonToFetchAnother() {
        var folders = Folders()
        let files = folders.add(files: 50, to: .root)
        // The same file again says nothing new.
        for isHere in [false, false, true] { folders.read(files[20], isHere: isHere) }
        #expect(folders.fetched.isEmpty)
    }

    @Test("A program is followed in each order", arguments: FolderOrder.allCases)
    func orders(order: FolderOrder) {
        var folders = Folders()
        let files = folders.add(files: 500, to: .root)
        let read: [NodeID] =
            switch order {
            case .listed: files.reversed()
            case .reversed: files
            case .named: files.indices.sorted { "\($0)" < "\($1)" }.map { files[$0] }
            }
        let waits = read.reduce(0) { waits, file in
            let isHere = folders.fetched.contains(file)
            folders.read(file)
            return waits + (isHere ? 0 : 1)
        }
        // Names that are numbers begin as the inodes do: 0, 1, 10.
        #expect(waits == (order == .named ? 3 : 2))
        #expect(Set(folders.fetched).count == files.count - waits)
    }

    @Test func whoWaitsAgainGetsMoreUpToABound() {
        var folders = Folders()
        let files = folders.add(files: 600, to: .root)
        var windows: [Int] = []
        for (index, file) in files.prefix(200).enumerated() {
            folders.read(file, isHere: false)
            windows.append(folders.fetched.count - max(0, index - 1))
        }
        #expect(Array(windows.prefix(8)) == [0, 4, 8, 16, 32, 64, 64, 64])
        #expect(windows.max() == 64)
    }

    @Test func onlySoManyBytesLieAhead() {
        var folders = Folders()
        let files = (0..<100).map { folders.add("\($0)", size: 1 << 20) }
        for file in files.prefix(50) { folders.read(file, isHere: false, limit: 3 << 20) }
        #expect(folders.fetched.count == 51)
        for file in files[50..<70] { folders.read(file, isHere: false) }
        #expect(folders.fetched.count == 68 + 16)
    }

    @Test("Large and empty files, and folders, are passed over")
    func others() {
        var folders = Folders()
        var small: [NodeID] = []
        for number in 0..<10 {
            small.append(folders.add("\(number)", size: 1))
            _ = folders.add("large \(number)", size: ReadAhead.wholeFile + 1)
            _ = folders.add("empty \(number)", size: 0)
            _ = folders.add("folder \(number)", size: nil)
        }
        folders.read(small[0])
        folders.read(small[1])
        #expect(folders.fetched == Array(small[2...5]))
    }

    @Test("Who reads here and there is not followed")
    func random() {
        var folders = Folders()
        let files = folders.add(files: 1000, to: .root)
        for step in 0..<100 { folders.read(files[step * 379 % 1000], isHere: false) }
        #expect(folders.fetched.isEmpty)
    }

    @Test func twoFilesLongAfterEachOtherAreNoWayThroughAFolder() {
        var folders = Folders()
        let files = folders.add(files: 10, to: .root)
        folders.read(files[0])
        folders.now = folders.now.advanced(byNanoseconds: 60_000_000_000)
        folders.read(files[1])
        #expect(folders.fetched.isEmpty)
    }

    @Test("A program that passes over some files goes on; one that leaps begins anew")
    func leaps() {
        var folders = Folders()
        let files = folders.add(files: 100, to: .root)
        folders.read(files[0])
        folders.read(files[1])
        folders.read(files[6])
        #expect(folders.fetched == Array(files[2...5] + files[7...14]))
        folders.read(files[80])
        #expect(folders.fetched.count == 12)
        folders.read(files[81])
        #expect(Array(folders.fetched[12...]) == Array(files[82...85]))
    }

    @Test("At the end of a folder, the next is begun in the same way")
    func nextFolder() {
        var folders = Folders()
        let directories = (0..<3).map { folders.add("d\($0)", size: nil) }
        let files = directories.map { folders.add(files: 4, to: $0) }
        for file in files[0] { folders.read(file) }
        #expect(folders.fetched == Array(files[0][2...]))
        folders.fetched = []
        folders.read(files[1][0])
        #expect(folders.fetched == Array(files[1][1...]))
        for file in files[1][1...] { folders.read(file) }
        // Later, it is another program that reads.
        folders.now = folders.now.advanced(byNanoseconds: 60_000_000_000)
        folders.fetched = []
        folders.read(files[2][0])
        #expect(folders.fetched.isEmpty)
    }

    @Test("Many programs in many folders are followed at once")
    func manyPrograms() {
        var folders = Folders()
        let directories = (0..<6).map { folders.add("d\($0)", size: nil) }
        let files = directories.map { folders.add(files: 50, to: $0) }
        for step in 0..<50 {
            for directory in directories.indices { folders.read(files[directory][step]) }
        }
        #expect(folders.fetched.count == 6 * 48)
    }
}
