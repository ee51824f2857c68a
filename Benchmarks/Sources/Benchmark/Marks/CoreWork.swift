import Foundation

extension Mark {
    /// What Core computes without the program around it, measured by tools that are built beside it.
    static let coreWork = Mark(ids: ["M14", "M15", "M19"], title: "plans, scenarios and pages") {
        stage, report in
        let nodes = stage.options.scaled(1_000_000, reduced: 200_000)
        for line in try lines(of: "planner-proof", ["measure", "\(nodes)"], on: stage) {
            guard let finding = finding(line) else { continue }
            report.add(finding)
        }
        let count = stage.options.scaled(100_000, reduced: 10_000)
        let begin = ContinuousClock.now
        _ = try lines(of: "simulation", ["\(count)"], on: stage)
        let duration = ContinuousClock.now - begin
        let perSecond =
            Double(count) / Double(max(duration.components.seconds, 1))
            / Double(ProcessInfo.processInfo.activeProcessorCount)
        report.add(
            Finding(
                "M15", "scenarios of whole systems, per core", against: "",
                .atLeast(1000, unit: "/s"), Sample([perSecond])))
    }

    private static func lines(
        of tool: String, _ arguments: [String], on stage: Stage
    ) throws -> [Substring] {
        let directory = URL(fileURLWithPath: stage.options.binary).deletingLastPathComponent()
        let path = directory.appendingPathComponent(tool).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Problem(
                "\(path) is not there; build it: swift build -c release --product \(tool)")
        }
        return try ChildProcess.run(path, arguments, limit: "1800s").split(separator: "\n")
    }

    /// Reads `M14  what  12 ms  (mark: 20 ms)`, columns apart by two blanks or more; nil for a line that
    /// has no mark.
    private static func finding(_ line: Substring) -> Finding? {
        let columns = line.components(separatedBy: "  ")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard columns.count == 4, columns[3].hasPrefix("(mark: ") else { return nil }
        guard let value = quantity(columns[2]), let mark = quantity(columns[3].dropFirst(7))
        else { return nil }
        let goal: Goal =
            mark.isRate
            ? .atLeast(mark.number, unit: mark.unit) : .atMost(mark.number, unit: mark.unit)
        return Finding(columns[0], columns[1], against: "", goal, Sample([value.number]))
    }

    private struct Quantity {
        var number: Double
        var unit: String
        var isRate: Bool { unit.hasSuffix("/s") }
    }

    /// Times in milliseconds; other units as they are.
    private static func quantity(_ text: some StringProtocol) -> Quantity? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return nil }
        let unit = text.dropFirst(digits.count).trimmingCharacters(
            in: CharacterSet(charactersIn: " )"))
        switch unit {
        case "s": return Quantity(number: number * 1000, unit: "ms")
        case "µs": return Quantity(number: number / 1000, unit: "ms")
        default: return Quantity(number: number, unit: unit)
        }
    }
}
