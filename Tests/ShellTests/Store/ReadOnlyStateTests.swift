import GraphSimulator
import Core
import Foundation
import Shell
import Testing

@Suite("Reading the state without changing anything")
struct ReadOnlyStateTests {
    /// What the directory holds: names, bytes and times of everything in it.
    ///
    /// The index of the log is memory shared by all who have the database open, so only its name
    /// counts.
    private func contents(_ directory: TemporaryDirectory) throws -> [String: [String]] {
        var result: [String: [String]] = [:]
        for name in try directory.names() {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: "\(directory.path)/\(name)")
            let bytes = name.hasSuffix("-shm") ? [] : try directory.bytes(of: name)
            result[name] = [
                name.hasSuffix("-shm")
                    ? "" : "\(String(describing: attributes[.modificationDate]))",
                "\(String(describing: attributes[.posixPermissions]))",
                QuickXorHash.hash(of: bytes).base64,
            ]
        }
        return result
    }

    private func someChanges() -> (changes: [RecordChange], expected: ExpectedState) {
        var random = SplitMix64(seed: 11)
        var expected = ExpectedState()
        let changes = (0..<200).map { _ in random.change(idsUpTo: 50) }
        changes.forEach { expected.apply($0) }
        return (changes, expected)
    }

    @Test("nobody else has it open")
    func closed() throws {
        let directory = try TemporaryDirectory()
        let (changes, expected) = someChanges()
        let writer = try StateStore(directory: directory.system(), mode: .readWrite)
        try writer.commit(changes)
        try writer.close()
        let before = try contents(directory)
        #expect(before.keys.sorted() == ["state.sqlite"])
        let reader = try StateStore(
            directory: SystemDirectory(existing: directory.path), mode: .readOnly)
        #expect(expected.difference(from: try reader.load()) == nil)
        #expect(try contents(directory) == before)
    }

    @Test("a writer has it open and goes on")
    func besideWriter() throws {
        let directory = try TemporaryDirectory()
        var (changes, expected) = someChanges()
        let writer = try StateStore(directory: directory.system(), mode: .readWrite)
        let reader = try StateStore(
            directory: SystemDirectory(existing: directory.path), mode: .readOnly)
        // Before the first commit as well: the log is empty then.
        #expect(ExpectedState().difference(from: try reader.load()) == nil)
        try writer.commit(changes)
        let before = try contents(directory)
        #expect(expected.difference(from: try reader.load()) == nil)
        #expect(try contents(directory) == before)
        var random = SplitMix64(seed: 12)
        changes = (0..<50).map { _ in random.change(idsUpTo: 50) }
        changes.forEach { expected.apply($0) }
        try writer.commit(changes)
        #expect(expected.difference(from: try reader.load()) == nil)
        try writer.close()
        #expect(expected.difference(from: try reader.load()) == nil)
    }

    @Test("while commits go on, what is read is of one moment")
    func consistent() throws {
        let directory = try TemporaryDirectory()
        let writer = try StateStore(directory: directory.system(), mode: .readWrite)
        try writer.commit([.setting(.cursor, "0"), .setting(.drive, "0")])
        let reader = try StateStore(
            directory: SystemDirectory(existing: directory.path), mode: .readOnly)
        DispatchQueue.concurrentPerform(iterations: 2) { part in
            for number in 1...200 {
                do {
                    if part == 0 {
                        try writer.commit([
                            .setting(.cursor, "\(number)"),
                            .linkTarget(NodeID(rawValue: 1), Array(repeating: 1, count: 9000)),
                            .setting(.drive, "\(number)"),
                        ])
                    } else {
                        let settings = try reader.load().settings
                        #expect(settings[.cursor] == settings[.drive])
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        try writer.close()
    }

    @Test("writing is refused")
    func writing() throws {
        let directory = try TemporaryDirectory()
        let reader = try StateStore(
            directory: SystemDirectory(existing: directory.path), mode: .readOnly)
        #expect(throws: StoreError.readOnly(path: reader.path)) {
            try reader.commit([.setting(.cursor, "x")])
        }
        #expect(throws: StoreError.readOnly(path: reader.path)) { try reader.sync() }
    }

    @Test("a state that was never made is missing, and is not made")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let reader = try StateStore(
            directory: SystemDirectory(existing: directory.path), mode: .readOnly)
        #expect(throws: StoreError.missing(path: reader.path)) { try reader.load() }
        #expect(try directory.names() == [])
    }

    @Test("a damaged state is reported and left where it is")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(repeating: 0x41, count: 10_000), to: "state.sqlite")
        let reader = try StateStore(
            directory: SystemDirectory(existing: directory.path), mode: .readOnly)
        let error = #expect(throws: StoreError.self) { try reader.load() }
        guard case .damaged(_, _, nil)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try directory.names() == ["state.sqlite"])
    }

    @Test(
        "a path with signs that mean something in a URI",
        arguments: ["a?b", "a#b", "a%41b", "a&b=c", "ä ü"])
    func oddPath(name: String) throws {
        let directory = try TemporaryDirectory()
        let system = try SystemDirectory(preparing: "\(directory.path)/\(name)/deep")
        let writer = try StateStore(directory: system, mode: .readWrite)
        try writer.commit([.setting(.cursor, name)])
        try writer.close()
        let reader = try StateStore(directory: system, mode: .readOnly)
        #expect(try reader.load().settings == [.cursor: name])
    }
}
