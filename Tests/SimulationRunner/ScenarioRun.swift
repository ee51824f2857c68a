import Simulation

/// Plays the scenario that comes on the standard input, and tells what happens.
struct ScenarioRun {
    /// Returns whether nothing was wrong.
    func play() -> Bool {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        do {
            let report = try Scenario(text).run(isVerbose: true)
            for line in report.lines { print(line) }
            return report.violation == nil
        } catch {
            print("not a line of a scenario: \(error.line)")
            return false
        }
    }
}
