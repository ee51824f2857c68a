/// The hash by which OneDrive knows content: 160 bits, made to detect damage and nothing more.
///
/// Source: the QuickXorHash page of the Graph documentation; its note on a byte reversal is wrong,
/// the sample program and the service do none.
package struct QuickXorHash: Hashable, Sendable {
    // Bits 0–63, 64–127 and 128–159, the lowest bit of the lowest byte first.
    private(set) var low: UInt64
    private(set) var middle: UInt64
    private(set) var high: UInt32

    /// The number of bytes.
    package static let byteCount = 20

    /// The hash of no bytes at all.
    package static let empty = QuickXorHash(low: 0, middle: 0, high: 0)

    init(low: UInt64, middle: UInt64, high: UInt32) {
        self.low = low
        self.middle = middle
        self.high = high
    }

    /// Takes the hash from its bytes; nil unless there are 20.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self = .empty
        for (index, byte) in bytes.enumerated() { setByte(index, byte) }
    }

    /// Takes the hash from its bytes, without memory of its own; nil unless there are 20.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        low = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        middle = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// Reads the form that Graph sends; nil unless it is standard base64 of 20 bytes.
    package init?(base64: some StringProtocol) {
        self.init(base64UTF8: base64.utf8)
    }

    /// Reads base64 that is at hand as ASCII bytes, without memory of its own.
    package init?(base64UTF8 text: some Sequence<UInt8>) {
        self = .empty
        var count = 0
        let isValid = Base64.decode(utf8: text, urlSafe: false) { byte in
            if count < Self.byteCount { setByte(count, byte) }
            count += 1
        }
        guard isValid, count == Self.byteCount else { return nil }
    }

    /// Hashes bytes that are all at hand.
    package static func hash(of bytes: [UInt8]) -> QuickXorHash {
        var hasher = QuickXorHasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    package var bytes: [UInt8] { (0..<Self.byteCount).map(byte) }

    /// The form that Graph sends: standard base64, 28 characters.
    package var base64: String { Base64.encode((0..<Self.byteCount).lazy.map(byte)) }

    /// 40 lower-case digits.
    package var hexadecimal: String { Hexadecimal.encode((0..<Self.byteCount).lazy.map(byte)) }

    private func byte(_ index: Int) -> UInt8 {
        if index < 8 { return UInt8(truncatingIfNeeded: low >> UInt64(8 * index)) }
        if index < 16 { return UInt8(truncatingIfNeeded: middle >> UInt64(8 * (index - 8))) }
        return UInt8(truncatingIfNeeded: high >> UInt32(8 * (index - 16)))
    }

    private mutating func setByte(_ index: Int, _ byte: UInt8) {
        if index < 8 {
            low |= UInt64(byte) << UInt64(8 * index)
        } else if index < 16 {
            middle |= UInt64(byte) << UInt64(8 * (index - 8))
        } else {
            high |= UInt32(byte) << UInt32(8 * (index - 16))
        }
    }
}

extension QuickXorHash: CustomStringConvertible {
    package var description: String { base64 }
}

/// Hashes content that arrives in pieces, in order.
///
/// The place where a byte enters the hash repeats every 160 bytes. So the hasher only keeps the
/// exclusive or of all bytes whose offsets are equal modulo 160, which is done in whole words, and
/// ``finish()`` shifts those 160 bytes into place.
package struct QuickXorHasher: Sendable {
    /// How many bytes it has seen.
    package private(set) var byteCount: UInt64 = 0

    // The 160 bytes, at their offsets in memory.
    private var head = SIMD16<UInt64>.zero
    private var tail = SIMD4<UInt64>.zero

    private static let period = 160
    private static let headSize = 128

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        let misplaced = Int(byteCount % UInt64(Self.period))
        byteCount += UInt64(bytes.count)
        if misplaced > 0 {
            offset = min(Self.period - misplaced, bytes.count)
            add(UnsafeRawBufferPointer(rebasing: bytes[..<offset]), at: misplaced)
        }
        var head = head
        var tail = tail
        while bytes.count - offset >= Self.period {
            head ^= bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt64>.self)
            tail ^= bytes.loadUnaligned(
                fromByteOffset: offset + Self.headSize, as: SIMD4<UInt64>.self)
            offset += Self.period
        }
        self.head = head
        self.tail = tail
        add(UnsafeRawBufferPointer(rebasing: bytes[offset...]), at: 0)
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable {
            update(UnsafeRawBufferPointer($0))
        }
        if isDone == nil {
            for byte in bytes {
                xor(byte, at: Int(byteCount % UInt64(Self.period)))
                byteCount += 1
            }
        }
    }

    /// The hash of what came so far; more may follow.
    package func finish() -> QuickXorHash {
        var low: UInt64 = 0
        var middle = UInt64(truncatingIfNeeded: byteCount) << 32
        var high = UInt32(truncatingIfNeeded: byteCount >> 32)
        for residue in 0..<Self.period {
            let byte = byte(at: residue)
            let position = residue * 11 % Self.period
            switch position {
            case ..<64:
                low ^= UInt64(byte) << UInt64(position)
                if position > 56 { middle ^= UInt64(byte) >> UInt64(64 - position) }
            case ..<128:
                middle ^= UInt64(byte) << UInt64(position - 64)
                if position > 120 { high ^= UInt32(byte) >> UInt32(128 - position) }
            default:
                high ^= UInt32(byte) << UInt32(position - 128)
                if position > 152 { low ^= UInt64(byte) >> UInt64(160 - position) }
            }
        }
        return QuickXorHash(low: low, middle: middle, high: high)
    }

    /// Adds less than a period of bytes, the first of which has this offset modulo 160.
    private mutating func add(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        for (index, byte) in bytes.enumerated() { xor(byte, at: start + index) }
    }

    private mutating func xor(_ byte: UInt8, at residue: Int) {
        let word = UInt64(byte) << UInt64(8 * (residue % 8))
        if residue < Self.headSize {
            head[residue / 8] ^= word.littleEndian
        } else {
            tail[(residue - Self.headSize) / 8] ^= word.littleEndian
        }
    }

    private func byte(at residue: Int) -> UInt8 {
        let word =
            residue < Self.headSize
            ? head[residue / 8] : tail[(residue - Self.headSize) / 8]
        return UInt8(truncatingIfNeeded: UInt64(littleEndian: word) >> UInt64(8 * (residue % 8)))
    }
}
