import GraphSimulator
import Core
import Testing

@Suite struct NameTests {
    @Test(
        "A directory entry cannot be called so",
        arguments: [[], [0x2E], [0x2E, 0x2E], [0x2F], [0], [0x61, 0x2F, 0x62], [0x61, 0]]
            as [[UInt8]])
    func refuses(bytes: [UInt8]) {
        #expect(Name(bytes) == nil)
        #expect(Name(String(decoding: bytes, as: UTF8.self)) == nil)
        #expect(Name(sequence(state: bytes.makeIterator()) { $0.next() }) == nil)
    }

    @Test(
        arguments: [
            [0x61], [0x2E, 0x2E, 0x2E], [0x2E, 0x61], [0xFF, 0xFE], [0x0A], [0x5C],
            Array(repeating: 0x78, count: 255), Array(repeating: 0xFF, count: 300),
        ] as [[UInt8]])
    func keepsBytes(bytes: [UInt8]) throws {
        let name = try #require(Name(bytes))
        #expect(name.bytes == bytes)
        #expect(name.count == bytes.count)
        #expect(Name(sequence(state: bytes.makeIterator()) { $0.next() }) == name)
    }

    @Test(arguments: 1...40)
    func keepsBytesOfEveryCount(count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        for _ in 0..<50 {
            let bytes = random.bytes(count: count).map { $0 == 0 || $0 == 0x2F ? 0x80 : $0 }
            guard let name = Name(bytes) else {
                #expect(bytes.allSatisfy { $0 == 0x2E })
                continue
            }
            #expect(name.bytes == bytes)
            #expect(name.withBytes(Array.init) == bytes)
            let other = bytes.dropLast() + [bytes[count - 1] ^ 0x40]
            #expect(Name(other) != name)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func isOrderedBytewise(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let lists: [[UInt8]] = (0..<300).map { _ in
            // Few values and common beginnings, so that the ends decide.
            let prefix = [0, 7, 14, 15, 20].randomElement(using: &random) ?? 0
            let tail = Int.random(in: 1...4, using: &random)
            return [UInt8](repeating: 0x61, count: prefix)
                + (0..<tail).map { _ in [1, 0x61, 0x80, 0xFF].randomElement(using: &random) ?? 1 }
        }
        let names = lists.compactMap { Name($0) }
        #expect(names.count == lists.count)
        let sorted = lists.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(names.sorted().map(\.bytes) == sorted)
        #expect(Set(names).count == Set(lists).count)
    }

    @Test func tellsSpellingsApart() {
        #expect("\u{E9}" as Name != "e\u{301}")
        #expect(Set(["\u{E9}", "e\u{301}"] as [Name]).count == 2)
    }

    @Test func showsWhatIsNotUTF8() throws {
        let name = try #require(Name([0x61, 0xFF, 0x62]))
        #expect(name.string == "a\u{FFFD}b")
        #expect("\(name)" == "a\u{FFFD}b")
        #expect(name.utf8String == nil)
        #expect(("é.txt" as Name).utf8String == "é.txt")
    }

    @Test func takesSixteenBytes() {
        #expect(MemoryLayout<Name>.size == 16)
        #expect(MemoryLayout<Name?>.size == 16)
        #expect(MemoryLayout<FoldKey>.size == 16)
    }
}
