import Glibc
import Simulation

/// Builds in one known bug after the other and counts the scenarios that it takes to find it.
struct MutantRun {
    /// More than this and a bug counts as not found.
    let limit: UInt64

    /// Returns whether all were found.
    func play() -> Bool {
        var missed: [Mutant] = []
        for mutant in Mutant.allCases {
            defer { fflush(nil) }
            let found = (1...limit).lazy.compactMap { seed in
                Scenario(seed: seed).violation(dueTo: mutant).map { (seed, $0) }
            }.first
            if let (seed, violation) = found {
                print(
                    "\(seed)\t\(mutant): \(mutant.rawValue)\n\t\tfound as \(violation.rule.rawValue)"
                )
            } else {
                print("never\t\(mutant): \(mutant.rawValue)")
                missed.append(mutant)
            }
        }
        print("\(Mutant.allCases.count - missed.count) of \(Mutant.allCases.count) bugs were found")
        return missed.isEmpty
    }
}
