import GraphSimulator
import Core
import Testing

@Suite struct ConflictNameTests {
    static let hash = QuickXorHash.hash(of: Array("losing".utf8))

    /// The six digits that stand for ``hash``, as the function itself gives them.
    static let digits =
        ConflictName.parse(ConflictName.name(for: "a", host: "h", hash: hash))?.digits ?? ""

    @Test(arguments: [
        ("report.docx", "laptop", "report (conflict laptop HASH).docx"),
        ("noextension", "laptop", "noextension (conflict laptop HASH)"),
        (".bashrc", "laptop", ".bashrc (conflict laptop HASH)"),
        (".config.yml", "laptop", ".config (conflict laptop HASH).yml"),
        ("a.tar.gz", "laptop", "a.tar (conflict laptop HASH).gz"),
        ("Mr. Smith and others", "laptop", "Mr. Smith and others (conflict laptop HASH)"),
        ("a.averyveryverylongextension", "h", "a.averyveryverylongextension (conflict h HASH)"),
        ("ends.", "h", "ends. (conflict h HASH)"),
        ("é漢.txt", "my host/(1)", "é漢 (conflict my-host--1- HASH).txt"),
        ("a.txt", "", "a (conflict device HASH).txt"),
        (
            "a.txt", String(repeating: "h", count: 64),
            "a (conflict \(String(repeating: "h", count: 32)) HASH).txt"
        ),
        // Never a second suffix.
        ("a (conflict other 012abc).txt", "h", "a (conflict h HASH).txt"),
        ("a (conflict other 012abc)", "h", "a (conflict h HASH)"),
        ("a (conflict other 012ABC).txt", "h", "a (conflict other 012ABC) (conflict h HASH).txt"),
        ("a (conflict) 1.txt", "h", "a (conflict) 1 (conflict h HASH).txt"),
    ])
    func names(original: String, host: String, expected: String) throws {
        let name = try #require(Name(original))
        let copy = ConflictName.name(for: name, host: host, hash: Self.hash)
        let text = expected.split(separator: "HASH", omittingEmptySubsequences: false)
            .joined(separator: Self.digits)
        #expect(copy.string == text)
    }

    @Test(
        arguments: [
            "a", "a.txt", "a (conflict).txt", "a (conflict h).txt", "a (conflict h 12345).txt",
            "a (conflict h 1234567).txt", "a (conflict h 12345g).txt", "a (conflict h 12345A).txt",
            "a (conflict h i 123456).txt", "a (Conflict h 123456).txt", "a(conflict h 123456).txt",
            " (conflict h 123456).txt", "(conflict h 123456)", "a (conflict  123456).txt",
            "a (conflict h 123456).txt (1)",
            "a (conflict ü 123456).txt", "a (conflict h 123456",
        ] as [Name])
    func knowsOnlyItsOwn(name: Name) {
        #expect(ConflictName.parse(name) == nil)
    }

    @Test func isTakenApart() {
        let parts = ConflictName.parse("my report (conflict lap.top 00ff12).tar")
        #expect(parts?.original == "my report.tar")
        #expect(parts?.host == "lap.top")
        #expect(parts?.digits == "00ff12")
    }

    @Test func dependsOnTheWholeContent() {
        var content = [UInt8](repeating: 0, count: 200)
        var names: Set<Name> = []
        for index in content.indices {
            content[index] = 1
            names.insert(ConflictName.name(for: "a", host: "h", hash: .hash(of: content)))
            content[index] = 0
        }
        // Offsets that are equal modulo 160 are alike to the hash itself.
        #expect(names.count == 160)
    }

    @Test(arguments: Array(UInt64(1)...100))
    func keepsWithinTheLimits(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let scalars: [Unicode.Scalar] = ["a", "é", "漢", "😀", "*", "‛", "．", " "]
        let length = Int.random(in: 150...260, using: &random)
        var text = String.UnicodeScalarView()
        while String(text).utf8.count < length {
            text.append(scalars.randomElement(using: &random) ?? "a")
        }
        let name = try #require(Name(String(text) + ".txt"))
        let copy = ConflictName.name(for: name, host: "host", hash: Self.hash)
        let string = try #require(copy.utf8String, "cut within a character")
        let suffix = " (conflict host \(Self.digits))"
        #expect(string.hasSuffix(suffix + ".txt"))
        let stem = string.utf8.dropLast((suffix + ".txt").utf8.count)
        #expect(String(text).utf8.starts(with: stem))
        // At most the character that did not fit is missing.
        let whole = name.count + suffix.utf8.count
        #expect(whole <= 255 ? copy.count == whole : (252...255).contains(copy.count))
        #expect(ConflictName.name(for: copy, host: "host", hash: Self.hash) == copy)
        guard case .name(let remote) = NameMapping.remoteName(for: copy, atRoot: false) else {
            Issue.record("no name in the cloud for \(copy)")
            return
        }
        #expect(remote.utf16.count <= 255)
    }

    @Test func keepsBytesThatAreNotUTF8() throws {
        let name = try #require(Name([UInt8](repeating: 0xBF, count: 300) + Array(".txt".utf8)))
        let copy = ConflictName.name(for: name, host: "h", hash: Self.hash)
        #expect(copy.count <= 255 && copy.count > 250)
        #expect(copy.bytes.suffix(4) == Array(".txt".utf8)[...])
    }
}
