import Foundation
import Simulation
import Testing

/// Three clients, one drive, and everything that can go wrong.
///
/// A few scenarios here; `SIMULATION_SEEDS` and `make simulate` play as many as one likes.
struct SimulationTests {
    private static let seedCount =
        ProcessInfo.processInfo.environment["SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 160
    private static let shares: UInt64 = 4

    @Test("no scenario loses anything", arguments: 0..<shares)
    func nothingIsLost(share: UInt64) {
        let seeds = stride(from: share + 1, through: Self.seedCount, by: Int(Self.shares))
        for seed in seeds {
            let report = Scenario(seed: seed).run()
            guard let violation = report.violation else { continue }
            let small = report.played.shrunk(breaking: violation.rule, attempts: 200)
            Issue.record("seed \(seed): \(violation)\n\(small)")
            return
        }
    }

    @Test("one seed gives one run", arguments: [3, 11, 27] as [UInt64])
    func isDeterministic(seed: UInt64) {
        let first = Scenario(seed: seed).run()
        let second = Scenario(seed: seed).run()
        #expect(first.trace == second.trace)
        #expect(first.stepCount == second.stepCount)
        // What was chosen, played once more, is the same run.
        #expect(first.played.run().trace == first.trace)
        #expect(Scenario(seed: seed + 1).run().trace != first.trace)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func textIsReadAsItWasWritten(seed: UInt64) throws {
        let scenario = Scenario(seed: seed)
        let read = try Scenario(scenario.description)
        #expect(read.description == scenario.description)
        #expect(read.steps == scenario.steps)
        #expect(read.settings == scenario.settings)
    }

    @Test(arguments: ["nobody write a", "0 fly a", "schedule x", "odd even", "profile nobody"])
    func otherTextIsRefused(text: String) {
        #expect(throws: Scenario.Unreadable(line: text)) { try Scenario(text) }
    }

    @Test("what once failed", arguments: KeptScenario.all)
    func staysMended(kept: KeptScenario) throws {
        let scenario = try Scenario(kept.text)
        let violation = scenario.run().violation
        #expect(violation == nil, "\(kept.name)")
    }
}
