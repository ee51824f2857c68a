/// What a terminal shows while somebody waits: one line that says how far it is.
package struct ProgressLine: Sendable {
    /// What is waited for.
    package enum Goal: Hashable, Sendable {
        /// Both sides agree.
        case agreement
        /// Every item of the drive has been seen.
        case enumeration
        /// Everything that is kept on this device is here.
        case keeping
    }

    private let goal: Goal
    /// The most that was left so far: what is done is measured by it.
    private var most: Int64 = 0
    private static let barWidth: Int64 = 20

    package init(_ goal: Goal) { self.goal = goal }

    /// The line for a status, as `status --json` shows it, in no more than so many columns; nil when
    /// the goal is reached.
    package mutating func text(_ status: JSONValue, columns: Int) -> String? {
        let isListed = status["enumerated"]?.boolean ?? false
        let left: Int64 =
            switch goal {
            case .enumeration: 0
            case .agreement: status["pending"]?.integer ?? 0
            case .keeping: status["pinned_missing"]?.integer ?? 0
            }
        most = max(most, left)
        var words: [String] = []
        if let connection = Self.text(ofConnection: status["connection"]?.string) {
            words.append(connection)
        }
        if !isListed {
            words.append("listing the drive: \(status["items"]?.integer ?? 0) items so far")
        } else {
            switch goal {
            case .enumeration: return nil
            case .agreement, .keeping:
                guard most > 0 else { return "looking for changes" }
                words.insert(Self.bar(most - left, of: most), at: 0)
                words.append("\(most - left) of \(most)")
                if let transfer = status["transfers"]?.array?.first {
                    words.append(Self.text(of: transfer))
                }
            }
        }
        return Self.cut(PrintableText.line(words.joined(separator: "  ")), to: columns)
    }

    private static func text(ofConnection name: String?) -> String? {
        switch name {
        case "offline": "offline"
        case "throttled": "the service asks to wait"
        case "sign-in-needed": "sign-in needed"
        default: nil
        }
    }

    private static func text(of transfer: JSONValue) -> String {
        var text = "\(transfer["activity"]?.string ?? "") \(transfer["path"]?.string ?? "")"
        if let done = transfer["done"]?.integer, let total = transfer["total"]?.integer {
            text += " (\(ByteCountText.text(done)) of \(ByteCountText.text(total)))"
        }
        return text
    }

    private static func bar(_ done: Int64, of total: Int64) -> String {
        let filled = Int(done.multipliedReportingOverflow(by: barWidth).partialValue / total)
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: ".", count: Int(barWidth) - filled) + "]"
    }

    /// A line that would be longer than the terminal is wide could not be taken back.
    private static func cut(_ text: String, to columns: Int) -> String {
        var width = 0
        var result = ""
        for scalar in text.unicodeScalars {
            // East Asian characters and symbols take two columns.
            width += scalar.value < 0x1100 ? 1 : 2
            if width > columns { return result }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
