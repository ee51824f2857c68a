import Core
import PlannerProof

// Long runs of what `swift test` does a part of, and measurements of the planner.

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "exhaustive":
    ProofCommand.exhaustive(part: arguments.dropFirst().first)
case "stories":
    ProofCommand.stories(count: arguments.dropFirst().first.flatMap { UInt64($0) } ?? 100_000)
case "plans":
    print(PlanSample.text(count: 200), terminator: "")
case "measure":
    Measurements.run(nodes: arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000)
default:
    print("planner-proof exhaustive [PART/PARTS] | stories [COUNT] | measure [NODES] | plans")
}
