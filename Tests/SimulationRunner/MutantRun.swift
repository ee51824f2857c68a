import Dispatch
import Glibc
import Simulation
import Synchronization

/// Builds in one known bug after the other and counts the scenarios that it takes to find it.
struct MutantRun {
    /// More than this and a bug counts as not found.
    let limit: Int

    /// Returns whether all were found.
    func play() -> Bool {
        let mutants = Mutant.allCases
        let findings = Mutex([Mutant: Mutant.Finding]())
        DispatchQueue.concurrentPerform(iterations: mutants.count) { index in
            let finding = mutants[index].find(limit: limit)
            findings.withLock { $0[mutants[index]] = finding }
        }
        let found = findings.withLock { $0 }
        for mutant in mutants {
            let count = found[mutant].map { String($0.count) } ?? "never"
            print("\(count)\t\(mutant): \(mutant.rawValue)")
            guard let finding = found[mutant] else { continue }
            print("\t\tfound as \(finding.violation.rule.rawValue), seed \(finding.seed)")
        }
        print("\(found.count) of \(mutants.count) bugs were found")
        return found.count == mutants.count
    }
}
