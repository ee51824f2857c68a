import GraphSimulator
import Core
import Foundation
import Shell
import Testing

@Suite("The state in the database")
struct StateStoreTests {
    @Test("an empty state is empty")
    func empty() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        #expect(ExpectedState().difference(from: try store.load()) == nil)
        try store.close()
    }

    @Test("every record is read as it was written, also after reopening", arguments: 1...20)
    func roundTrip(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: seed)
        var expected = ExpectedState()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        for _ in 0..<40 {
            let changes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                random.change(idsUpTo: 40)
            }
            changes.forEach { expected.apply($0) }
            try store.commit(changes)
        }
        #expect(expected.difference(from: try store.load()) == nil)
        try store.close()
        let again = try StateStore(directory: directory.system(), mode: .readWrite)
        #expect(expected.difference(from: try again.load()) == nil)
        try again.close()
    }

    @Test("a node whose sides agree takes no blob")
    func settledRowsAreCompact() throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: 7)
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        var facts = random.facts()
        var settled = random.node(NodeID(rawValue: 2))
        settled.local = facts
        settled.remote = .present(facts)
        settled.synced = facts
        settled.sent = nil
        facts.modified = Timestamp(nanoseconds: facts.modified.nanoseconds ^ 1)
        let apart = Node(
            id: NodeID(rawValue: 3), kind: settled.kind, local: settled.local,
            remote: .present(facts), overlay: settled.overlay)
        try store.commit([.node(settled), .node(apart)])
        try store.close()
        let path = try directory.system().path(of: .database)
        #expect(
            try sqlite(path, "SELECT id, apart IS NULL FROM node ORDER BY id") == "2|1\n3|0\n")
    }

    @Test("what was not changed stays, whatever the size of a batch")
    func largeBatch() throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: 3)
        var expected = ExpectedState()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        let first = (1...5000).map { RecordChange.node(random.node(NodeID(rawValue: $0))) }
        let second = (2000...2100).map { RecordChange.node(random.node(NodeID(rawValue: $0))) }
        for changes in [first, second] {
            changes.forEach { expected.apply($0) }
            try store.commit(changes)
        }
        #expect(expected.difference(from: try store.load()) == nil)
        try store.close()
    }

    @Test("after closing, reading and writing say so")
    func closed() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.close()
        let closed = StoreError.closed(path: store.path)
        #expect(throws: closed) { try store.load() }
        #expect(throws: closed) { try store.commit([.setting(.cursor, "x")]) }
    }

    @Test("closing writes what nobody waited for")
    func closeFlushes() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        _ = store.enqueue([.setting(.cursor, "kept")])
        #expect(store.pendingCount == 1)
        try store.close()
        let again = try StateStore(directory: directory.system(), mode: .readOnly)
        #expect(try again.load().settings == [.cursor: "kept"])
    }

    @Test("synchronising writes what is pending")
    func synchronizing() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        _ = store.enqueue([.setting(.cursor, "kept")])
        try store.sync()
        #expect(store.pendingCount == 0)
        let other = try StateStore(directory: directory.system(), mode: .readOnly)
        #expect(try other.load().settings == [.cursor: "kept"])
        try store.close()
    }

    @Test("the files are for the user alone")
    func permissions() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit([.setting(.cursor, "x")])
        for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
            #expect(try directory.permissions(of: name) == 0o600, "\(name)")
        }
        try store.close()
    }
}

/// What the `sqlite3` shell prints.
func sqlite(_ path: String, _ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", path, sql]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}
