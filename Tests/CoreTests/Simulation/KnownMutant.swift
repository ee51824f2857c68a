import Simulation
import Testing

/// A built-in bug, and how many scenarios may be played until it is found.
struct KnownMutant: Sendable, CustomTestStringConvertible {
    var mutant: Mutant
    var limit: Int

    var testDescription: String { mutant.rawValue }

    /// More than it takes by far, for this changes with the client.
    private static let limit = 2_000

    static let all: [KnownMutant] = Mutant.allCases.filter { !slow.contains($0) }
        .map { KnownMutant(mutant: $0, limit: limit) }

    /// These take more scenarios than a test has time for: `simulation mutants` looks for all.
    private static let slow: Set<Mutant> = [
        .cursorCommittedFirst, .sentForgotten, .agreedBeforeAnswer, .frozenBytesChanged,
        .identitiesReused, .downloadsUnverified, .timeInvented, .moveWithoutCondition,
        .creationReplaces, .staleAnswers,
    ]
}
