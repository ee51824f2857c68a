/// A string of bytes other than NUL, in 16 bytes of memory when there are at most 15 of them.
///
/// Longer strings live in an array. Which form it is depends on the count alone, so equal strings
/// have equal forms.
struct CompactBytes: Hashable, Sendable {
    private let form: Form

    private enum Form: Hashable, Sendable {
        case short(ShortBytes)
        case long([UInt8])
    }

    /// - Precondition: none of the bytes is NUL.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        form =
            bytes.count <= ShortBytes.capacity
            ? .short(ShortBytes(UnsafeRawBufferPointer(bytes))) : .long(Array(bytes))
    }

    /// - Precondition: none of the bytes is NUL.
    init(_ bytes: [UInt8]) {
        form =
            bytes.count <= ShortBytes.capacity
            ? .short(bytes.withUnsafeBytes(ShortBytes.init)) : .long(bytes)
    }

    var isASCII: Bool {
        switch form {
        case .short(let bytes): bytes.isASCII
        case .long: allWords & 0x8080_8080_8080_8080 == 0
        }
    }

    /// All words combined bit by bit.
    private var allWords: UInt64 {
        var union: UInt64 = 0
        forEachWord { union |= $0 }
        return union
    }

    var array: [UInt8] {
        switch form {
        case .short(let bytes): bytes.withBytes { Array($0) }
        case .long(let bytes): bytes
        }
    }

    /// Hands on the bytes; allocates nothing.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch form {
        case .short(let bytes): bytes.withBytes(body)
        case .long(let bytes): bytes.withUnsafeBufferPointer(body)
        }
    }

    /// The bytes in words of eight, in the order of memory on a little-endian machine, the last word
    /// filled with zeros.
    @inline(__always)
    func forEachWord(_ body: (UInt64) -> Void) {
        switch form {
        case .short(let bytes):
            body(bytes.firstWord)
            if bytes.secondWord != 0 { body(bytes.secondWord) }
        case .long(let bytes):
            bytes.withUnsafeBytes { bytes in
                var offset = 0
                while offset + 8 <= bytes.count {
                    body(
                        UInt64(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: offset, as: UInt64.self)))
                    offset += 8
                }
                guard offset < bytes.count else { return }
                var word: UInt64 = 0
                for byte in bytes[offset...].reversed() { word = word << 8 | UInt64(byte) }
                body(word)
            }
        }
    }
}

extension CompactBytes: Comparable {
    static func < (left: CompactBytes, right: CompactBytes) -> Bool {
        if case .short(let left) = left.form, case .short(let right) = right.form {
            return left < right
        }
        return left.withBytes { left in right.withBytes { left.lexicographicallyPrecedes($0) } }
    }
}

/// At most 15 bytes other than NUL, those that are missing being zero.
///
/// The members lie without gaps, so that the first 15 bytes of memory are the bytes; the flag
/// has spare bits, in which the enumeration around it keeps its case.
private struct ShortBytes: Hashable, Sendable {
    private var low: UInt64 = 0
    private var middle: UInt32 = 0
    private var high: UInt16 = 0
    private var last: UInt8 = 0
    private(set) var isASCII = true

    static let capacity = 15

    /// - Precondition: at most 15 bytes.
    init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= Self.capacity)
        withUnsafeMutableBytes(of: &self) { memory in
            for (index, byte) in bytes.enumerated() { memory[index] = byte }
        }
        isASCII = (firstWord | secondWord) & 0x8080_8080_8080_8080 == 0
    }

    var firstWord: UInt64 { UInt64(littleEndian: low) }

    var secondWord: UInt64 {
        UInt64(UInt32(littleEndian: middle)) | UInt64(UInt16(littleEndian: high)) << 32
            | UInt64(last) << 48
    }

    private var count: Int {
        secondWord == 0
            ? 8 - firstWord.leadingZeroBitCount / 8 : 16 - secondWord.leadingZeroBitCount / 8
    }

    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let count = count
        return withUnsafeBytes(of: self) { memory in
            memory.withMemoryRebound(to: UInt8.self) {
                body(UnsafeBufferPointer(rebasing: $0[..<count]))
            }
        }
    }

    static func < (left: ShortBytes, right: ShortBytes) -> Bool {
        left.firstWord == right.firstWord
            ? left.secondWord.byteSwapped < right.secondWord.byteSwapped
            : left.firstWord.byteSwapped < right.firstWord.byteSwapped
    }
}
