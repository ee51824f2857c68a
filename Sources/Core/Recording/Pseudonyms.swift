/// Replaces what nobody else may see of recorded traffic, the same thing by the same name each time,
/// so that a recording can be shown around and still be replayed.
///
/// Names of files and folders stay, but for e-mail addresses in them: what a plan does depends on
/// them. Everything else that is not known to be harmless goes.
package struct Pseudonyms: Sendable {
    /// What is replaced, and by what word.
    enum Kind: String, Hashable, Sendable {
        case secret
        case token
        case person
        case identity
        case value
        case tenant
        case transfer
        case guid
        case drive
    }

    private struct Original: Hashable {
        var kind: Kind
        var text: String
    }

    private struct Known {
        var bytes: [UInt8]
        var replacement: [UInt8]
        /// Whether letters of either case are the same.
        var foldsCase: Bool
    }

    private var numbers: [Original: Int] = [:]
    private var counts: [Kind: Int] = [:]
    /// Texts that are replaced wherever they stand, longest first.
    private var known: [Known] = []
    private static let shortestSecret = 6

    /// Begins with secrets that the client knows: they are replaced wherever they stand.
    package init(secrets: [String] = []) {
        for secret in secrets where secret.utf8.count >= Self.shortestSecret {
            know(secret, as: name(.secret, secret), foldsCase: false)
        }
    }

    /// The number of a thing, counted from one in the order of appearance.
    mutating func number(_ kind: Kind, _ text: String) -> Int {
        let original = Original(kind: kind, text: text)
        if let number = numbers[original] { return number }
        let number = counts[kind, default: 0] + 1
        counts[kind] = number
        numbers[original] = number
        return number
    }

    mutating func name(_ kind: Kind, _ text: String) -> String {
        // What is a pseudonym already stays: one thing may be met twice on its way.
        if Self.isPseudonym(text, kind) { return text }
        return "\(kind.rawValue)-\(number(kind, text))"
    }

    private static func isPseudonym(_ text: String, _ kind: Kind) -> Bool {
        text.hasPrefix(kind.rawValue + "-")
            && !text.dropFirst(kind.rawValue.count + 1).isEmpty
            && text.dropFirst(kind.rawValue.count + 1).utf8.allSatisfy(\.isDigit)
    }

    /// Remembers the id of a drive: it is a part of other ids, too.
    mutating func learn(drive id: String) {
        guard id.utf8.count >= 8 else { return }
        let isPersonal =
            id.utf8.count <= 16 && id.utf8.allSatisfy { Hexadecimal.value(of: $0) != nil }
        let whole = isPersonal ? DriveID(normalizing: id).rawValue : id
        guard !whole.hasPrefix("d00000000") && !whole.hasPrefix("b!drive-") else { return }
        guard numbers[Original(kind: .drive, text: whole)] == nil else { return }
        let number = number(.drive, whole)
        guard isPersonal else {
            return know(whole, as: "b!drive-\(number)", foldsCase: false)
        }
        let digits = String(number)
        let name = "d" + String(repeating: "0", count: 15 - digits.utf8.count) + digits
        know(whole, as: name, foldsCase: true)
        let short = String(whole.drop { $0 == "0" })
        if short != whole, short.utf8.count >= 8 { know(short, as: name, foldsCase: true) }
    }

    private mutating func know(_ text: String, as replacement: String, foldsCase: Bool) {
        known.append(
            Known(
                bytes: Array(text.utf8), replacement: Array(replacement.utf8),
                foldsCase: foldsCase))
        known.sort { $0.bytes.count > $1.bytes.count }
    }

    // MARK: Texts

    /// Any text, without known secrets, ids of drives, e-mail addresses, GUIDs, signed tokens and
    /// hosts of tenants.
    package mutating func text(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        var isInWord = false
        while index < bytes.count {
            if let (length, replacement) = replacement(in: bytes, at: index, isInWord) {
                result += replacement
                index += length
                isInWord = true
            } else {
                result.append(bytes[index])
                isInWord = TextPattern.isAlphanumeric(bytes[index])
                index += 1
            }
        }
        return result == bytes ? text : String(decoding: result, as: UTF8.self)
    }

    private mutating func replacement(
        in bytes: [UInt8], at index: Int, _ isInWord: Bool
    ) -> (length: Int, text: [UInt8])? {
        for entry in known where Self.matches(entry, bytes, index) {
            return (entry.bytes.count, entry.replacement)
        }
        guard !isInWord else { return nil }
        if let length = TextPattern.guid(bytes, at: index) {
            let original = Self.lowercased(bytes, index, length)
            if original.hasPrefix(Self.guidPrefix) { return nil }
            return (length, Array(guid(number(.guid, original)).utf8))
        }
        if let length = TextPattern.signedToken(bytes, at: index) {
            let original = String(decoding: bytes[index..<(index + length)], as: UTF8.self)
            return (length, Array(name(.token, original).utf8))
        }
        if let found = TextPattern.mailAddress(bytes, at: index) {
            let sign = found.isEscaped ? "%40" : "@"
            let original =
                Self.lowercased(bytes, index, found.localLength) + "@"
                + Self.lowercased(
                    bytes, index + found.length - found.domainLength,
                    found.domainLength)
            if original.hasSuffix("@example.invalid") { return nil }
            let name = "person-\(number(.person, original))\(sign)example.invalid"
            return (found.length, Array(name.utf8))
        }
        if let length = TextPattern.tenantHost(bytes, at: index) {
            let host = Self.lowercased(bytes, index, length)
            // A pseudonym stays as it is, as a whole.
            if host.hasPrefix("tenant-") { return (length, Array(host.utf8)) }
            let name = host.prefix { $0 != "." }
            let suffix = host.dropFirst(name.count)
            let isOfUsers = name.hasSuffix("-my")
            let tenant = String(isOfUsers ? name.dropLast(3) : name)
            let text = "tenant-\(number(.tenant, tenant))\(isOfUsers ? "-my" : "")\(suffix)"
            return (length, Array(text.utf8))
        }
        return nil
    }

    private static let guidPrefix = "00000000-0000-0000-0000-"

    private func guid(_ number: Int) -> String {
        let digits = String(number)
        return Self.guidPrefix + String(repeating: "0", count: max(12 - digits.utf8.count, 0))
            + digits
    }

    private static func matches(_ entry: Known, _ bytes: [UInt8], _ index: Int) -> Bool {
        guard index + entry.bytes.count <= bytes.count else { return false }
        for offset in entry.bytes.indices {
            let (one, two) = (entry.bytes[offset], bytes[index + offset])
            guard one == two || entry.foldsCase && lowercased(one) == lowercased(two) else {
                return false
            }
        }
        return true
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static func lowercased(_ bytes: [UInt8], _ start: Int, _ count: Int) -> String {
        String(decoding: bytes[start..<(start + count)].map(lowercased), as: UTF8.self)
    }
}
