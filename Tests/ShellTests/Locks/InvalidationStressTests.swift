import GraphSimulator
import Core
import Foundation
import Glibc
import Shell
import Testing

/// The kernel is told of changes to the nodes that programs are using: whatever meets, everybody gets
/// on.
///
/// `STRESS_ROUNDS` in the environment sets how long it goes on.
@Suite(
    "Invalidation never deadlocks",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(60)))
struct InvalidationStressTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["STRESS_ROUNDS"].flatMap(Int.init) ?? 30
    private static let names = ["a", "b", "c", "d"]

    @Test("notifications meet lookups, reads, maps, writes and renames of the same nodes")
    func notifications() async throws {
        let fileSystem = MemoryFileSystem()
        let size = 20_000
        let inodes = try Self.names.map { name in
            fileSystem.add(
                try #require(Name(name)), bytes: [UInt8](repeating: 1, count: size))
        }
        try await TestMount.with(fileSystem) { mount throws in
            let crew = Crew()
            defer { crew.stop { mount.session.unmount() } }
            let some: @Sendable (Int) -> String = { "\(mount.path)/\(Self.names[$0 % 4])" }
            try crew.add("stat") { _ = try Calls.stat(some($0)) }
            try crew.add("miss", expecting: [.noEntry]) { _ in
                _ = try Calls.stat("\(mount.path)/nothing")
            }
            try crew.add("list") { _ in _ = try SystemCalls.names(at: AT_FDCWD, mount.path) }
            for reader in 0..<2 {
                try crew.add("read-\(reader)") { turn in
                    let count = try Calls.read(some(turn + reader)).count
                    if count != size { crew.complain("\(count) bytes") }
                }
            }
            try crew.add("map") { turn in
                let descriptor = try Calls.open(some(turn), O_RDONLY)
                defer { close(descriptor) }
                let map = try MappedFile(descriptor, count: size)
                for _ in 0..<5 where try map.bytes().count != size { crew.complain("a short map") }
            }
            try crew.add("write") { turn in
                let descriptor = try Calls.open(some(turn), O_WRONLY)
                defer { close(descriptor) }
                _ = try Calls.check(pwrite(descriptor, "22", 2, turn * 97 % (size - 2)))
            }
            try crew.add("rename") { turn in
                try LinuxCalls.rename(some(turn), some(turn / 4 + turn + 1), flags: 2)
            }
            var random = SplitMix64(seed: 1)
            for _ in 0..<Self.rounds where !crew.isOver {
                for _ in 0..<100 {
                    let index = Int.random(in: 0..<4, using: &random)
                    let name = try #require(Name(Self.names[index]))
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: mount.notifier.post(.inode(inodes[index], data: true))
                    case 1: mount.notifier.post(.inode(inodes[index], data: false))
                    case 2: mount.notifier.post(.entry(parent: .root, name: name))
                    default:
                        mount.notifier.post(
                            .deletion(parent: .root, child: inodes[index], name: name))
                    }
                }
                let delivered = Semaphore()
                _ = try JoinableThread(name: "drained") {
                    mount.notifier.drained()
                    delivered.raise()
                }
                if !delivered.wait(seconds: Crew.patience) { crew.complain("the notifier hangs") }
            }
            crew.stop { mount.session.unmount() }
            #expect(crew.problems == [])
            #expect(crew.turns.count == 8, "\(crew.turns)")
        }
    }
}
