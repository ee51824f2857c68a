import Core

/// Where a content file lies within the directory of all content files.
///
/// Ids are handed out in sequence, so neighbours share a directory: 1,024 files in a directory and
/// 1,024 directories in the one above. The path never depends on what the user calls the file.
struct ContentPath: Hashable {
    let id: GenerationID

    private static let bitsPerLevel: UInt64 = 10
    private static let nameLength = 16

    init(_ id: GenerationID) { self.id = id }

    /// Takes the id from the name of a file; nil for what no content file is called.
    init?(fileName: String) {
        guard fileName.utf8.count == Self.nameLength, let number = UInt64(fileName, radix: 16)
        else { return nil }
        id = GenerationID(rawValue: number)
        guard self.fileName == fileName else { return nil }
    }

    /// 16 lower-case hexadecimal digits.
    var fileName: String { Self.hexadecimal(id.rawValue, count: Self.nameLength) }

    /// The directory of the upper level.
    var upperDirectory: String {
        Self.hexadecimal(id.rawValue >> (2 * Self.bitsPerLevel), count: 1)
    }

    /// The directory that holds the file.
    var directory: String {
        let mask: UInt64 = 1 << Self.bitsPerLevel - 1
        let number = id.rawValue >> Self.bitsPerLevel & mask
        return "\(upperDirectory)/\(Self.hexadecimal(number, count: 3))"
    }

    var file: String { "\(directory)/\(fileName)" }

    /// At least this many digits; made with each file, so without strings in between.
    private static func hexadecimal(_ number: UInt64, count: Int) -> String {
        let digits = max(count, (67 - number.leadingZeroBitCount) / 4, 1)
        return String(unsafeUninitializedCapacity: digits) { buffer in
            for index in 0..<digits {
                let digit =
                    UInt8(truncatingIfNeeded: number >> UInt64(4 * (digits - 1 - index))) & 15
                buffer[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return digits
        }
    }
}
