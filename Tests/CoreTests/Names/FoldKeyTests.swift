import GraphSimulator
import Core
import Foundation
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

    @Test(
        "Shortcuts for common scalars agree with the definition",
        arguments: [
            0x80..<0x600, 0x1E00..<0x2200, 0x3000..<0x3100, 0x4DF0..<0x4E10, 0x9FF0..<0xA010,
            0xABF0..<0xAC10, 0xD790..<0xD7B0, 0xF900..<0xF910, 0xFF00..<0xFF60, 0x10400..<0x10450,
        ] as [Range<UInt32>])
    func foldsScalars(range: Range<UInt32>) {
        func single(_ text: String) -> Unicode.Scalar? {
            text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
        }
        for scalar in range.compactMap(Unicode.Scalar.init) {
            // A letter in front shows whether a mark would be composed with it.
            let text = "a\(scalar)b".precomposedStringWithCanonicalMapping
            var folded = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                let upper = single(scalar.properties.uppercaseMapping) ?? scalar
                let lower = single(upper.properties.lowercaseMapping) ?? upper
                folded.append(scalar == "ı" ? scalar : lower)
            }
            let expected = Array(String(folded).precomposedStringWithCanonicalMapping.utf8)
            if Name("a\(scalar)b" as String)?.foldKey.bytes != expected {
                Issue.record("U+\(String(scalar.value, radix: 16))")
            }
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
