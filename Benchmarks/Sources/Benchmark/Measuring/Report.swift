import Foundation

/// What was found, for people and for programs.
struct Report {
    private(set) var findings: [Finding] = []
    private(set) var failures: [(mark: String, reason: String)] = []

    static let header =
        "mark  work                                            against            goal             median    spread            product     other"

    mutating func add(_ finding: Finding) {
        findings.append(finding)
        say(Self.line(finding))
    }

    mutating func fail(_ mark: String, _ reason: String) {
        failures.append((mark, reason))
        say("\(padded(mark, 5)) not measured: \(reason)")
    }

    private static func line(_ finding: Finding) -> String {
        let sign: String =
            switch finding.goal.isReached(by: finding.number.median) {
            case true: "reached"
            case false: "MISSED"
            case nil: ""
            }
        let spread = "\(short(finding.number.low)) – \(short(finding.number.high))"
        let times = finding.seconds.map {
            [duration($0.product.median), duration($0.other.median)]
        }
        return [
            padded(finding.mark, 5), padded(finding.work, 47), padded(finding.against, 18),
            padded(finding.goal.text, 16),
            padded("\(short(finding.number.median)) \(finding.goal.unit)", 12),
            padded(spread, 17), padded(times?[0] ?? "", 11), padded(times?[1] ?? "", 11), sign,
        ].joined(separator: " ")
    }

    /// The findings as JSON, with every single measurement.
    func json() throws -> Data {
        let lines = findings.map { finding in
            var line: [String: Any] = [
                "mark": finding.mark, "work": finding.work, "against": finding.against,
                "goal": finding.goal.text, "unit": finding.goal.unit,
                "median": finding.number.median, "values": finding.number.values,
            ]
            line["reached"] = finding.goal.isReached(by: finding.number.median)
            if let seconds = finding.seconds {
                line["product_seconds"] = seconds.product.values
                line["other_seconds"] = seconds.other.values
            }
            return line
        }
        let missing = failures.map { ["mark": $0.mark, "reason": $0.reason] }
        return try JSONSerialization.data(
            withJSONObject: ["version": 1, "findings": lines, "failures": missing],
            options: [.prettyPrinted, .sortedKeys])
    }
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

func duration(_ seconds: Double) -> String {
    if seconds < 0.001 { return "\(short(seconds * 1e6)) µs" }
    if seconds < 1 { return "\(short(seconds * 1e3)) ms" }
    return "\(short(seconds)) s"
}
