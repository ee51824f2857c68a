/// A plan as a page for people: what needs attention first, then what goes up and what comes down,
/// folder by folder, and the totals at the end.
package struct PlanPage: Sendable {
    private let report: PlanReport
    private let style: Style
    private let lengths: Lengths

    /// How many lines of a kind are shown before the rest is only counted.
    private struct Lengths {
        var list: Int
        var folders: Int
        var inFolder: Int

        static let short = Lengths(list: 20, folders: 20, inFolder: 10)
        static let whole = Lengths(list: .max, folders: .max, inFolder: .max)
    }

    /// Lays out a report.
    ///
    /// - Parameters:
    ///   - report: The plan.
    ///   - isColored: Whether the page goes to a terminal that shows colours.
    ///   - showsAll: Whether long lists are shown whole.
    package init(_ report: PlanReport, isColored: Bool = false, showsAll: Bool = false) {
        self.report = report
        style = Style(isColored: isColored)
        lengths = showsAll ? .whole : .short
    }

    package var lines: [String] {
        guard !report.isEmpty || !report.waiting.isEmpty else {
            return ["Nothing to do: both sides agree."]
        }
        let attention = conflicts + suspension + waiting
        let up = side(.cloud, "In the cloud")
        let down = side(.device, "On this device")
        let page = attention + up + down
        return page + [total] + (isShortened(page) ? [Self.advice] : [])
    }

    private static let advice = "Long lists are cut; --all shows them whole."

    // MARK: What needs attention

    private var conflicts: [String] {
        let entries = report.entries.filter(\.isConflict)
        guard !entries.isEmpty else { return [] }
        return [style.heading("Edited on both sides (\(entries.count)):")]
            + cut(
                entries.map { entry in
                    "  \(style.mark(.conflict)) \(PrintableText.line(entry.path))  the version of "
                        + "this device is kept as "
                        + PrintableText.line(entry.destination ?? "another file")
                })
    }

    private var suspension: [String] {
        guard let suspension = report.suspension else { return [] }
        return [
            style.heading("Held back:")
                + " \(suspension.text); 'onedrive approve' lets them happen."
        ] + cut(held)
    }

    /// What is held back, without what lies inside of it.
    private var held: [String] {
        let paths = Set(report.waiting.filter(\.isHeldDeletion).map(\.path))
        var counts: [String: Int] = [:]
        for path in paths {
            var highest = path
            var folder = Self.split(path).folder
            while folder != "/" {
                if paths.contains(folder) { highest = folder }
                folder = Self.split(folder).folder
            }
            counts[highest, default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { path, count in
            "  \(style.mark(.removed)) \(PrintableText.line(path))"
                + (count == 1 ? "" : "  and \(count - 1) in it")
        }
    }

    private var waiting: [String] {
        let waiting = report.waiting.filter { !$0.isHeldDeletion }
        guard !waiting.isEmpty else { return [] }
        return [style.heading("Waiting (\(waiting.count)):")]
            + cut(
                waiting.map {
                    "  \(style.mark(.waiting)) \(PrintableText.line($0.path))  "
                        + style.reason(PrintableText.line($0.reason))
                })
    }

    // MARK: What is done

    private func side(_ side: PlanReport.Side, _ title: String) -> [String] {
        let entries = report.entries.filter { $0.side == side }
        guard !entries.isEmpty else { return [] }
        var folders: [(path: String, entries: [PlanReport.Entry])] = []
        var indices: [String: Int] = [:]
        for entry in entries {
            let folder = Self.split(entry.path).folder
            if let index = indices[folder] {
                folders[index].entries.append(entry)
            } else {
                indices[folder] = folders.count
                folders.append((folder, [entry]))
            }
        }
        folders.sort { $0.path < $1.path }
        var lines = [style.heading("\(title) (\(entries.count)):")]
        for folder in folders.prefix(lengths.folders) {
            lines.append("  " + style.folder(PrintableText.line(folder.path)))
            lines += folder.entries.prefix(lengths.inFolder).map(line)
            let rest = folder.entries.count - lengths.inFolder
            if rest > 0 { lines.append("    … and \(rest) more here") }
        }
        let others = folders.dropFirst(lengths.folders)
        if !others.isEmpty {
            let count = others.reduce(0) { $0 + $1.entries.count }
            lines.append("  … and \(count) more in \(others.count) other folders")
        }
        return lines
    }

    private func line(_ entry: PlanReport.Entry) -> String {
        var line = "    \(style.mark(Mark(entry))) \(entry.action)  "
        line += PrintableText.line(Self.split(entry.path).name)
        if let destination = entry.destination {
            line += " → \(PrintableText.line(destination))"
        }
        if let size = entry.size { line += "  (\(ByteCountText.text(size)))" }
        return line + "  " + style.reason(entry.reason.rawValue)
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("/", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }

    private var total: String {
        let totals = PlanTotals(report)
        let count = report.entries.count
        return "\(count) \(count == 1 ? "action" : "actions"); "
            + "\(Self.files(totals.up.files)), \(ByteCountText.text(totals.up.bytes)) up; "
            + "\(Self.files(totals.down.files)), \(ByteCountText.text(totals.down.bytes)) to be "
            + "read on demand."
    }

    private static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

    private func cut(_ lines: [String]) -> [String] {
        guard lines.count > lengths.list else { return lines }
        return lines.prefix(lengths.list) + ["  … and \(lines.count - lengths.list) more"]
    }

    private func isShortened(_ page: [String]) -> Bool {
        page.contains { $0.drop { $0 == " " }.hasPrefix("… and ") }
    }
}

extension PlanReport.Waiting {
    fileprivate var isHeldDeletion: Bool { reason == DeferralCause.deleteGuard.text }
}

/// The sign before an entry.
private enum Mark {
    case new, changed, moved, removed, conflict, waiting

    init(_ entry: PlanReport.Entry) {
        switch entry.action {
        case "create folder", "upload", "show", "keep as new": self = .new
        case "move", "park": self = .moved
        case "delete", "remove": self = .removed
        case "keep both": self = .conflict
        default: self = .changed
        }
    }

    var text: String {
        switch self {
        case .new: "+"
        case .changed: "*"
        case .moved: ">"
        case .removed: "-"
        case .conflict: "!"
        case .waiting: "·"
        }
    }

    /// As ECMA-48 numbers colours.
    var color: Int {
        switch self {
        case .new: 32
        case .changed: 33
        case .moved: 36
        case .removed, .conflict: 31
        case .waiting: 35
        }
    }
}

/// Colours, or none.
private struct Style {
    var isColored: Bool

    func heading(_ text: String) -> String { dressed(text, 1) }
    func folder(_ text: String) -> String { dressed(text, 34) }
    func reason(_ text: String) -> String { dressed("[\(text)]", 2) }
    func mark(_ mark: Mark) -> String { dressed(mark.text, mark.color) }

    private func dressed(_ text: String, _ code: Int) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
