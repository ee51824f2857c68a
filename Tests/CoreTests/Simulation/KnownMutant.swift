import Simulation
import Testing

/// A built-in bug, and where to look for a scenario that finds it.
struct KnownMutant: Sendable, CustomTestStringConvertible {
    var mutant: Mutant
    /// What found it last; when the client changes, another one does.
    var hint: UInt64

    var testDescription: String { mutant.rawValue }

    /// How many scenarios are played at most: more than it takes by far.
    static let limit = 2_000

    static let all: [KnownMutant] = Mutant.allCases.compactMap { mutant in
        hints[mutant].map { KnownMutant(mutant: mutant, hint: $0) }
    }

    /// The others take more scenarios than a test has time for: `simulation mutants` looks for all.
    private static let hints: [Mutant: UInt64] = [
        .uploadWithoutCondition: 16, .deletionWithoutCondition: 153, .moveWithoutCondition: 2333,
        .creationReplaces: 511, .missingTakenForAbsent: 115, .firstPageTakenForAll: 7,
        .entriesSkipped: 7, .nodeRecordsLost: 423, .generationRecordsLost: 257,
        .errorBodyStored: 382, .writerUnseen: 14, .locksUnseen: 40, .editTakenForBase: 17,
        .contentNotFound: 257, .guardIgnored: 14, .wakesLost: 16, .timersLost: 1,
        .movesDropped: 19, .renameTakenForDeletion: 19, .tombstonesReplayed: 6, .staleAnswers: 45,
        .lostReplyTakenForSuccess: 43, .canary: 1,
    ]
}
