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
        let pattern = pattern
        var block = offset / UInt64(Self.blockLength)
        var inBlock = Int(offset % UInt64(Self.blockLength))
        var written = 0
        while written < destination.count {
            let twist = Self.twist(block)
            if inBlock == 0, destination.count - written >= Self.blockLength {
                for word in 0..<Self.wordsPerBlock {
                    // In bounds: a whole block fits. Unaligned stores are what this call is for.
                    destination.storeBytes(
                        of: (pattern[word] ^ twist).littleEndian, toByteOffset: written + word * 8,
                        as: UInt64.self)
                }
                written += Self.blockLength
            } else {
                let take = min(Self.blockLength - inBlock, destination.count - written)
                for index in inBlock..<(inBlock + take) {
                    let word = pattern[index / 8] ^ twist
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
        let pattern = pattern
        var residue = [UInt8](repeating: 0, count: Self.blockLength)
        for index in 0..<Self.blockLength {
            let word = (wholeBlocks % 2 == 1 ? pattern[index / 8] : 0) ^ folded
            residue[index] = UInt8(truncatingIfNeeded: word >> UInt64(8 * (index % 8)))
        }
        let lastTwist = Self.twist(wholeBlocks)
        for index in 0..<Int(count % UInt64(Self.blockLength)) {
            let word = pattern[index / 8] ^ lastTwist
            residue[index] ^= UInt8(truncatingIfNeeded: word >> UInt64(8 * (index % 8)))
        }
        return Self.hash(ofResidue: residue, length: count)
    }

    private var pattern: [UInt64] {
        var generator = SplitMix64(seed: seed)
        return (0..<Self.wordsPerBlock).map { _ in generator.next() }
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

    /// Hashes bytes already combined by their offset modulo 160, as the algorithm's description
    /// allows: the byte at offset *i* goes to bits 11·i … 11·i + 7, modulo 160.
    private static func hash(ofResidue residue: [UInt8], length: UInt64) -> QuickXorHash {
        var state = [UInt8](repeating: 0, count: 20)
        for (index, byte) in residue.enumerated() {
            let position = index * 11 % 160
            let shifted = UInt16(byte) << UInt16(position % 8)
            state[position / 8] ^= UInt8(truncatingIfNeeded: shifted)
            state[(position / 8 + 1) % 20] ^= UInt8(truncatingIfNeeded: shifted >> 8)
        }
        for index in 0..<8 {
            state[12 + index] ^= UInt8(truncatingIfNeeded: length >> UInt64(8 * index))
        }
        guard let hash = QuickXorHash(bytes: state) else {
            preconditionFailure("a quickXorHash has 20 bytes")
        }
        return hash
    }
}
