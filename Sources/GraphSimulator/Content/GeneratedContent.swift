import Core

/// Content that is computed where it is read: as long as wished, and different for every seed.
///
/// Word *j* (8 bytes, little endian) of block *b* (160 bytes) is `pattern[j] ^ twist(b)`. The length
/// of a block is the period of quickXorHash, and `twist` is linear over GF(2), so that the hash of
/// gigabytes needs one block of work: blocks cancel out in pairs, and the twists add up to the twist
/// of the exclusive or of all block numbers.
struct GeneratedContent: Hashable, Sendable {
    let seed: UInt64
    let count: UInt64

    static let blockLength = 160
    private static let wordsPerBlock = 20

    /// Writes the bytes from `offset` on, as many as `destination` holds.
    func write(from offset: UInt64, into destination: UnsafeMutableRawBufferPointer) {
        // An array: the loop over whole blocks is vectorised with it, and is not with the inline one.
        let pattern = pattern
        let words = (0..<Self.wordsPerBlock).map { pattern[$0] }
        var block = offset / UInt64(Self.blockLength)
        var inBlock = Int(offset % UInt64(Self.blockLength))
        var written = 0
        while written < destination.count {
            let twist = Self.twist(block)
            if inBlock == 0, destination.count - written >= Self.blockLength {
                for word in 0..<Self.wordsPerBlock {
                    // In bounds: a whole block fits. Unaligned stores are what this call is for.
                    destination.storeBytes(
                        of: (words[word] ^ twist).littleEndian, toByteOffset: written + word * 8,
                        as: UInt64.self)
                }
                written += Self.blockLength
            } else {
                let take = min(Self.blockLength - inBlock, destination.count - written)
                for index in inBlock..<(inBlock + take) {
                    let word = words[index / 8] ^ twist
                    destination[written + index - inBlock] = UInt8(
                        truncatingIfNeeded: word >> UInt64(8 * (index % 8)))
                }
                written += take
                inBlock = 0
            }
            block += 1
        }
    }

    /// The quickXorHash of the whole, in constant time.
    var quickXorHash: QuickXorHash {
        let wholeBlocks = count / UInt64(Self.blockLength)
        let folded = Self.twist(Self.exclusiveOrBelow(wholeBlocks))
        let lastTwist = Self.twist(wholeBlocks)
        let tailLength = Int(count % UInt64(Self.blockLength))
        let pattern = pattern
        var state = InlineArray<21, UInt8>(repeating: 0)
        for word in 0..<Self.wordsPerBlock {
            // All whole blocks together, then the part of the last one that there is.
            var value = (wholeBlocks % 2 == 1 ? pattern[word] : 0) ^ folded
            let tailBytes = min(8, max(0, tailLength - 8 * word))
            let mask = tailBytes == 8 ? UInt64.max : (1 << UInt64(8 * tailBytes)) - 1
            value ^= (pattern[word] ^ lastTwist) & mask
            for byte in 0..<8 {
                Self.combine(
                    UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)), at: 8 * word + byte,
                    into: &state)
            }
        }
        // What was shifted over the end goes to the beginning.
        state[0] ^= state[20]
        for index in 0..<8 {
            state[12 + index] ^= UInt8(truncatingIfNeeded: count >> UInt64(8 * index))
        }
        guard let hash = QuickXorHash(bytes: (0..<20).map { state[$0] }) else {
            preconditionFailure("a quickXorHash has 20 bytes")
        }
        return hash
    }

    /// Adds a byte to a hash.
    ///
    /// The byte at offset *i* of a content goes to bits 11·i … 11·i + 7, modulo 160; `index` is its
    /// offset modulo 160. The last byte of `state` takes what passes the end.
    private static func combine(
        _ byte: UInt8, at index: Int, into state: inout InlineArray<21, UInt8>
    ) {
        let position = index * 11 % 160
        let shifted = UInt16(byte) << UInt16(position % 8)
        state[position / 8] ^= UInt8(truncatingIfNeeded: shifted)
        state[position / 8 + 1] ^= UInt8(truncatingIfNeeded: shifted >> 8)
    }

    private var pattern: InlineArray<20, UInt64> {
        var generator = SplitMix64(seed: seed)
        return InlineArray { _ in generator.next() }
    }

    /// A linear map over GF(2) (xorshift64): `twist(a) ^ twist(b) == twist(a ^ b)`.
    private static func twist(_ block: UInt64) -> UInt64 {
        var x = block
        x ^= x << 13
        x ^= x >> 7
        x ^= x << 17
        return x
    }

    /// Returns `0 ^ 1 ^ … ^ (count - 1)`.
    private static func exclusiveOrBelow(_ count: UInt64) -> UInt64 {
        guard count > 0 else { return 0 }
        let last = count - 1
        switch last % 4 {
        case 0: return last
        case 1: return 1
        case 2: return last + 1
        default: return 0
        }
    }
}
