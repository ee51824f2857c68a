/// Numbers and byte strings one after another, as they stand in a blob of the database.
///
/// Numbers take seven bits per byte, the lowest first, the high bit set on all but the last byte
/// (LEB128).
struct PackedBytes {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Negative numbers take ten bytes.
    mutating func append(_ number: Int64) { append(UInt64(bitPattern: number)) }

    /// Bytes whose count the reader knows.
    mutating func append(raw newBytes: [UInt8]) { bytes.append(contentsOf: newBytes) }

    /// Bytes behind their count.
    mutating func append(counted newBytes: [UInt8]) {
        append(UInt64(newBytes.count))
        bytes.append(contentsOf: newBytes)
    }
}

/// Reads what ``PackedBytes`` holds; every read is nil where the bytes make no sense.
struct PackedBytesReader {
    private var rest: UnsafeRawBufferPointer.SubSequence

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func unsigned() -> UInt64? {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            let bits = UInt64(byte & 0x7f)
            guard shift < 63 || (shift == 63 && bits <= 1) else { return nil }
            result |= bits << shift
            if byte & 0x80 == 0 { return result }
            shift += 7
        }
        return nil
    }

    mutating func signed() -> Int64? { unsigned().map { Int64(bitPattern: $0) } }

    mutating func raw(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func counted() -> [UInt8]? {
        guard let count = unsigned(), count <= UInt64(rest.count) else { return nil }
        return raw(Int(count))
    }
}
