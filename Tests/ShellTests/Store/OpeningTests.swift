import GraphSimulator
import Core
import Foundation
import Shell
import Testing

@Suite("Opening what is not as it should be")
struct OpeningTests {
    private func damage(_ error: StoreError?) -> (detail: String, setAside: String?)? {
        guard case .damaged(_, let detail, let setAside)? = error else { return nil }
        return (detail, setAside)
    }

    private func filled(_ directory: TemporaryDirectory) throws {
        var random = SplitMix64(seed: 21)
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit((1...2000).map { .node(random.node(NodeID(rawValue: $0))) })
        try store.close()
    }

    @Test("a file that is no database is set aside, and the next start begins anew")
    func notADatabase() throws {
        let directory = try TemporaryDirectory()
        let garbage = [UInt8]("no database at all ".utf8) + Array(repeating: 7, count: 5000)
        for number in 1...3 {
            try directory.write(garbage, to: "state.sqlite")
            let error = #expect(throws: StoreError.self) {
                _ = try StateStore(directory: directory.system(), mode: .readWrite)
            }
            let kept = "state.sqlite.damaged-\(number)"
            #expect(damage(error)?.setAside == "\(directory.path)/\(kept)")
            #expect(try directory.bytes(of: kept) == garbage)
            #expect(try !directory.names().contains("state.sqlite"))
        }
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        #expect(try store.load().nodes.all.isEmpty)
        try store.close()
    }

    @Test("a database with a broken page is set aside when it is read")
    func brokenPage() throws {
        let directory = try TemporaryDirectory()
        try filled(directory)
        var bytes = try directory.bytes(of: "state.sqlite")
        // Pages of the table in the middle of the file.
        for index in bytes.count / 2..<bytes.count / 2 + 8192 { bytes[index] = 0xA5 }
        try directory.write(bytes, to: "state.sqlite")
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        let error = #expect(throws: StoreError.self) { try store.load() }
        let setAside = try #require(damage(error)?.setAside)
        #expect(FileManager.default.fileExists(atPath: setAside))
        #expect(try !directory.names().contains("state.sqlite"))
        #expect(throws: StoreError.closed(path: store.path)) {
            try store.commit([.setting(.cursor, "x")])
        }
        let again = try StateStore(directory: directory.system(), mode: .readWrite)
        #expect(try again.load().nodes.all.isEmpty)
        try again.close()
    }

    @Test(
        "a row that makes no sense is damage: it never becomes a node",
        arguments: [
            "UPDATE node SET kind = 9 WHERE id = 5",
            "UPDATE node SET kind = 257 WHERE id = 5",
            "UPDATE node SET scope = 77 WHERE id = 5",
            "UPDATE node SET permissions = -1 WHERE id = 5",
            "UPDATE node SET sides = 256 WHERE id = 5",
            "UPDATE node SET sides = 3 WHERE id = 5",
            "UPDATE node SET name = x'2E2E' WHERE id = 5",
            "UPDATE node SET name = x'612F62' WHERE id = 5",
            "UPDATE node SET name = x'' WHERE id = 5",
            "UPDATE node SET name = NULL WHERE id = 5",
            "UPDATE node SET parent = NULL WHERE id = 5",
            "UPDATE node SET content = 5 WHERE id = 5",
            "UPDATE node SET version = x'00' WHERE id = 5",
            "UPDATE node SET apart = x'00' WHERE id = 5",
            "UPDATE node SET sides = 0x29, apart = x'FF' WHERE id = 5",
            "UPDATE node SET sides = 0x29, apart = NULL WHERE id = 5",
            "UPDATE node SET size = -1 WHERE id = 5",
            "UPDATE node SET parent = 0 WHERE id = 5",
            "UPDATE node SET parent = 0x100000001 WHERE id = 5",
            "UPDATE node SET sides = 0x19, apart = x'018180808010' WHERE id = 5",
            "INSERT INTO generation VALUES (5, 0, 0, x'', 0, NULL, NULL, NULL, NULL, NULL)",
            "INSERT INTO generation VALUES (5, 5, -1, x'', 0, NULL, NULL, NULL, NULL, NULL)",
            "INSERT INTO generation VALUES (5, 5, 0, x'0080', 0, NULL, NULL, NULL, NULL, NULL)",
            "INSERT INTO generation VALUES (5, 5, 0, x'0000', 0, NULL, NULL, NULL, NULL, NULL)",
            "INSERT INTO generation VALUES (5, 5, 0, x'', 0, 'i', NULL, NULL, NULL, NULL)",
            "INSERT INTO generation VALUES (5, 5, 0, x'', 0, 'i', 1, 0, x'00', NULL)",
        ])
    func nonsense(sql: String) throws {
        let directory = try TemporaryDirectory()
        let facts = Facts(
            place: Place(parent: .root, name: "a"), content: .empty, modified: .epoch)
        let node = Node(
            id: NodeID(rawValue: 5), kind: .file, local: facts, remote: .present(facts),
            synced: facts,
            overlay: Overlay(permissions: 0o644, changed: .epoch, created: .epoch))
        var store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit([.node(node)])
        #expect(try store.load().nodes.all == [node])
        try store.close()
        _ = try sqlite("\(directory.path)/state.sqlite", sql)
        store = try StateStore(directory: directory.system(), mode: .readWrite)
        let error = #expect(throws: StoreError.self) { try store.load() }
        let found = try #require(damage(error))
        #expect(found.detail.hasPrefix("row 5 of table "))
        #expect(found.setAside != nil)
    }

    @Test("a log whose database is gone is kept, and is not taken for the log of a new one")
    func orphanedLog() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1, 2, 3], to: "state.sqlite-wal")
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit([.setting(.cursor, "x")])
        try store.close()
        #expect(try directory.bytes(of: "state.sqlite.damaged-1-wal") == [1, 2, 3])
        #expect(try directory.names() == ["state.sqlite", "state.sqlite.damaged-1-wal"])
    }

    @Test("the state of a later version is left as it is")
    func newerSchema() throws {
        let directory = try TemporaryDirectory()
        try filled(directory)
        let path = "\(directory.path)/state.sqlite"
        _ = try sqlite(path, "INSERT INTO grdb_migrations VALUES ('from the future')")
        let before = try directory.bytes(of: "state.sqlite")
        #expect(throws: StoreError.newerSchema(path: path)) {
            _ = try StateStore(directory: directory.system(), mode: .readWrite)
        }
        let reader = try StateStore(directory: directory.system(), mode: .readOnly)
        #expect(throws: StoreError.newerSchema(path: path)) { try reader.load() }
        #expect(try directory.bytes(of: "state.sqlite") == before)
    }

    @Test("an earlier schema is brought up to date, and only then can be read")
    func olderSchema() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/state.sqlite"
        _ = try sqlite(path, "PRAGMA journal_mode = WAL; CREATE TABLE other (x)")
        let reader = try StateStore(directory: directory.system(), mode: .readOnly)
        #expect(throws: StoreError.olderSchema(path: path)) { try reader.load() }
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit([.setting(.cursor, "x")])
        #expect(try reader.load().settings == [.cursor: "x"])
        try store.close()
    }

    @Test("settings of names that this version does not know are left alone")
    func unknownSetting() throws {
        let directory = try TemporaryDirectory()
        var store = try StateStore(directory: directory.system(), mode: .readWrite)
        try store.commit([.setting(.cursor, "x")])
        try store.close()
        let path = "\(directory.path)/state.sqlite"
        _ = try sqlite(path, "INSERT INTO setting VALUES ('later', 'y')")
        store = try StateStore(directory: directory.system(), mode: .readWrite)
        #expect(try store.load().settings == [.cursor: "x"])
        try store.close()
        #expect(try sqlite(path, "SELECT value FROM setting WHERE name = 'later'") == "y\n")
    }

    @Test("every error begins with the path that it is about")
    func errorsSayWhatToDo() {
        let errors: [StoreError] = [
            .missing(path: "/p"), .newerSchema(path: "/p"), .olderSchema(path: "/p"),
            .damaged(path: "/p", detail: "d", setAside: "/q"), .noSpace(path: "/p", detail: "d"),
            .inputOutput(path: "/p", detail: "d"), .notPermitted(path: "/p", detail: "d"),
            .busy(path: "/p"), .readOnly(path: "/p"), .closed(path: "/p"),
            .database(path: "/p", code: 1, detail: "d"),
        ]
        for error in errors { #expect("\(error)".hasPrefix("/p: ")) }
        #expect("\(errors[3])".hasSuffix("it was kept as /q"))
    }
}
