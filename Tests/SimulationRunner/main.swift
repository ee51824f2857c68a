import Glibc
import Simulation

/// `simulation [SEEDS [FIRST]]`: plays so many random scenarios, prints what they covered, and the
/// failures in the form in which they can be pasted into a test.
///
/// `simulation play`: reads one scenario from the standard input and tells what happens in it.
///
/// `simulation mutants [LIMIT]`: builds in known bugs, and prints after how many scenarios each of
/// them was found.
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }
if arguments.first == "mutants" {
    exit(MutantRun(limit: numbers.first.map { Int($0) } ?? 80_000).play() ? 0 : 1)
}
if arguments.first == "play" {
    exit(ScenarioRun().play() ? 0 : 1)
}
let count = numbers.first ?? 10_000
let first = numbers.count > 1 ? numbers[1] : 1
exit(SimulationRun(seeds: first..<first + count).play() ? 0 : 1)
