import Foundation
import PlannerProof
import Testing

/// What two operations on each side can do to every drive of at most three nodes.
///
/// A sample, evenly spread; `PLAN_SCOPE` in the environment sets of how many cases. All of them are
/// looked at by `make exhaustive`.
struct SmallScopeTests {
    @Test("P1–P17: a sample of all small cases comes to rest with nothing lost")
    func sample() {
        let scope = SmallScope()
        let size = ProcessInfo.processInfo.environment["PLAN_SCOPE"].flatMap { Int($0) } ?? 800
        let stride = max(scope.count / size, 1)
        for number in Swift.stride(from: stride / 2, to: scope.count, by: stride) {
            let one = scope[number]
            guard let failure = one.failure() else { continue }
            Issue.record("case \(number): \(failure)\n\(one.text)")
            return
        }
    }
}
