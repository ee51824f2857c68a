import Core
import Foundation
import Glibc
import GraphSimulator
import Shell
import Testing

/// The same random operations on a mount and in a plain directory: everything that can be seen must
/// be the same after each of them, and in the cloud at the end.
@Suite(
    "A mount beside a plain directory",
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(30)))
struct DifferentialTests {
    private static func number(_ name: String, otherwise value: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? value
    }

    static let seeds: [UInt64] = {
        let first = number("MOUNT_SEED", otherwise: 1)
        return Array(first..<first + number("MOUNT_SEEDS", otherwise: 2))
    }()

    /// How many operations for each seed.
    static let length = Int(number("MOUNT_LENGTH", otherwise: 250))

    @Test("every call has the same outcome, and every file the same bytes", arguments: seeds)
    func differential(seed: UInt64) async throws {
        let settings = ["upload_delay": "0s"]
        try await ClientWorld.with(settings: settings) { world throws in
            try Calls.make(world.path + "/plain")
            let plain = OperationTarget(world.path + "/plain")
            var mounted = OperationTarget(world.mount)
            var random = SplitMix64(seed: seed)
            var history: [String] = []
            for _ in 0..<Self.length {
                if random.chance(25) {
                    history.append("sync")
                    _ = try world.onedrive("sync")
                }
                let operation = random.operation()
                history.append("\(operation)")
                let expected = plain.perform(operation)
                let outcome = mounted.perform(operation)
                guard outcome == expected else {
                    Issue.record("\(outcome) instead of \(expected): \(Self.text(history))")
                    return
                }
                let (here, there) = (try mounted.state(), try plain.state())
                guard here == there else {
                    Issue.record("\(here) instead of \(there): \(Self.text(history))")
                    return
                }
            }
            // Nothing is open any more, and what is on the disk is all there is.
            mounted = OperationTarget(world.mount)
            let links = try plain.state().filter { $0.contains(" -> ") }
                .compactMap { $0.split(separator: " ").first.map(String.init) }
            try world.expectAgreement { links.contains($0) }
            world.kill()
            try world.start()
            #expect(try mounted.state() == plain.state(), "\(Self.text(history))")
        }
    }

    /// The last operations, which are what matters most often, with few bytes of each.
    private static func text(_ history: [String]) -> String {
        history.suffix(60).map { "\n  " + $0.prefix(160) }.joined()
    }
}

extension SplitMix64 {
    fileprivate mutating func file() -> String {
        let directory = chance(3) ? ["", "d/", "e/", "d/f/"].randomElement(using: &self) ?? "" : ""
        return directory + (["a", "b", "c", "x"].randomElement(using: &self) ?? "a")
    }

    fileprivate mutating func directory() -> String {
        ["d", "e", "d/f", "e/g", "x"].randomElement(using: &self) ?? "d"
    }

    fileprivate mutating func offset() -> Int {
        chance(3)
            ? Int.random(in: 0...3, using: &self) * 4096 : Int.random(in: 0...20_000, using: &self)
    }

    private mutating func handle() -> Int { Int.random(in: 0..<4, using: &self) }

    fileprivate mutating func operation() -> FileOperation {
        switch Int.random(in: 0..<24, using: &self) {
        case 0, 1: .write(file: file(), at: offset(), bytes: bytes(0...9000))
        case 2: .append(file: file(), bytes: bytes(1...500))
        case 3: .truncate(file: file(), to: offset())
        case 4:
            // Reserve, keeping the size, or a hole.
            .allocate(
                file: file(), mode: [0, 1, 3].randomElement(using: &self) ?? 0, at: offset(),
                count: 1 + offset())
        case 5, 6: .writeMap(file: file(), at: offset(), bytes: bytes(1...6000))
        case 7: .copyRange(from: file(), to: file(), at: offset(), into: offset(), count: offset())
        case 8, 9:
            .open(
                handle: handle(), file: file(),
                flags: [
                    O_RDONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_TRUNC, O_RDWR | O_CREAT | O_EXCL,
                ]
                .randomElement(using: &self) ?? O_RDWR)
        case 10, 11: .writeHandle(handle: handle(), at: offset(), bytes: bytes(1...9000))
        case 12, 13: .readHandle(handle: handle(), at: offset(), count: offset())
        case 14: .truncateHandle(handle: handle(), to: offset())
        case 15: .synchronize(handle: handle())
        case 16: .close(handle: handle())
        case 17, 18:
            .rename(
                from: chance(3) ? directory() : file(), to: chance(3) ? directory() : file(),
                flags: [0, 0, 0, 1, 2].randomElement(using: &self) ?? 0)
        case 19: .remove(chance(4) ? directory() : file())
        case 20: .makeDirectory(directory())
        case 21: .removeDirectory(chance(4) ? file() : directory())
        case 22: chance(2) ? .link(target: file(), at: file()) : .setTime(file(), offset())
        default: .setMode(file(), [0o700, 0o750, 0o755].randomElement(using: &self) ?? 0o700)
        }
    }
}
