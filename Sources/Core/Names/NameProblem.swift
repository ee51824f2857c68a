/// Why OneDrive would refuse a name.
package enum NameProblem: Hashable, Sendable {
    /// The bytes are not UTF-8; OneDrive keeps text.
    case notUTF8
    /// No name at all, or one that means a directory itself: `.` or `..`.
    case notAName
    case character(Unicode.Scalar)
    case leadingSpace
    /// Refused before `$` always and otherwise for directories; so never sent.
    case leadingTilde
    case trailingSpaceOrDot
    /// Contains or is, whatever its case, this name that the service keeps for itself.
    case reserved(String)
    /// The name has this many UTF-16 units.
    case tooLong(units: Int)
    /// The path has this many UTF-16 units.
    case pathTooLong(units: Int)
}

extension NameProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notUTF8: "the name is not UTF-8"
        case .notAName: "the name is empty, '.' or '..'"
        case .character(let scalar) where scalar.value < 0x20 || scalar.value == 0x7F:
            "the name contains the control character 0x"
                + Hexadecimal.encode([UInt8(truncatingIfNeeded: scalar.value)])
        case .character(let scalar): "the name contains '\(scalar)'"
        case .leadingSpace: "the name begins with a space"
        case .leadingTilde: "the name begins with '~'"
        case .trailingSpaceOrDot: "the name ends in a space or a dot"
        case .reserved(let name): "OneDrive reserves the name '\(name)'"
        case .tooLong(let units):
            "the name has \(units) characters, more than \(NameRules.unitCountMax)"
        case .pathTooLong(let units):
            "the path has \(units) characters, more than \(NameRules.pathUnitCountMax)"
        }
    }
}
