import GraphSimulator
import Core
import Foundation
import Shell
import Synchronization
import Testing

@Suite("Commits of several threads")
struct GroupCommitTests {
    @Test("what eight threads hand in is written in that order")
    func order() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        let threadCount = 8
        let rounds = 100
        // The engine hands in changes under its lock: this counter is the lock.
        let counter = Mutex<Int>(0)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
            for _ in 0..<rounds {
                let ticket = counter.withLock { counter in
                    counter += 1
                    // All write the same row, so the last one in order must win, and one of their
                    // own.
                    return store.enqueue([
                        .setting(.cursor, "\(counter)"),
                        .linkTarget(NodeID(rawValue: UInt64(counter)), [UInt8(thread)]),
                    ])
                }
                do { try store.wait(for: ticket) } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(store.pendingCount == 0)
        let state = try store.load()
        #expect(state.settings == [.cursor: "\(threadCount * rounds)"])
        #expect(state.linkTargets.count == threadCount * rounds)
        try store.close()
    }

    @Test("waiting for an earlier ticket writes what was handed in later as well")
    func sharedTransaction() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        let first = store.enqueue([.setting(.cursor, "1")])
        let second = store.enqueue([.setting(.cursor, "2")])
        #expect(first < second)
        try store.wait(for: first)
        #expect(store.pendingCount == 0)
        #expect(try store.load().settings == [.cursor: "2"])
        try store.wait(for: second)
        try store.close()
    }

    @Test("no changes give the ticket of what was handed in before")
    func nothing() throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.system(), mode: .readWrite)
        let first = store.enqueue([.setting(.cursor, "1")])
        #expect(store.enqueue([]) == first)
        try store.wait(for: store.enqueue([]))
        #expect(store.pendingCount == 0)
        try store.close()
    }
}

@Suite("A disk that refuses")
struct RefusingDiskTests {
    @Test(
        "a full disk fails the commit, keeps the changes, and writes them when there is room",
        .enabled(if: SmallDisk.isAvailable, "only the superuser can mount a small disk"))
    func fullDisk() throws {
        let disk = try SmallDisk(kibibytes: 1024)
        let store = try StateStore(
            directory: SystemDirectory(preparing: disk.path), mode: .readWrite)
        try store.commit([.setting(.cursor, "before")])
        try disk.fill()
        var random = SplitMix64(seed: 1)
        var expected = ExpectedState()
        expected.apply(.setting(.cursor, "before"))
        // More than the log can take without growing.
        for round in 0..<3 {
            let changes = (1...200).map {
                RecordChange.node(random.node(NodeID(rawValue: UInt64(round * 100 + $0))))
            }
            changes.forEach { expected.apply($0) }
            let error = #expect(throws: StoreError.self) { try store.commit(changes) }
            guard case .noSpace? = error else {
                Issue.record("not about room: \(String(describing: error))")
                return
            }
        }
        #expect(store.pendingCount == 600)
        #expect(try store.load().settings == [.cursor: "before"])
        #expect(try store.load().nodes.all.isEmpty)
        try disk.empty()
        let last = RecordChange.setting(.cursor, "after")
        expected.apply(last)
        try store.commit([last])
        #expect(store.pendingCount == 0)
        #expect(expected.difference(from: try store.load()) == nil)
        try store.close()
    }

    @Test("a file that may not grow fails the commit, and nothing of it is there afterwards")
    func sizeLimit() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        // The limit holds for a whole process.
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let store = try StateStore(
                directory: SystemDirectory(preparing: path), mode: .readWrite)
            try store.commit([.setting(.cursor, "before")])
            var limit = rlimit(rlim_cur: 100_000, rlim_max: rlim_t.max)
            setrlimit(Int32(RLIMIT_FSIZE.rawValue), &limit)
            let value = String(repeating: "x", count: 200_000)
            let error = #expect(throws: StoreError.self) {
                try store.commit([.setting(.quota, value), .setting(.drive, "d")])
            }
            #expect(error?.isTransient == true, "\(String(describing: error))")
            #expect(store.pendingCount == 2)
            limit.rlim_cur = rlim_t.max
            setrlimit(Int32(RLIMIT_FSIZE.rawValue), &limit)
            #expect(try store.load().settings == [.cursor: "before"])
            try store.commit([.setting(.cursor, "after")])
            #expect(
                try store.load().settings == [.cursor: "after", .drive: "d", .quota: value])
            try store.close()
        }
    }
}
