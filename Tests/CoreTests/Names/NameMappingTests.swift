import GraphSimulator
import Core
import Testing

@Suite struct NameMappingTests {
    /// The first ones as in the tables of rclone's documentation, "restricted filenames".
    @Test(arguments: [
        ("my file?.txt", "my file？.txt"), ("\"*:<>?\\|", "＂＊：＜＞？＼｜"), (" a", "␠a"), ("a ", "a␠"),
        ("a.", "a．"), ("~a", "～a"), ("~$a", "～$a"), ("a\nb\u{1}\u{1F}\u{7F}", "a␊b␁␟␡"),
        ("？", "‛？"),
        ("a␊", "a‛␊"), ("␠a", "‛␠a"), ("a．", "a‛．"), ("～a", "‛～a"), ("*＊", "＊‛＊"),
        // Characters that are only replaced at an end.
        ("  a  ", "␠ a ␠"), ("a..", "a.．"), ("...", "..．"), ("a~", "a~"), (".a", ".a"), (" ", "␠"),
        ("~", "～"), ("a␠b．c～", "a␠b．c～"), ("␠", "‛␠"), (" .", "␠．"),
        // Quotation marks.
        ("‛", "‛"), ("‛a", "‛a"), ("a‛", "a‛"), ("‛‛a‛‛", "‛‛a‛‛"), ("‛*", "‛‛＊"), ("‛＊", "‛‛‛＊"),
        ("‛‛*", "‛‛‛‛＊"), ("‛ a", "‛ a"), ("‛␠a", "‛‛␠a"), ("‛~a", "‛~a"), ("‛～a", "‛‛～a"),
        ("‛ ", "‛‛␠"), ("‛␠", "‛‛‛␠"), ("a‛.", "a‛‛．"), ("a‛．", "a‛‛‛．"),
        // Names that would be no names.
        ("．", "．"), ("‛.", "‛．"), ("‛．", "‛‛．"), (".．", ".．"), (".‛.", ".‛．"), (".‛．", ".‛‛．"),
        ("．．", "．‛．"), ("．.", "．．"), ("a／b", "a／b"), ("␀", "␀"), ("‛／", "‛／"),
        // Reserved names.
        ("CON", "‛CON"), ("con", "‛con"), ("‛con", "‛‛con"), (".lock", "‛.lock"), ("LPT9", "‛LPT9"),
        ("Desktop.ini", "‛Desktop.ini"), ("CON.txt", "CON.txt"), ("‛CONS", "‛CONS"),
        ("com10", "com10"),
        ("desktop.ini.", "desktop.ini．"), ("é漢😀.txt", "é漢😀.txt"), ("e\u{301}", "e\u{301}"),
    ])
    func maps(local: String, remote: String) throws {
        let name = try #require(Name(local))
        #expect(NameMapping.remoteName(for: name, atRoot: false) == .name(remote))
        #expect(NameMapping.localName(for: remote)?.bytes == Array(local.utf8))
    }

    @Test(
        arguments: [
            ("a_vti_b", false, .reserved("_vti_")), ("Forms", true, .reserved("forms")),
            (String(repeating: "x", count: 256), false, .tooLong(units: 256)),
            (String(repeating: "＊", count: 128), false, .tooLong(units: 256)),
        ] as [(String, Bool, NameProblem)])
    func hasNoFormFor(local: String, atRoot: Bool, problem: NameProblem) throws {
        let name = try #require(Name(local))
        #expect(NameMapping.remoteName(for: name, atRoot: atRoot) == .impossible(problem))
    }

    @Test func hasNoFormForBytesThatAreNotUTF8() throws {
        let name = try #require(Name([0x61, 0xFF]))
        #expect(NameMapping.remoteName(for: name, atRoot: false) == .impossible(.notUTF8))
    }

    @Test(
        "S63: no name from the service leads out of its directory",
        arguments: [
            "", ".", "..", "/", "a/b", "../a", "a/", "a\0b", "\0", "é/a", "漢\0", "‛/", "．/．",
        ])
    func refuses(remote: String) {
        #expect(NameMapping.localName(for: remote) == nil)
    }

    @Test(
        "What the service has against its own rules is shown as it is",
        arguments: [
            "con", "a.", "~a", "a*b", " a ", "~$a.docx", "_vti_cnf", "forms", "a\tb",
        ])
    func showsIllegalNames(remote: String) {
        #expect(NameMapping.localName(for: remote)?.string == remote)
    }

    // MARK: Properties

    private static let alphabet: [Unicode.Scalar] = [
        "‛", ".", "．", " ", "␠", "~", "～", "*", "＊", "a",
    ]

    @Test func goesOneToOneForAllShortNames() {
        for length in 1...4 {
            var indices = [Int](repeating: 0, count: length)
            repeat {
                var text = String.UnicodeScalarView()
                for index in indices { text.append(Self.alphabet[index]) }
                Self.checkBothWays(String(text))
            } while Self.advance(&indices)
        }
    }

    @Test(arguments: Array(UInt64(1)...20))
    func goesOneToOneForRandomNames(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pieces: [String] = [
            "‛", "‛‛", ".", "．", " ", "␠", "~", "～", "$", "\u{1}", "␁", "\u{7F}", "␡", "\\", "＼",
            ":", "：", "CON",
            "lpt1", ".lock", "desktop.ini", "_vti_", "forms", "é", "e\u{301}", "😀", "／", "␀", "a",
            "\u{338}", "<",
        ]
        for _ in 0..<200 {
            let count = Int.random(in: 1...6, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            Self.checkBothWays(text)
        }
    }

    /// Checks a text both as a name of the mount and as one of the cloud.
    private static func checkBothWays(_ text: String) {
        if let name = Name(text) {
            switch NameMapping.remoteName(for: name, atRoot: true) {
            case .name(let remote):
                if NameMapping.localName(for: remote) != name
                    || !NameRules.problems(of: remote, atRoot: true).isEmpty
                {
                    Issue.record("\(text) by \(remote)")
                }
            case .impossible(.reserved("_vti_")), .impossible(.reserved("forms")):
                break
            case .impossible(let problem):
                Issue.record("\(text): \(problem)")
            }
        }
        if NameRules.problems(of: text, atRoot: true).isEmpty {
            let name = NameMapping.localName(for: text)
            let remote = name.map { NameMapping.remoteName(for: $0, atRoot: true) }
            if case .name(let again) = remote, again.utf8.elementsEqual(text.utf8) { return }
            Issue.record("\(text) by \(name as Any) to \(remote as Any)")
        }
    }

    /// Counts on, with the alphabet as digits; false after the last number.
    private static func advance(_ digits: inout [Int]) -> Bool {
        for index in digits.indices {
            digits[index] += 1
            if digits[index] < alphabet.count { return true }
            digits[index] = 0
        }
        return false
    }
}
