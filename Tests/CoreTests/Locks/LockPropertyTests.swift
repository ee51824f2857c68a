import Foundation
import PlannerProof
import Testing

@testable import Core

/// Random stories of locks, against ``LockModel``.
///
/// `LOCK_CASES` in the environment sets how many, `LOCK_SEED` where to start.
struct LockPropertyTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("every story of locks goes as the model says")
    func stories() {
        let first = Self.number("LOCK_SEED") ?? 1
        for seed in first..<first + (Self.number("LOCK_CASES") ?? 250) {
            guard let found = LockStory.failure(of: Choices(seed: seed)) else { continue }
            let small = Choices.shrunk(found.choices, attempts: 3000) {
                LockStory.failure(of: Choices(replaying: $0)) != nil
            }
            let failure = LockStory.failure(of: Choices(replaying: small)) ?? found
            Issue.record(
                "seed \(seed): \(failure.message)\n\(failure.steps.joined(separator: "\n"))\n\(small)"
            )
            return
        }
    }
}

/// Processes and open files that lock, wait, close and end, at random.
private struct LockStory {
    struct Failure {
        var message: String
        var steps: [String]
        var choices: [Int]
    }

    private static let processes: [LockOwner] = (1...3).map { LockOwner(rawValue: $0) }
    private static let handles: [HandleID] = (0..<4).map { HandleID(rawValue: $0) }

    private var choices: Choices
    private var table = LockTable()
    private var model = LockModel()
    private var now = Timestamp(seconds: 1000)
    private var nextWait: UInt64 = 1
    private var waiting: [WaitID] = []
    private var steps: [String] = []

    static func failure(of choices: Choices) -> Failure? {
        var story = LockStory(choices: choices)
        guard let message = story.run() else { return nil }
        return Failure(message: message, steps: story.steps, choices: story.choices.taken)
    }

    private static func node(of handle: HandleID) -> NodeID {
        NodeID(rawValue: 10 + handle.rawValue % 2)
    }

    /// An open file as an owner: of OFD locks and of `flock(2)`.
    private static func owner(of handle: HandleID) -> LockOwner {
        LockOwner(rawValue: 100 + handle.rawValue)
    }

    private init(choices: Choices) { self.choices = choices }

    private mutating func run() -> String? {
        for _ in 0..<choices.next(below: 40) {
            let epoch = table.epoch
            let before = shape
            step()
            if let failure = check(epoch, before) { return failure }
        }
        for wait in table.waiting.keys.sorted() { _ = table.cancel(wait, at: now) }
        for handle in Self.handles {
            for process in Self.processes { closeDescriptor(handle, process) }
            closeFile(handle)
        }
        return table.isEmpty ? nil : "all files are closed, and something is left"
    }

    private mutating func step() {
        let handle = Self.handles[choices.next(below: Self.handles.count)]
        switch choices.next(below: 12) {
        case 0...6: acquire(handle)
        case 7: release(handle)
        case 8: closeDescriptor(handle, Self.processes[choices.next(below: 3)])
        case 9: closeFile(handle)
        case 10: cancel()
        default:
            now = now.advanced(byNanoseconds: 400_000_000)
            steps.append("0.4 s pass")
            table.timer(at: now)
            model.settleAll(at: now)
        }
    }

    private mutating func chooseOwner(_ handle: HandleID) -> (LockFamily, LockOwner) {
        switch choices.next(below: 6) {
        case 0...2: (.byteRange, Self.processes[choices.next(below: 3)])
        case 3: (.byteRange, Self.owner(of: handle))
        default: (.wholeFile, Self.owner(of: handle))
        }
    }

    private mutating func chooseRange(_ family: LockFamily) -> ClosedRange<Int64> {
        guard family == .byteRange else { return FileLock.everything }
        let lower = choices.next(below: LockModel.byteCount)
        let upper = lower + choices.next(below: LockModel.byteCount - lower)
        return Int64(lower)...(upper == LockModel.byteCount - 1 ? .max : Int64(upper))
    }

