import Core
import Testing

@Suite struct FoldKeyTests {
    @Test(arguments: [
        ("readme.TXT", "README.txt"),
        ("A LONG NAME WITH CAPITALS.TXT", "a long name with capitals.txt"),
        ("É", "é"), ("e\u{301}", "\u{E9}"), ("E\u{301}t\u{E9}", "\u{E9}TE\u{301}"), ("Σας", "σασ"),
        ("ẞ", "ß"), ("Ǆ", "ǅ"), ("\u{212A}", "k"), ("\u{212B}", "å"), ("ſ", "S"), ("Ж", "ж"),
        ("\u{AC00}", "\u{1100}\u{1161}"), ("𐐀", "𐐨"), ("ᾼ", "ᾳ"), ("Ꭰ", "ꭰ"), ("Ა", "ა"),
        ("a\u{323}\u{307}", "A\u{307}\u{323}"),
    ])
    func foldsAlike(left: String, right: String) throws {
        let left = try #require(Name(left))
        let right = try #require(Name(right))
        #expect(left.foldKey == right.foldKey)
        #expect(foldsEqual(left, right))
        #expect(foldHash(left, seed: 7) == foldHash(right, seed: 7))
    }

    @Test(arguments: [
        ("a", "b"), ("a", "aa"), ("ß", "ss"), ("İ", "i"), ("İ", "i\u{307}"), ("ı", "i"), ("é", "e"),
        ("ﬀ", "ff"), ("Ａ", "A"), ("[", "{"), ("@", "`"), ("a\u{301}", "a\u{300}"),
        ("a long name with an a", "a long name with an b"),
    ])
    func tellsApart(left: String, right: String) throws {
        let left = try #require(Name(left))
        let right = try #require(Name(right))
        #expect(left.foldKey != right.foldKey)
        #expect(!foldsEqual(left, right))
        #expect(foldHash(left, seed: 7) != foldHash(right, seed: 7))
    }

    @Test(
        "Bytes that are not UTF-8 stay, and part what lies around them",
        arguments: [
            ([0xFF], [0xFF]), ([0x41, 0xC3], [0x61, 0xC3]),
            ([0xC3, 0x89, 0xFF, 0x41], [0xC3, 0xA9, 0xFF, 0x61]),
            ([0x65, 0xFF, 0xCC, 0x81], [0x65, 0xFF, 0xCC, 0x81]),
            ([0xE2, 0x82, 0x41], [0xE2, 0x82, 0x61]),
            ([0xED, 0xA0, 0x80, 0x42], [0xED, 0xA0, 0x80, 0x62]),
        ] as [([UInt8], [UInt8])])
    func keepsInvalidBytes(bytes: [UInt8], folded: [UInt8]) throws {
        #expect(try #require(Name(bytes)).foldKey.bytes == folded)
    }

    @Test(arguments: Array(UInt64(1)...20))
    func foldingIsStable(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let scalars: [Unicode.Scalar] = [
            "a", "B", "é", "É", "\u{301}", "\u{323}", "\u{345}", "Σ", "ς", "İ", "ß", "\u{212B}",
            "漢",
            "\u{1100}", "\u{1161}", "ǅ", "ﬀ", "ᾼ",
        ]
        for _ in 0..<100 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                text.append(scalars.randomElement(using: &random) ?? "a")
            }
            let name = try #require(Name(String(text)))
            let again = try #require(Name(name.foldKey.bytes))
            #expect(again.foldKey == name.foldKey, "\(name.bytes)")
            #expect(foldsEqual(again, name))
            #expect(foldHash(again, seed: seed) == foldHash(name, seed: seed))
        }
    }

    @Test func hashesDependOnTheSeedAndSpread() {
        let names = (0..<2000).compactMap { Name("file \($0).txt") }
        #expect(Set(names.map { foldHash($0, seed: 1) }).count == names.count)
        #expect(Set(names.map { foldHash($0, seed: 1) % 64 }).count == 64)
        #expect(Set((0..<1000).map { foldHash("a", seed: $0) }).count == 1000)
    }

    @Test func keysAreOrderedBytewise() {
        let names: [Name] = ["B", "a", "É", "Z", "e"]
        #expect(names.sorted { $0.foldKey < $1.foldKey } == ["a", "B", "e", "Z", "É"])
    }
}
