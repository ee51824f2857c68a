/// Reads the values of a configuration file one by one and collects what is wrong with them.
struct ConfigurationReader {
    /// Problems beyond these are noise, such as those of a file that is no configuration at all.
    private static let problemLimit = 20

    private var values: [ConfigurationKey: YAMLNode] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    /// Sorts the entries of a document by key.
    init(_ document: YAMLNode?) {
        guard let document, !document.isNull else { return }
        guard case .mapping(let entries) = document.value else {
            report(document, "a configuration is a list of lines 'key: value'")
            return
        }
        for entry in entries { add(entry) }
    }

    private mutating func add(_ entry: YAMLNode.Entry) {
        guard case .scalar(let name, _) = entry.key.value else {
            return report(entry.key, "a key must be a word")
        }
        guard let key = ConfigurationKey(rawValue: name) else {
            let nearest = Spelling.nearest(
                to: name, among: ConfigurationKey.allCases.map(\.rawValue))
            return report(entry.key, "unknown key \(Self.quoted(name))", suggestion: nearest)
        }
        if let first = values[key] {
            return report(
                entry.key, "'\(name)' is set twice, first in line \(first.position.line)")
        }
        values[key] = entry.value
    }

    // MARK: Problems

    mutating func report(_ node: YAMLNode, _ message: String, suggestion: String? = nil) {
        report(at: node.position, message, suggestion: suggestion)
    }

    mutating func report(at position: TextPosition, _ message: String, suggestion: String? = nil) {
        guard problems.count < Self.problemLimit else { return }
        problems.append(ConfigurationProblem(at: position, message, suggestion: suggestion))
    }

    /// The place of a value, or the start of the file if it is not there.
    func position(_ key: ConfigurationKey) -> TextPosition {
        values[key]?.position ?? TextPosition(line: 1, column: 1)
    }

    /// A text in quotes, cut and without control characters, for messages.
    static func quoted(_ text: String) -> String {
        let visible = text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
        }
        let cut = visible.prefix(60)
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: cut)
        return "'\(String(shown))\(visible.count > cut.count ? "…" : "")'"
    }

    // MARK: Values

    /// Returns the node of a key that has a value at all.
    ///
    /// Null and empty text count as absent, so that a template with empty lines works.
    func node(_ key: ConfigurationKey) -> YAMLNode? {
        guard let node = values[key], !node.isNull, node.value != .scalar("", isPlain: false) else {
            return nil
        }
        return node
    }

    /// Reads a text without control characters.
    mutating func text(_ key: ConfigurationKey) -> String? {
        node(key).flatMap { text($0, of: key.rawValue) }
    }

    /// Reads a text that a check turns into a value; nil from the check is a problem.
    ///
    /// - Parameters:
    ///   - key: Where to look.
    ///   - expectation: What is allowed, as in "must be …".
    ///   - check: Turns the text into the value.
    /// - Returns: The value, or nil if there is none or it is wrong.
    mutating func value<Value>(
        _ key: ConfigurationKey, _ expectation: String, check: (String) -> Value?
    ) -> Value? {
        guard let node = node(key), let text = text(node, of: key.rawValue) else { return nil }
        guard let value = check(text) else {
            report(
                node, "\(key.rawValue): \(Self.quoted(text)) must be \(expectation)")
            return nil
        }
        return value
    }

    /// Reads one of a few words, without regard to case.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ key: ConfigurationKey
    ) -> Value? {
        guard let node = node(key), let text = text(node, of: key.rawValue) else { return nil }
        let words = Value.allCases.map(\.rawValue)
        for value in Value.allCases where value.rawValue.lowercased() == text.lowercased() {
            return value
        }
        report(
            node,
            "\(key.rawValue): \(Self.quoted(text)) must be one of \(words.joined(separator: ", "))",
            suggestion: Spelling.nearest(to: text, among: words))
        return nil
    }

    mutating func boolean(_ key: ConfigurationKey) -> Bool? {
        value(key, "true or false") { text in
            switch text.lowercased() {
            case "true", "yes", "on": true
            case "false", "no", "off": false
            default: nil
            }
        }
    }

    mutating func integer(_ key: ConfigurationKey, in range: ClosedRange<Int>) -> Int? {
        value(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Reads a list of texts; a single text counts as a list of one.
    mutating func list(_ key: ConfigurationKey) -> [String]? {
        guard let node = values[key] else { return nil }
        guard case .sequence(let elements) = node.value else {
            if case .mapping = node.value {
                report(node, "\(key.rawValue): a list is expected here")
                return nil
            }
            return self.node(key) == nil ? nil : text(key).map { [$0] }
        }
        return elements.compactMap { element -> String? in
            guard let text = text(element, of: key.rawValue) else { return nil }
            guard !text.isEmpty else {
                report(element, "\(key.rawValue): an entry of the list is empty")
                return nil
            }
            return text
        }
    }

    private mutating func text(_ node: YAMLNode, of name: String) -> String? {
        guard case .scalar(let text, _) = node.value else {
            report(node, "\(name): a single value is expected here")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            report(node, "\(name): line breaks and control characters are not allowed")
            return nil
        }
        return text
    }

    /// Reads the entries of a mapping value whose keys are known.
    ///
    /// - Returns: The texts by key, or nil if the value is no mapping or holds a problem.
    mutating func mapping(_ node: YAMLNode, of name: String, keys: [String]) -> [String: String]? {
        guard case .mapping(let entries) = node.value else { return nil }
        let problemCount = problems.count
        var texts: [String: String] = [:]
        for entry in entries {
            guard case .scalar(let key, _) = entry.key.value, keys.contains(key) else {
                let shown: String =
                    if case .scalar(let key, _) = entry.key.value { key } else { "" }
                report(
                    entry.key, "\(name): unknown key \(Self.quoted(shown))",
                    suggestion: Spelling.nearest(to: shown, among: keys))
                continue
            }
            if texts[key] != nil { report(entry.key, "\(name): '\(key)' is set twice") }
            texts[key] = text(entry.value, of: "\(name): \(key)")
        }
        return problems.count == problemCount ? texts : nil
    }
}
