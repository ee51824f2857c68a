import Dispatch
import Glibc
import Simulation
import Synchronization

/// Plays many scenarios on all cores and tells what came of it.
struct SimulationRun {
    let seeds: Range<UInt64>

    private struct Result {
        var next: UInt64
        var coverage = Coverage()
        var played = 0
        var steps = 0
        var failures: [(seed: UInt64, violation: Violation)] = []
    }

    private static let failuresMax = 12
    private static let explanationsMax = 4

    /// Returns whether nothing was wrong.
    func play() -> Bool {
        let result = Mutex(Result(next: seeds.lowerBound))
        let begin = ContinuousClock.now
        let jobs = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let chunk = result.withLock({ take(from: &$0) }) { play(chunk, result) }
        }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        return result.withLock { report($0, seconds: seconds, jobs: jobs) }
    }

    private func take(from result: inout Result) -> Range<UInt64>? {
        guard result.next < seeds.upperBound, result.failures.count < Self.failuresMax else {
            return nil
        }
        let end = min(result.next + 20, seeds.upperBound)
        defer { result.next = end }
        return result.next..<end
    }

    private func play(_ chunk: Range<UInt64>, _ result: borrowing Mutex<Result>) {
        var coverage = Coverage()
        var steps = 0
        var failures: [(seed: UInt64, violation: Violation)] = []
        for seed in chunk {
            let report = Scenario(seed: seed).run()
            coverage.add(report.coverage)
            steps += report.stepCount
            if let violation = report.violation {
                failures.append((seed, violation))
                print("seed \(seed): \(violation)")
                fflush(nil)
            }
        }
        result.withLock { result in
            result.coverage.add(coverage)
            result.played += chunk.count
            result.steps += steps
            result.failures += failures
        }
    }

    private func report(_ result: Result, seconds: Double, jobs: Int) -> Bool {
        for line in result.coverage.lines { print(line) }
        for cell in result.coverage.missing { print("never seen: \(cell)") }
        let rate = Int(Double(result.played) / seconds)
        print(
            "\(result.played) scenarios with \(result.steps) steps in \(Int(seconds)) s: "
                + "\(rate)/s on \(jobs) cores, \(rate / jobs)/s per core")
        let explained = result.failures.sorted { $0.seed < $1.seed }.prefix(Self.explanationsMax)
        for failure in explained { explain(failure) }
        let isCovered = result.coverage.missing.isEmpty || seeds.count < 10_000
        return result.failures.isEmpty && isCovered
    }

    private func explain(_ failure: (seed: UInt64, violation: Violation)) {
        let played = Scenario(seed: failure.seed).run().played
        let small = played.shrunk(breaking: failure.violation.rule, attempts: 300)
        let report = small.run(isVerbose: true)
        print("\nsmallest form of seed \(failure.seed):\n\(small)\n")
        for line in report.lines { print("  \(line)") }
    }
}
