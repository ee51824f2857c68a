/// What OneDrive forbids in names.
///
/// Source: the support page on restrictions and limitations in OneDrive and SharePoint. Trailing dots
/// and control characters are refused too, though it does not say so.
package enum NameRules {
    /// The most UTF-16 units of a name.
    package static let unitCountMax = 255
    /// The most UTF-16 units of a path, its separators counted.
    package static let pathUnitCountMax = 400

    /// Whether there is any problem with a name of the mount, if it were sent as it is.
    ///
    /// `atRoot` says that it lies in the root of the drive, where `Forms` belongs to the service.
    package static func forbids(_ name: Name, atRoot: Bool) -> Bool {
        !problems(of: name, atRoot: atRoot).isEmpty
    }

    /// All problems with a name of the mount, if it were sent as it is.
    package static func problems(of name: Name, atRoot: Bool) -> [NameProblem] {
        guard let text = name.utf8String else { return [.notUTF8] }
        return problems(of: text, atRoot: atRoot)
    }

    /// All problems with a name that would be sent: each character once, in order of appearance, then
    /// what the name as a whole suffers from.
    package static func problems(of text: String, atRoot: Bool) -> [NameProblem] {
        var problems = text.utf8.contains(where: isForbidden) ? forbiddenCharacters(text) : []
        guard let first = text.utf8.first, let last = text.utf8.last,
            !text.utf8.elementsEqual(".".utf8), !text.utf8.elementsEqual("..".utf8)
        else { return [.notAName] }
        if first == UInt8(ascii: " ") { problems.append(.leadingSpace) }
        if first == UInt8(ascii: "~") { problems.append(.leadingTilde) }
        if last == UInt8(ascii: " ") || last == UInt8(ascii: ".") {
            problems.append(.trailingSpaceOrDot)
        }
        if let name = reservedName(text, atRoot: atRoot) { problems.append(.reserved(name)) }
        let unitCount = text.utf16.count
        if unitCount > unitCountMax { problems.append(.tooLong(units: unitCount)) }
        return problems
    }

    /// The problem with a path of names as they would be sent, from the root of the drive; there is
    /// none with the names themselves.
    package static func problem(ofPath names: some Collection<String>) -> NameProblem? {
        let unitCount = names.reduce(0) { $0 + $1.utf16.count } + max(names.count - 1, 0)
        return unitCount > pathUnitCountMax ? .pathTooLong(units: unitCount) : nil
    }

    private static func forbiddenCharacters(_ text: String) -> [NameProblem] {
        var problems: [NameProblem] = []
        for byte in text.utf8 where isForbidden(byte) {
            let problem = NameProblem.character(Unicode.Scalar(byte))
            if !problems.contains(problem) { problems.append(problem) }
        }
        return problems
    }

    /// Whether a character, all such being ASCII, may stand nowhere in a name.
    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "\"", "*", ":", "<", ">", "?", "/", "\\", "|", "\u{00}"..."\u{1F}", "\u{7F}": true
        default: false
        }
    }

    /// The reserved name that a name is or contains.
    private static func reservedName(_ text: String, atRoot: Bool) -> String? {
        if let name = wholeName(text.utf8) { return name }
        if atRoot, equal(text.utf8, "forms") { return "forms" }
        var rest = text.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "_")) {
            rest = rest[start...]
            if equal(rest.prefix(administrative.utf8.count), administrative) {
                return administrative
            }
            rest.removeFirst()
        }
        return nil
    }

    /// The name that a text as a whole, whatever its case, has in ``reservedNames``.
    static func wholeName(_ text: some Collection<UInt8>) -> String? {
        guard (reservedLengthMin...reservedLengthMax).contains(text.count) else { return nil }
        return reservedNames.first { equal(text, $0) }
    }

    /// Whether a text is a lower-case one but for ASCII capitals.
    private static func equal(_ text: some Collection<UInt8>, _ lowercase: String) -> Bool {
        text.elementsEqual(lowercase.utf8) { byte, other in
            byte == other
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == other
        }
    }

    private static let administrative = "_vti_"
    private static let reservedLengthMin = 3
    private static let reservedLengthMax = "desktop.ini".utf8.count
    private static let reservedNames =
        [".lock", "con", "prn", "aux", "nul", "desktop.ini"]
        + (0...9).flatMap { ["com\($0)", "lpt\($0)"] }
}
