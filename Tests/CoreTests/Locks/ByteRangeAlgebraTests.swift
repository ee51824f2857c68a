import GraphSimulator
import Foundation
import Testing

@testable import Core

/// Locks of one owner against an array with a place for every byte.
struct ByteRangeAlgebraTests {
    /// Sets or clears a range of bytes.
    struct Operation: CustomStringConvertible {
        var kind: LockKind?
        var range: ClosedRange<Int64>

        var description: String {
            "\(kind.map { "\($0)" } ?? "release") \(range.lowerBound)...\(range.upperBound)"
        }
    }

    /// What an owner holds, byte by byte.
    ///
    /// The last place stands for all bytes from there on.
    struct Oracle: Hashable {
        var bytes: [LockKind?]

        init(count: Int) { bytes = Array(repeating: nil, count: count) }

        mutating func apply(_ operation: Operation) {
            for index in bytes.indices where operation.range.contains(Int64(index)) {
                bytes[index] = operation.kind
            }
        }

        /// The longest ranges of one kind, in order.
        var ranges: [Operation] {
            var result: [Operation] = []
            for index in bytes.indices {
                guard let kind = bytes[index] else { continue }
                let first = Int64(index)
                let last = index == bytes.count - 1 ? Int64.max : first
                if let before = result.last, before.kind == kind,
                    before.range.upperBound == first - 1
                {
                    result[result.count - 1].range = before.range.lowerBound...last
                } else {
                    result.append(Operation(kind: kind, range: first...last))
                }
            }
            return result
        }
    }

    private static let owner = LockOwner(rawValue: 1)

    private static func apply(_ operation: Operation, to space: inout LockSpace) -> Bool {
        if let kind = operation.kind {
            return space.acquire(
                FileLock(kind: kind, range: operation.range, process: 1), for: owner, at: .epoch)
        }
        return space.release(operation.range, of: owner)
    }

    private static func check(
        _ space: LockSpace, _ before: Oracle, _ after: Oracle, changed: Bool,
        _ operations: [Operation]
    ) -> Bool {
        let held = space.all.all
        let expected = after.ranges
        let isRight =
            held.count == expected.count && changed == (before != after)
            && space.all.count == held.count
            && (space.owners[owner]?.all ?? []) == held
            && zip(held, expected).allSatisfy { $0.lock.kind == $1.kind && $0.range == $1.range }
        if !isRight {
            Issue.record(
                "after \(operations): \(held.map { ($0.lock.kind, $0.range) }), not \(expected)")
        }
        return isRight
    }

    /// `LOCK_ALGEBRA_BYTES` in the environment sets how many bytes.
    @Test("every sequence of four operations on a few bytes gives what an array of bytes gives")
    func exhaustive() {
        let count = ProcessInfo.processInfo.environment["LOCK_ALGEBRA_BYTES"].flatMap(Int.init) ?? 3
        var operations: [Operation] = []
        for lower in 0..<count {
            for upper in lower..<count {
                let last = upper == count - 1 ? Int64.max : Int64(upper)
                for kind in [LockKind.shared, .exclusive, nil] {
                    operations.append(Operation(kind: kind, range: Int64(lower)...last))
                }
            }
        }
        explore(LockSpace(), Oracle(count: count), [], operations, depth: 4)
    }

    @discardableResult
    private func explore(
        _ space: LockSpace, _ oracle: Oracle, _ done: [Operation], _ operations: [Operation],
        depth: Int
    ) -> Bool {
        guard depth > 0 else { return true }
        for operation in operations {
            var (nextSpace, nextOracle) = (space, oracle)
            nextOracle.apply(operation)
            let changed = Self.apply(operation, to: &nextSpace)
            let sequence = done + [operation]
            guard Self.check(nextSpace, oracle, nextOracle, changed: changed, sequence),
                explore(nextSpace, nextOracle, sequence, operations, depth: depth - 1)
            else { return false }
        }
        return true
    }

    @Test("long random sequences on sixteen bytes give what an array of bytes gives")
    func random() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<60 {
            var space = LockSpace()
            var oracle = Oracle(count: 17)
            var done: [Operation] = []
            for _ in 0..<60 {
                let lower = Int64.random(in: 0..<16, using: &random)
                let reaches = Int.random(in: 0..<6, using: &random) == 0
                let operation = Operation(
                    kind: [.shared, .exclusive, nil].randomElement(using: &random) ?? nil,
                    range: lower...(reaches ? .max : .random(in: lower..<16, using: &random)))
                let before = oracle
                oracle.apply(operation)
                done.append(operation)
                let changed = Self.apply(operation, to: &space)
                guard Self.check(space, before, oracle, changed: changed, done) else { return }
            }
        }
    }
}
