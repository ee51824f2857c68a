import GraphSimulator
import Core
import Testing

@Suite struct Base64Tests {
    /// The vectors of RFC 4648, section 10, and two that tell the alphabets apart.
    @Test(
        arguments: [
            ([], "", ""), (Array("f".utf8), "Zg==", "Zg"), (Array("fo".utf8), "Zm8=", "Zm8"),
            (Array("foo".utf8), "Zm9v", "Zm9v"), (Array("foob".utf8), "Zm9vYg==", "Zm9vYg"),
            (Array("fooba".utf8), "Zm9vYmE=", "Zm9vYmE"), ([0xFB, 0xFF], "+/8=", "-_8"),
            ([0, 0, 0, 0], "AAAAAA==", "AAAAAA"),
        ] as [([UInt8], String, String)])
    func encodesAndDecodes(bytes: [UInt8], standard: String, urlSafe: String) {
        #expect(Base64.encode(bytes) == standard)
        #expect(Base64.encode(bytes, urlSafe: true) == urlSafe)
        #expect(Base64.decode(standard) == bytes)
        #expect(Base64.decode(urlSafe, urlSafe: true) == bytes)
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAAAA", "AA=", "AA===", "=", "====", "AAA=A", "AA=A", "Zh==", "Zm9=",
        "-_8=", "Zm 9v", "Zm9v\n", "Zm9v=", "é",
    ])
    func refusesTheStandardForm(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["A", "AAAAA", "Zg==", "Zh", "Zm9", "+/8", "Zm9v "])
    func refusesTheURLSafeForm(text: String) {
        #expect(Base64.decode(text, urlSafe: true) == nil)
    }

    @Test(arguments: 0...100)
    func roundTrips(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let bytes = random.bytes(count: count)
        for urlSafe in [false, true] {
            #expect(
                Base64.decode(Base64.encode(bytes, urlSafe: urlSafe), urlSafe: urlSafe) == bytes)
        }
    }

    @Test(
        arguments: [
            ("", []), ("00fF", [0, 0xFF]), ("a", nil), ("0g", nil), ("0x00", nil), (" 00", nil),
        ] as [(String, [UInt8]?)])
    func readsHexadecimal(text: String, bytes: [UInt8]?) {
        #expect(Hexadecimal.decode(text) == bytes)
    }

    @Test func writesHexadecimal() {
        #expect(Hexadecimal.encode([0, 0x0A, 0xFF]) == "000aff")
    }
}
