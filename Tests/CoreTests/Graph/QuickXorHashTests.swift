import GraphSimulator
import Core
import Foundation
import Testing

@Suite struct QuickXorHashTests {
    struct Vector: Decodable, CustomTestStringConvertible, Sendable {
        let name: String
        let length: Int
        let data_base64: String?
        let quickXorHash_base64: String
        let quickXorHash_hex: String

        var testDescription: String { name }

        /// The input: given, or the first bytes of the generator that the file describes.
        func input() throws -> [UInt8] {
            if let text = data_base64 { return try [UInt8](#require(Data(base64Encoded: text))) }
            var state: UInt32 = 12345
            return (0..<length).map { _ in
                state = (1_103_515_245 &* state &+ 12345) & 0x7FFF_FFFF
                return UInt8(truncatingIfNeeded: state >> 16)
            }
        }
    }

    static let vectors: [Vector] = {
        struct File: Decodable { let vectors: [Vector] }
        guard let bytes = try? Fixture.bytes("quickxor-vectors.json") else { return [] }
        return (try? JSONDecoder().decode(File.self, from: Data(bytes)))?.vectors ?? []
    }()

    @Test func theFixtureHoldsVectors() {
        #expect(Self.vectors.count == 15)
    }

    @Test(arguments: vectors)
    func hashesTheVector(_ vector: Vector) throws {
        let hash = QuickXorHash.hash(of: try vector.input())
        #expect(hash.base64 == vector.quickXorHash_base64)
        #expect(hash.hexadecimal == vector.quickXorHash_hex)
        #expect(QuickXorHash(base64: vector.quickXorHash_base64) == hash)
        #expect(QuickXorHash(bytes: hash.bytes) == hash)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func doesNotDependOnHowTheInputIsCut(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let input = random.bytes(count: 5000 + Int(seed))
        let whole = QuickXorHash.hash(of: input)
        for longest in [1, 7, 160, 161, 1000] {
            var hasher = QuickXorHasher()
            var rest = input[...]
            var cuts: [Int] = []
            while !rest.isEmpty {
                cuts.append(min(rest.count, Int.random(in: 0...longest, using: &random)))
                let piece = rest.prefix(cuts[cuts.count - 1])
                if cuts.count.isMultiple(of: 2) {
                    hasher.update(piece)
                } else {
                    piece.withUnsafeBytes { hasher.update($0) }
                }
                rest = rest.dropFirst(piece.count)
            }
            #expect(hasher.byteCount == UInt64(input.count))
            #expect(hasher.finish() == whole, "pieces of \(cuts)")
        }
    }

    @Test(arguments: [0, 1, 19, 20, 21, 159, 160, 161, 319, 320, 1000, 1601])
    func agreesWithTheDefinitionBitByBit(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let input = random.bytes(count: count)
        var state = [UInt8](repeating: 0, count: 20)
        for (index, byte) in input.enumerated() {
            for bit in 0..<8 where byte >> bit & 1 == 1 {
                let position = (11 * index + bit) % 160
                state[position / 8] ^= 1 << (position % 8)
            }
        }
        for index in 0..<8 {
            state[12 + index] ^= UInt8(truncatingIfNeeded: count >> (8 * index))
        }
        #expect(QuickXorHash.hash(of: input).bytes == state)
        var hasher = QuickXorHasher()
        hasher.update(sequence(state: input.makeIterator()) { $0.next() })
        #expect(hasher.finish().bytes == state)
    }

    @Test func goesOnAfterFinish() {
        var hasher = QuickXorHasher()
        #expect(hasher.finish() == .empty)
        hasher.update("hello ".utf8)
        #expect(hasher.finish() != .empty)
        hasher.update("world".utf8)
        #expect(hasher.finish().base64 == "aCgDG9jwBhDc4Q1yawMZAAAAAAA=")
    }

    @Test(arguments: [
        "", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAB=", "AAAAAAAAAAAAAAAAAAAAAAAAA-A=",
        " AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "AAAAAAAAAAAAAAAAAAAAAAAAAA==",
    ])
    func refusesWhatIsNotBase64OfTwentyBytes(text: String) {
        #expect(QuickXorHash(base64: text) == nil)
    }

    @Test(arguments: [0, 19, 21])
    func refusesOtherCountsOfBytes(count: Int) {
        #expect(QuickXorHash(bytes: [UInt8](repeating: 0, count: count)) == nil)
    }
}
