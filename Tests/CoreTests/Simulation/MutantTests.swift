import Foundation
import Simulation
import Testing

/// Known bugs, built in one at a time: the simulation must find each of them.
struct MutantTests {
    /// How many scenarios may be played before a bug has to be found.
    private static let limit =
        ProcessInfo.processInfo.environment["MUTANT_SCENARIOS"].flatMap { UInt64($0) } ?? 3

    @Test("the simulation finds known bugs", arguments: KnownMutant.all)
    func isFound(known: KnownMutant) {
        let seeds = [known.seed] + Array(1...Self.limit)
        let seed = seeds.first { Scenario(seed: $0).violation(dueTo: known.mutant) != nil }
        #expect(seed != nil, "\(known.mutant.rawValue)")
    }
}
