/// The names OneDrive refuses, written apart from the client's own rules so that a mistake in one
/// is found by the other.
enum ServerNameRules {
    /// Returns why `name` is refused, or `nil` if it is accepted.
    static func refusal(of name: String, inRoot: Bool, ofLibrary: Bool) -> GraphFailure? {
        let invalid = GraphFailure.invalidRequest(
            "The provided name cannot contain or be: \(name)", inner: "invalidPath")
        guard let first = name.utf8.first, let last = name.utf8.last else { return invalid }
        if name.utf16.count > 255 {
            return .invalidRequest("The name is too long.", inner: "pathIsTooLong")
        }
        if name.utf8.contains(where: isForbidden) { return invalid }
        if first == UInt8(ascii: " ") || last == UInt8(ascii: " ") || last == UInt8(ascii: ".") {
            return invalid
        }
        let lower = name.lowercased()
        if lower.hasPrefix("~$") || lower.contains("_vti_") || reserved.contains(lower) {
            return invalid
        }
        if inRoot, ofLibrary, lower == "forms" { return invalid }
        return nil
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0x7F: true
        case UInt8(ascii: "\""), UInt8(ascii: "*"), UInt8(ascii: ":"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "?"), UInt8(ascii: "/"), UInt8(ascii: "\\"),
            UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static let reserved: Set<String> = {
        var names: Set<String> = [".lock", "con", "prn", "aux", "nul", "desktop.ini"]
        for digit in 0...9 {
            names.insert("com\(digit)")
            names.insert("lpt\(digit)")
        }
        return names
    }()

    /// The longest path in UTF-16 units, from the root of the drive.
    static let pathLengthMax = 400
}
