@_spi(_Unicode) import Swift

/// What is left of a name when case and normal form are taken away: names with equal keys cannot lie
/// in one directory of OneDrive.
///
/// The key is the NFC of the bytes, each scalar folded as in Unicode's simple case folding, which
/// never makes two of one; bytes that are not UTF-8 stay as they are. Microsoft does not document
/// its folding. Where there is a choice, this one tells apart rather than together: names held
/// alike by mistake would make a directory unshowable, while a clash that was missed is answered by
/// the service with 409. So `Σ σ ς` are alike, and so are `ẞ ß`, but `ß` and `ss` differ, and `İ`
/// and `ı` stand alone.
package struct FoldKey: Hashable, Sendable {
    private let compact: CompactBytes

    init(_ name: Name) {
        compact =
            name.compact.isASCII
            ? CompactBytes(name.compact.withBytes { $0.map(Fold.lowercase) })
            : CompactBytes(name.compact.withBytes(Fold.foldedBytes))
    }

    package var bytes: [UInt8] { compact.array }

    fileprivate func hash(seed: UInt64) -> UInt64 { Fold.hash(compact, seed: seed) }
}

extension FoldKey: Comparable {
    /// Compares bytewise.
    package static func < (left: FoldKey, right: FoldKey) -> Bool { left.compact < right.compact }
}

extension FoldKey: CustomStringConvertible {
    package var description: String {
        compact.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension Name {
    package var foldKey: FoldKey { FoldKey(self) }
}

/// A hash that names with equal fold keys share; the same in every run.
///
/// Allocates nothing for an ASCII name.
package func foldHash(_ name: Name, seed: UInt64) -> UInt64 {
    name.compact.isASCII ? Fold.hash(name.compact, seed: seed) : name.foldKey.hash(seed: seed)
}

/// Whether OneDrive would hold two names to be one.
///
/// Allocates nothing if both are ASCII.
package func foldsEqual(_ left: Name, _ right: Name) -> Bool {
    if left == right { return true }
    // A name beyond ASCII may fold into it: the Kelvin sign to k.
    guard left.compact.isASCII, right.compact.isASCII else { return left.foldKey == right.foldKey }
    return left.withBytes { left in
        right.withBytes { right in
            left.count == right.count
                && left.elementsEqual(right) { Fold.lowercase($0) == Fold.lowercase($1) }
        }
    }
}

private enum Fold {
    static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Folds the well-formed parts and copies the others.
    static func foldedBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(bytes.count)
        var wellFormed: [Unicode.Scalar] = []
        wellFormed.reserveCapacity(bytes.count)
        var offset = 0
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        parsing: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                wellFormed.append(UTF8.decode(encoded))
                offset += encoded.count
            case .error(let length):
                append(wellFormed, to: &folded)
                wellFormed.removeAll(keepingCapacity: true)
                folded.append(contentsOf: bytes[offset..<offset + length])
                offset += length
            case .emptyInput:
                break parsing
            }
        }
        append(wellFormed, to: &folded)
        return folded
    }

    /// Appends the NFC of the folded NFC of scalars.
    private static func append(_ scalars: [Unicode.Scalar], to folded: inout [UInt8]) {
        var scalars = normalized(scalars)
        for index in scalars.indices { scalars[index] = Fold.folded(scalars[index]) }
        for scalar in normalized(scalars) {
            folded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    private static func normalized(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        if scalars.allSatisfy(CommonScalars.areNormal) { return scalars }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return Array(String(text)._nfc)
    }

    /// The lower case of the upper case, where each is one scalar: that is simple case folding but for
    /// `ı`, whose upper case is `I`, and for Cherokee, which is folded the other way round there.
    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if let folded = CommonScalars.folded(scalar) { return folded }
        if scalar == "ı" { return scalar }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return single(upper.properties.lowercaseMapping) ?? upper
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        let scalars = text.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }

    /// Hashes bytes, taking ASCII capitals for small letters, of which folded bytes have none.
    static func hash(_ bytes: CompactBytes, seed: UInt64) -> UInt64 {
        var hash = seed &* 0x9E37_79B9_7F4A_7C15
        bytes.forEachWord { word in
            hash = (hash ^ lowercase(word)) &* 0xBF58_476D_1CE4_E5B9
            hash ^= hash >> 29
        }
        hash = (hash ^ hash >> 32) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }

    /// Lowers the capitals among eight bytes and leaves bytes beyond ASCII alone.
    private static func lowercase(_ word: UInt64) -> UInt64 {
        let high: UInt64 = 0x8080_8080_8080_8080
        let everyByte: UInt64 = 0x0101_0101_0101_0101
        let ascii = word & ~high
        // The high bit of a byte is set from `A` on, and from behind `Z` on.
        let fromA = ascii &+ everyByte &* UInt64(0x80 - UInt8(ascii: "A"))
        let behindZ = ascii &+ everyByte &* UInt64(0x7F - UInt8(ascii: "Z"))
        return word | ((fromA ^ behindZ) & ~word & high) >> 2
    }
}

/// Blocks of scalars that names are mostly made of, for which no table needs to be asked.
private enum CommonScalars {
    /// Whether a string of such scalars alone is its own NFC: none is decomposed or composed, and
    /// none is a mark.
    static func areNormal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ..<"\u{300}",  // Latin
            "\u{400}"..."\u{482}",  // Cyrillic
            "\u{3041}"..."\u{3096}", "\u{30A1}"..."\u{30FA}",  // Hiragana and Katakana
            "\u{4E00}"..."\u{9FFF}",  // Han
            "\u{AC00}"..."\u{D7A3}":  // Hangul
            true
        default: false
        }
    }

    /// The folded form of a scalar of these blocks; nil for one of another.
    static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "A"..."Z", "À"..."Ö", "Ø"..."Þ", "А"..."Я": moved(scalar, by: 0x20)
        case "Ѐ"..."Џ": moved(scalar, by: 0x50)
        case ..<"µ", "¶"..."¿", "×", "ß"..."ÿ", "а"..."џ", "\u{3041}"..."\u{3096}",
            "\u{30A1}"..."\u{30FA}", "\u{4E00}"..."\u{9FFF}", "\u{AC00}"..."\u{D7A3}":
            scalar
        default: nil
        }
    }

    private static func moved(_ scalar: Unicode.Scalar, by distance: UInt32) -> Unicode.Scalar? {
        Unicode.Scalar(scalar.value + distance)
    }
}
