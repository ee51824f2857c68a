/// The name of a conflict copy: `stem (conflict HOST DIGITS).ext`.
///
/// It follows from the file's name, the device and the losing content alone: planning again after a
/// crash gives the same name, and the same content in conflict twice is one copy.
package struct ConflictName: Hashable, Sendable {
    /// The name of the file that the copy stems from, maybe shortened.
    package let original: Name
    /// The device that the losing version comes from.
    package let host: String
    /// Six hexadecimal digits that stand for the losing content.
    package let digits: String

    // The most bytes of a name on Linux; as many UTF-8 bytes are never more UTF-16 units.
    private static let byteCountMax = 255
    private static let hostLengthMax = 32
    private static let extensionLengthMax = 16
    private static let digitCount = 6

    /// The name for the losing version of a file.
    ///
    /// The extension is kept, and the stem cut at a character so that the name is not too long. The name
    /// of a conflict copy gets no second suffix but another one.
    package static func name(for name: Name, host: String, hash: QuickXorHash) -> Name {
        let original = parse(name)?.original.bytes ?? name.bytes
        let (stem, end) = split(original)
        let suffix = " (conflict \(cleaned(host)) \(digits(of: hash)))"
        let room = byteCountMax - suffix.utf8.count - end.count
        return Name(cut(stem, to: room) + Array(suffix.utf8) + end) ?? name
    }

    /// Takes the name of a conflict copy apart; nil for any other.
    package static func parse(_ name: Name) -> ConflictName? {
        let (stem, end) = split(name.bytes)
        guard stem.last == UInt8(ascii: ")"),
            let open = stem.lastIndex(of: UInt8(ascii: "(")), open > 1,
            stem[open - 1] == UInt8(ascii: " "),
            let original = Name(stem[..<(open - 1)] + end)
        else { return nil }
        let text = String(decoding: stem[(open + 1)..<(stem.count - 1)], as: UTF8.self)
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "conflict", String(words[1]) == cleaned(words[1]),
            words[2].utf8.count == digitCount, Hexadecimal.decode(words[2]) != nil,
            words[2] == words[2].lowercased()
        else { return nil }
        return ConflictName(original: original, host: String(words[1]), digits: String(words[2]))
    }

    /// Parts a name before its extension.
    ///
    /// What stands behind the last dot counts as one if it is short and without spaces, and if
    /// something stands in front of the dot.
    private static func split(_ bytes: [UInt8]) -> (stem: [UInt8], end: [UInt8]) {
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0,
            (1...extensionLengthMax).contains(bytes.count - dot - 1),
            !bytes[dot...].contains(UInt8(ascii: " "))
        else { return (bytes, []) }
        return (Array(bytes[..<dot]), Array(bytes[dot...]))
    }

    /// Shortens bytes without cutting a UTF-8 sequence.
    private static func cut(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        guard bytes.count > count else { return bytes }
        var end = count
        // A byte 10xxxxxx goes on with a sequence; there are three of them at most.
        while end > max(count - 3, 0), bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(bytes[..<end])
    }

    /// A host name without what names or this form cannot hold.
    private static func cleaned(_ host: some StringProtocol) -> String {
        let allowed = host.utf8.prefix(hostLengthMax).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
                byte
            default: UInt8(ascii: "-")
            }
        }
        return allowed.isEmpty ? "device" : String(decoding: allowed, as: UTF8.self)
    }

    /// Mixes all of a hash into 24 bits: its own first digits depend on a fifth of
    /// the content only.
    private static func digits(of hash: QuickXorHash) -> String {
        let mixed = hash.bytes.reduce(into: UInt64(0xCBF2_9CE4_8422_2325)) { state, byte in
            state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        let folded = mixed ^ mixed >> 24 ^ mixed >> 48
        return Hexadecimal.encode([16, 8, 0].map { UInt8(truncatingIfNeeded: folded >> $0) })
    }
}
