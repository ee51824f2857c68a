import Core
import Foundation
import PlannerProof
import Testing

/// The properties that every plan must have, each in random stories of its own.
///
/// `PLAN_STORIES` in the environment sets how many for each, `PLAN_SEED` where to start.
struct PlanPropertyTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("every plan has the property", arguments: PlanProperty.allCases)
    func holds(property: PlanProperty) {
        let first = Self.number("PLAN_SEED") ?? 1
        let count = Self.number("PLAN_STORIES") ?? 100
        guard let (seed, found) = Story.finding(against: property, seeds: first..<first + count)
        else { return }
        Issue.record(
            """
            \(property.rawValue)
            seed \(seed): \(found.message)
            \(found.text)
            choices: \(found.choices)
            """)
    }
}

extension PlanProperty: CustomTestStringConvertible {
    public var testDescription: String { rawValue }
}
