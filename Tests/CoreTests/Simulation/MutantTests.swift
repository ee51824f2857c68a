import Simulation
import Testing

/// Known bugs, built in one at a time: the simulation must find each of them.
struct MutantTests {
    @Test("the simulation finds known bugs", arguments: KnownMutant.all)
    func isFound(known: KnownMutant) {
        // Which scenario finds it changes with the client, so as many are played as it takes.
        let finding = known.mutant.find(hint: known.hint, limit: KnownMutant.limit)
        #expect(finding != nil, "\(known.mutant.rawValue)")
    }

    @Test("enough bugs are looked for at each run")
    func count() { #expect(KnownMutant.all.count >= 20) }
}
