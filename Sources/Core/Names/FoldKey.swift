@_spi(_Unicode) import Swift

/// What is left of a name when case and normal form are taken away: names with equal keys cannot lie
/// in one directory of OneDrive.
///
/// The key is the NFC of the bytes with each scalar folded by itself; bytes that are not UTF-8 stay
/// as they are. Microsoft does not document its folding. Where Unicode offers a choice, this one
/// tells apart rather than together: names held alike by mistake would make a directory
/// unshowable, while a clash that was missed is answered by the service with 409. So
/// - a scalar folds to the lower case of its upper case, where each is one scalar: `Σ σ ς` are alike,
///   and so are `ẞ ß`, but `ß` and `ss` differ, and `İ` stands alone;
/// - `ı` stands alone, as in Unicode's folding outside Turkish, though its upper case is `I`.
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
        var wellFormed = String.UnicodeScalarView()
        func fold() {
            folded.append(contentsOf: Fold.folded(String(wellFormed)).utf8)
            wellFormed = String.UnicodeScalarView()
        }
        var offset = 0
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        parsing: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                wellFormed.append(UTF8.decode(encoded))
                offset += encoded.count
            case .error(let length):
                fold()
                folded.append(contentsOf: bytes[offset..<offset + length])
                offset += length
            case .emptyInput:
                break parsing
            }
        }
        fold()
        return folded
    }

    private static func folded(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text._nfc { scalars.append(folded(scalar)) }
        var composed = String.UnicodeScalarView()
        for scalar in String(scalars)._nfc { composed.append(scalar) }
        return String(composed)
    }

    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
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
