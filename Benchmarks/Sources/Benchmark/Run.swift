import Dispatch
import Foundation

/// All the marks that were asked for, one after the other.
struct Run {
    private let options: Options

    init(_ options: Options) { self.options = options }

    /// Measures, prints, stores; returns the exit status.
    func status() -> Int32 {
        let stage: Stage
        do {
            stage = try Stage(options)
        } catch {
            complain("\(error)")
            return 73
        }
        let interruptions = Self.cleaningUp(stage)
        defer { interruptions.forEach { $0.cancel() } }
        say(Report.header)
        var report = Report()
        for mark in Mark.all where options.asksFor(mark) {
            do {
                try mark.measure(stage, &report)
            } catch {
                report.fail(mark.ids.joined(separator: " "), "\(error)")
            }
            stage.clear()
        }
        stage.remove()
        do {
            try store(report)
        } catch {
            complain("the results cannot be stored: \(error)")
            return 73
        }
        return report.failures.isEmpty ? 0 : 1
    }

    private func store(_ report: Report) throws {
        guard !options.results.isEmpty else { return }
        let files = FileManager.default
        try files.createDirectory(atPath: options.results, withIntermediateDirectories: true)
        let path = options.results + "/latest.json"
        try report.json().write(to: URL(fileURLWithPath: path))
        say("\nAll measurements: \(path)")
    }

    /// Ends and unmounts everything before an interruption ends the run.
    private static func cleaningUp(_ stage: Stage) -> [any DispatchSourceSignal] {
        nonisolated(unsafe) let stage = stage
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(
                signal: number, queue: DispatchQueue(label: "interruption"))
            source.setEventHandler {
                // The measuring thread goes on meanwhile and fails on what is taken from it.
                stage.remove()
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
