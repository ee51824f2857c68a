import Simulation
import Testing

/// Known bugs, built in one at a time: the simulation must find each of them.
struct MutantTests {
    @Test("the simulation finds known bugs", arguments: KnownMutant.all)
    func isFound(known: KnownMutant) {
        // What scenario finds it first changes with the client.
        let isFound = ([known.seed] + Array(1...100)).contains {
            Scenario(seed: $0).violation(dueTo: known.mutant) != nil
        }
        #expect(isFound, "\(known.mutant.rawValue)")
    }
}
