/// A PNG file as its chunks (PNG specification, third edition, section 5): what is needed to read and
/// to write the notes inside, and nothing of the picture.
package struct PNGFile: Hashable, Sendable {
    /// The bytes of each chunk, with length, type and check.
    private var chunks: [ArraySlice<UInt8>]

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Length and type before the data of a chunk, and the check behind it, in bytes.
    private static let head = 8
    private static let tail = 4

    /// Takes a file apart; nil for what is no whole PNG file.
    package init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.signature) else { return nil }
        chunks = []
        var rest = bytes.dropFirst(Self.signature.count)
        while rest.count >= Self.head + Self.tail {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard length <= rest.count - Self.head - Self.tail else { return nil }
            let chunk = rest.prefix(length + Self.head + Self.tail)
            let check = chunk.suffix(Self.tail).reduce(0) { $0 << 8 | UInt32($1) }
            let checked = chunk.dropFirst(4).dropLast(Self.tail)
            guard CyclicRedundancyCheck.value(of: checked) == check else { return nil }
            chunks.append(chunk)
            rest = rest.dropFirst(chunk.count)
        }
        guard rest.isEmpty, let first = chunks.first, let last = chunks.last,
            Self.type(of: first) == "IHDR", Self.type(of: last) == "IEND"
        else { return nil }
    }

    package var bytes: [UInt8] { Self.signature + chunks.joined() }

    /// The notes inside, by their keywords; the first one where a keyword comes twice.
    package var notes: [String: String] {
        var notes: [String: String] = [:]
        for chunk in chunks {
            guard let (keyword, text) = Self.note(in: chunk), notes[keyword] == nil else {
                continue
            }
            notes[keyword] = text
        }
        return notes
    }

    /// Puts a note behind the header, in place of those with the same keyword.
    ///
    /// - Parameters:
    ///   - keyword: 1 to 79 characters of ASCII.
    ///   - text: ASCII.
    package mutating func setNote(_ keyword: String, _ text: String) {
        chunks.removeAll { Self.note(in: $0)?.keyword == keyword }
        let content = Array("tEXt".utf8) + Array(keyword.utf8) + [0] + Array(text.utf8)
        let chunk =
            Self.bigEndian(UInt32(content.count - 4)) + content
            + Self.bigEndian(CyclicRedundancyCheck.value(of: content))
        chunks.insert(chunk[...], at: 1)
    }

    private static func type(of chunk: ArraySlice<UInt8>) -> String {
        String(decoding: chunk.dropFirst(4).prefix(4), as: UTF8.self)
    }

    private static func note(
        in chunk: ArraySlice<UInt8>
    ) -> (keyword: String, text: String)? {
        guard type(of: chunk) == "tEXt" else { return nil }
        let data = chunk.dropFirst(head).dropLast(tail)
        guard let end = data.firstIndex(of: 0) else { return nil }
        return (
            String(decoding: data[..<end], as: UTF8.self),
            String(decoding: data[(end + 1)...], as: UTF8.self)
        )
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }
}
