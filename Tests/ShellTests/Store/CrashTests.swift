import GraphSimulator
import Core
import Foundation
import Shell
import Synchronization
import Testing

@Suite("A process that is killed")
struct CrashTests {
    @Test("what was acknowledged is there afterwards, whole", arguments: [1, 2, 7, 40, 150, 399])
    func killed(commits: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, commits = commits as Int] in
            let store = try StateStore(
                directory: SystemDirectory(preparing: path), mode: .readWrite)
            let done = Atomic<Int>(0)
            // Kills from another thread, so that the process dies wherever the commits are.
            let killer = Thread {
                while done.load(ordering: .relaxed) < commits { sched_yield() }
                kill(getpid(), SIGKILL)
            }
            killer.start()
            let log = open("\(path)/acknowledged", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            var number = 0
            while true {
                number += 1
                let node = NodeID(rawValue: UInt64(number))
                try store.commit([
                    .linkTarget(node, [1]), .session(node, SavedSession(url: "s", upload: "u")),
                    .setting(.cursor, "\(number)"),
                ])
                var text = Array("\(number)".utf8)
                pwrite(log, &text, text.count, 0)
                done.store(number, ordering: .relaxed)
            }
        }
        let text = String(decoding: try directory.bytes(of: "acknowledged"), as: UTF8.self)
        let acknowledged = try #require(Int(text))
        #expect(acknowledged >= commits)
        // Reading only, beside the index that the dead process left.
        let readOnly = try StateStore(
            directory: SystemDirectory(existing: path), mode: .readOnly
        ).load()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        let state = try store.load()
        let cursor = try #require(state.settings[.cursor].flatMap(Int.init))
        #expect(cursor >= acknowledged)
        #expect(state.linkTargets.count == cursor)
        #expect(state.sessions.count == cursor)
        #expect(readOnly.settings == state.settings)
        #expect(readOnly.linkTargets == state.linkTargets)
        // The lock of the dead process is free.
        let lock = try InstanceLock(in: directory.system())
        lock.release()
        try store.close()
    }

    @Test("a log that grew beyond every limit is moved and read as well")
    func longLog() throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: 5)
        let reports = Mutex<[StoreError]>([])
        let store = try StateStore(directory: directory.system(), mode: .readWrite) { error in
            reports.withLock { $0.append(error) }
        }
        var expected = ExpectedState()
        // About 120 MiB of log in all.
        let value = String(repeating: "v", count: 1 << 20)
        for number in 0..<120 {
            let changes: [RecordChange] = [
                .setting(.quota, "\(number) \(value)"),
                .node(random.node(NodeID(rawValue: UInt64(number % 10 + 1)))),
            ]
            changes.forEach { expected.apply($0) }
            try store.commit(changes)
        }
        #expect(reports.withLock { $0 } == [])
        #expect(expected.difference(from: try store.load()) == nil)
        try store.close()
        let names = try directory.names()
        #expect(names == ["state.sqlite"])
        let again = try StateStore(directory: directory.system(), mode: .readOnly)
        #expect(expected.difference(from: try again.load()) == nil)
    }
}
