/// A pattern for names, with `*` for any bytes and `?` for one.
package struct NamePattern: Hashable, Sendable {
    package let text: String
    private let bytes: [UInt8]

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether the whole name matches.
    ///
    /// O(pattern × name) at worst.
    package func matches(_ name: Name) -> Bool {
        let name = name.bytes
        var (patternIndex, nameIndex) = (0, 0)
        // Where the last star stood, and how much of the name it has taken so far.
        var star: (pattern: Int, name: Int)?
        while nameIndex < name.count {
            if patternIndex < bytes.count, bytes[patternIndex] == 0x2A {
                star = (patternIndex, nameIndex)
                patternIndex += 1
            } else if patternIndex < bytes.count,
                bytes[patternIndex] == 0x3F || bytes[patternIndex] == name[nameIndex]
            {
                patternIndex += 1
                nameIndex += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                patternIndex = last.pattern + 1
                nameIndex = last.name + 1
            } else {
                return false
            }
        }
        return bytes[patternIndex...].allSatisfy { $0 == 0x2A }
    }
}
