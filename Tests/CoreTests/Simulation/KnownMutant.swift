import Simulation
import Testing

/// A built-in bug with a scenario that finds it, so that the test need not look for one.
struct KnownMutant: Sendable, CustomTestStringConvertible {
    var mutant: Mutant
    var seed: UInt64

    var testDescription: String { mutant.rawValue }

    static let all: [KnownMutant] = Mutant.allCases.map { mutant in
        KnownMutant(mutant: mutant, seed: seeds[mutant] ?? 1)
    }

    private static let seeds: [Mutant: UInt64] = [:]
}
