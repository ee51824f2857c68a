import Core

/// A plan as lines for people.
enum PlanLines {
    static func lines(_ report: PlanReport) -> [String] {
        guard !report.isEmpty || !report.waiting.isEmpty else {
            return ["Nothing to do: both sides agree."]
        }
        var lines = section("In the cloud", report.entries.filter { $0.side == .cloud })
        lines += section("On this device", report.entries.filter { $0.side == .device })
        if !report.waiting.isEmpty {
            lines.append("Waiting (\(report.waiting.count)):")
            lines += Shortened.lines(report.waiting.map { "  \($0.path)  [\($0.reason)]" })
        }
        if let suspension = report.suspension {
            lines.append(
                "Held back: \(suspension.localDeletions) deletions here and "
                    + "\(suspension.remoteDeletions) in the cloud are more than delete_guard "
                    + "(\(suspension.limit)) allows; 'onedrive approve' lets them happen.")
        }
        lines.append(
            "\(report.entries.count) actions; \(Terminal.size(report.uploadSize)) up, "
                + "\(Terminal.size(report.downloadSize)) to be read on demand.")
        return lines
    }

    private static func section(_ title: String, _ entries: [PlanReport.Entry]) -> [String] {
        guard !entries.isEmpty else { return [] }
        let width = entries.map(\.action.utf8.count).max() ?? 0
        return ["\(title) (\(entries.count)):"]
            + entries.map { entry in
                let padding = String(repeating: " ", count: width - entry.action.utf8.count)
                var line = "  \(entry.action)\(padding)  \(entry.path)"
                if let destination = entry.destination { line += " → \(destination)" }
                if let size = entry.size { line += "  (\(Terminal.size(size)))" }
                return line + "  [\(entry.reason.rawValue)]"
            }
    }
}