    private mutating func acquire(_ handle: HandleID) {
        let (family, owner) = chooseOwner(handle)
        let request = LockRequest(
            node: Self.node(of: handle), family: family, owner: owner, handle: handle,
            lock: FileLock(
                kind: choices.next(below: 2) == 0 ? .exclusive : .shared,
                range: chooseRange(family), process: Int32(owner.rawValue)))
        let patience: LockPatience
        if choices.next(below: 2) == 0 {
            patience = .none
        } else {
            patience = .waits(WaitID(rawValue: nextWait))
            nextWait += 1
        }
        let real = table.acquire(request, patience, isSettled: true, at: now)
        let expected = model.acquire(request, patience, at: now)
        if case .waits(let id) = patience, real == .waits { waiting.append(id) }
        steps.append(
            "\(owner.rawValue) \(family) \(request.lock.kind) \(request.lock.range) on "
                + "\(request.node.rawValue) through \(handle.rawValue), \(patience): \(real)")
        if real != expected { steps.append("expected \(expected)") }
    }

    private mutating func release(_ handle: HandleID) {
        let (family, owner) = chooseOwner(handle)
        let range = chooseRange(family)
        let node = Self.node(of: handle)
        steps.append("\(owner.rawValue) releases \(family) \(range) on \(node.rawValue)")
        _ = table.release(range, on: node, family, of: owner, at: now)
        model.release(node, family, owner, range, at: now)
    }

    private mutating func closeDescriptor(_ handle: HandleID, _ process: LockOwner) {
        steps.append("\(process.rawValue) closes a descriptor of \(handle.rawValue)")
        let node = Self.node(of: handle)
        table.closedDescriptor(of: handle, on: node, owner: process, at: now)
        model.closeDescriptor(
            handle, node, process,
            handles: Self.handles.filter {
                Self.node(of: $0) == node
            }, at: now)
    }

    private mutating func closeFile(_ handle: HandleID) {
        steps.append("file \(handle.rawValue) is closed")
        table.closedFile(handle, on: Self.node(of: handle), at: now)
        model.closeFile(handle, Self.node(of: handle), at: now)
    }

    private mutating func cancel() {
        guard let wait = choices.element(of: waiting) else { return }
        steps.append("wait \(wait.rawValue) is given up")
        let real = table.cancel(wait, at: now) != nil
        if real != model.cancel(wait, at: now) { steps.append("expected \(!real)") }
    }

    // MARK: Checking

    /// All that is held or waited for.
    private var shape: [String] {
        table.nodes.keys.sorted().flatMap { node in
            LockFamily.allCases.flatMap { family -> [String] in
                let space = table.nodes[node]?[family] ?? LockSpace()
                return space.all.all.map { "\(node) \($0)" }
                    + space.waiters.map { "\(node) \($0)" }
            }
        }
    }

    private mutating func check(_ epoch: UInt64, _ before: [String]) -> String? {
        if let last = steps.last, last.hasPrefix("expected") { return last }
        let wakes = table.takeWakes()
        if Set(wakes) != Set(model.wakes) || wakes.count != model.wakes.count {
            return "wakes \(wakes), expected \(model.wakes)"
        }
        model.wakes = []
        waiting.removeAll { wait in wakes.contains { $0.wait == wait } }
        if shape != before, table.epoch <= epoch { return "the epoch stands still" }
        if shape == before, wakes.isEmpty, table.epoch != epoch, !steps.isEmpty,
            steps.last?.contains("wholeFile") == false
        {
            return "the epoch moves without a change"
        }
        return checkBytes()
    }

    private func checkBytes() -> String? {
        for node in [NodeID(rawValue: 10), NodeID(rawValue: 11)] {
            var isLocked = false
            for family in LockFamily.allCases {
                let space = model.spaces[.init(node: node, family: family)] ?? .init()
                let real = table.nodes[node]?[family] ?? LockSpace()
                if real.waiters.map(\.wait) != space.queue.map(\.wait) { return "other queues" }
                for owner in Set(space.bytes.keys).union(real.owners.keys) {
                    let expected =
                        space.bytes[owner] ?? Array(repeating: nil, count: LockModel.byteCount)
                    let held = (0..<LockModel.byteCount).map { index in
                        real.owners[owner]?.overlapping(Int64(index)...Int64(index)).first?.lock
                            .kind
                    }
                    if held != expected { return "\(owner): \(held), expected \(expected)" }
                    isLocked = isLocked || held.contains { $0 != nil }
                }
                if let failure = checkExclusion(real) { return failure }
            }
            if table.isLocked(node) != isLocked { return "isLocked is wrong" }
        }
        return nil
    }

    /// No two owners hold what excludes each other.
    private func checkExclusion(_ space: LockSpace) -> String? {
        for held in space.all.all
        where space.blocker(of: held.lock, for: held.owner) != nil {
            return "\(held) is held beside what excludes it"
        }
        return nil
    }
}
