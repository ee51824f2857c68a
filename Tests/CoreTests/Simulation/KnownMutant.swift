import Simulation
import Testing

/// A built-in bug with a scenario that finds it, so that the test need not look for one.
struct KnownMutant: Sendable, CustomTestStringConvertible {
    var mutant: Mutant
    var seed: UInt64

    var testDescription: String { mutant.rawValue }

    static let all: [KnownMutant] = Mutant.allCases.compactMap { mutant in
        seeds[mutant].map { KnownMutant(mutant: mutant, seed: $0) }
    }

    /// A scenario that finds each; the others take more of them than a test has time for, or are not
    /// found yet: `simulation mutants` looks for all, and says which.
    private static let seeds: [Mutant: UInt64] = [
        .uploadWithoutCondition: 98,
        .deletionWithoutCondition: 124,
        .missingTakenForAbsent: 124,
        .entriesSkipped: 16,
        .errorBodyStored: 9,
        .writerUnseen: 8,
        .editTakenForBase: 23,
        .wakesLost: 6,
        .timersLost: 1,
        .movesDropped: 124,
        .tombstonesReplayed: 11,
        .canary: 1,
    ]
}
