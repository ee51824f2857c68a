import Core
import Foundation
import Testing

/// Random stories.
///
/// `PLAN_CASES` in the environment sets how many, `PLAN_SEED` where to start.
struct PlanPropertyTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("every story comes to rest, and nothing is lost")
    func stories() {
        let first = Self.number("PLAN_SEED") ?? 1
        let count = Self.number("PLAN_CASES") ?? 600
        for seed in first..<first + count {
            guard let found = PlanProperty.failure(of: Choices(seed: seed)) else { continue }
            let small = Choices.shrunk(found.choices, attempts: 2000) { choices in
                PlanProperty.failure(of: Choices(replaying: choices)) != nil
            }
            let failure = PlanProperty.failure(of: Choices(replaying: small)) ?? found
            Issue.record("seed \(seed): \(failure.message)\n\(failure.text)\nchoices: \(small)")
            return
        }
    }
}
