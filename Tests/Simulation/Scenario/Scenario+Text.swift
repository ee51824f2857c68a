import GraphSimulator

/// The text form of a scenario: what is printed when one fails, and pasted into a test to keep it.
extension Scenario: CustomStringConvertible {
    package var description: String {
        var lines = ["profile \(settings.profile.rawValue)"]
        if !settings.oddities.isEmpty {
            lines.append("odd " + settings.oddities.map(\.rawValue).sorted().joined(separator: " "))
        }
        if !settings.faults.isEmpty {
            let kinds = settings.faults.map(\.rawValue).sorted().joined(separator: " ")
            lines.append("faulty \(settings.faultOdds) \(kinds)")
        }
        if settings.deleteGuard != Settings().deleteGuard {
            lines.append("guard \(settings.deleteGuard)")
        }
        if settings.pollInterval != Settings().pollInterval {
            lines.append("poll \(settings.pollInterval)")
        }
        if let limit = settings.cacheLimit { lines.append("cache \(limit)") }
        if settings.isFresh { lines.append("fresh") }
        if settings.isReadBack { lines.append("read-back") }
        lines += steps.map(\.description)
        let schedule = schedule.recorded
        if !schedule.isEmpty { lines.append("schedule " + schedule.spelled) }
        let faults = faults.recorded
        if !faults.isEmpty { lines.append("faults " + faults.spelled) }
        return lines.joined(separator: "\n")
    }

    /// Reads the text form.
    ///
    /// - Throws: The line that cannot be read.
    package init(_ text: String) throws(Unreadable) {
        var settings = Settings()
        var steps: [Step] = []
        var schedule: [Int] = []
        var faults: [Int] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            let rest = Array(words.dropFirst())
            switch first {
            case "profile":
                settings.profile = try read(rest.first.flatMap(AccountProfile.init), line)
            case "odd":
                settings.oddities = Set(try read(rest.map(Settings.Oddity.init), line))
            case "faulty":
                settings.faultOdds = try read(rest.first.flatMap { Int($0) }, line)
                settings.faults = Set(try read(rest.dropFirst().map(FaultKind.init), line))
            case "guard": settings.deleteGuard = try read(rest.first.flatMap { Int($0) }, line)
            case "poll": settings.pollInterval = try read(rest.first.flatMap { Int64($0) }, line)
            case "cache": settings.cacheLimit = try read(rest.first.flatMap { Int64($0) }, line)
            case "fresh": settings.isFresh = true
            case "read-back": settings.isReadBack = true
            case "schedule": schedule = try read(rest.map { Int($0) }, line)
            case "faults": faults = try read(rest.map { Int($0) }, line)
            default: steps.append(try read(Step(words), line))
            }
        }
        self.init(settings: settings, steps: steps, schedule: schedule, faults: faults)
    }

    /// A line that is no part of a scenario.
    package struct Unreadable: Error, Hashable {
        package var line: String

        package init(line: String) { self.line = line }
    }
}

private func read<Value>(
    _ value: Value?, _ line: Substring
) throws(Scenario.Unreadable) -> Value {
    guard let value else { throw Scenario.Unreadable(line: String(line)) }
    return value
}

private func read<Value>(
    _ values: [Value?], _ line: Substring
) throws(Scenario.Unreadable) -> [Value] {
    let all = values.compactMap { $0 }
    guard all.count == values.count else { throw Scenario.Unreadable(line: String(line)) }
    return all
}

extension [Int] {
    fileprivate var spelled: String { map(String.init).joined(separator: " ") }
}

extension Step: CustomStringConvertible {
    /// The actor, the word of the deed, and its paths; what is not ASCII is escaped, since editors
    /// normalise it.
    package var description: String {
        let actor =
            switch actor {
            case .client(let number): String(number)
            case .browser: "browser"
            case .origin: "origin"
            }
        return ([actor, deed.kind.rawValue] + [deed.path, deed.target].filter { !$0.isEmpty })
            .map { $0.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }
            .joined(separator: " ")
    }

    fileprivate init?(_ words: [String]) {
        guard words.count >= 2, let kind = Deed.Kind(rawValue: words[1]) else { return nil }
        let paths = words.dropFirst(2).map(\.unescaped)
        deed = Deed(kind, paths.first ?? "", paths.count > 1 ? paths[1] : "")
        if words[0] == "browser" {
            actor = .browser
        } else if words[0] == "origin" {
            actor = .origin
        } else if let number = Int(words[0]), (0..<Scenario.clientCount).contains(number) {
            actor = .client(number)
        } else {
            return nil
        }
    }
}

extension String {
    /// The text with its `\u{…}` replaced by what they stand for.
    fileprivate var unescaped: String {
        var result = ""
        var rest = Substring(self)
        while let begin = rest.firstRange(of: "\\u{"),
            let end = rest[begin.upperBound...].firstIndex(of: "}")
        {
            result += rest[..<begin.lowerBound]
            let digits = rest[begin.upperBound..<end]
            if let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) {
                result.unicodeScalars.append(scalar)
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
