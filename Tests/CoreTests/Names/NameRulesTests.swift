import Core
import Testing

@Suite struct NameRulesTests {
    @Test(
        arguments: [
            ("report.docx", []), ("a b.txt", []), (".hidden", []), ("a~b", []),
            ("#%&+{}[]'!;,=@^", []),
            ("é漢😀", []), ("...a", []), ("CON.txt", []), ("CONS", []), ("COM10", []), ("lock", []),
            ("forms", []), ("_vti", []), ("a\"b", [.character("\"")]), ("a*b*", [.character("*")]),
            (":<>", [.character(":"), .character("<"), .character(">")]), ("?", [.character("?")]),
            ("a\\b|c", [.character("\\"), .character("|")]), ("a\nb", [.character("\n")]),
            (
                "\u{1}\u{1F}\u{7F}",
                [.character("\u{1}"), .character("\u{1F}"), .character("\u{7F}")]
            ),
            (" a", [.leadingSpace]), ("a ", [.trailingSpaceOrDot]), ("a.", [.trailingSpaceOrDot]),
            (" ", [.leadingSpace, .trailingSpaceOrDot]), ("~a", [.leadingTilde]),
            ("~$a.docx", [.leadingTilde]), ("CON", [.reserved("con")]), ("Aux", [.reserved("aux")]),
            ("nul", [.reserved("nul")]), ("PRN", [.reserved("prn")]), ("com0", [.reserved("com0")]),
            ("LPT9", [.reserved("lpt9")]), (".Lock", [.reserved(".lock")]),
            ("Desktop.INI", [.reserved("desktop.ini")]), ("a_VTI_b", [.reserved("_vti_")]),
            (String(repeating: "x", count: 255), []),
            (String(repeating: "x", count: 256), [.tooLong(units: 256)]),
            (String(repeating: "😀", count: 128), [.tooLong(units: 256)]),
            (String(repeating: "漢", count: 255), []),
            (" *. ", [.character("*"), .leadingSpace, .trailingSpaceOrDot]),
        ] as [(String, [NameProblem])])
    func finds(text: String, problems: [NameProblem]) throws {
        let name = try #require(Name(text))
        #expect(NameRules.problems(of: text, atRoot: false) == problems)
        #expect(NameRules.problems(of: name, atRoot: false) == problems)
        #expect(NameRules.forbids(name, atRoot: false) == !problems.isEmpty)
    }

    @Test(arguments: ["", ".", ".."])
    func findsThatItIsNoName(text: String) {
        #expect(NameRules.problems(of: text, atRoot: false) == [.notAName])
    }

    @Test func findsASlash() {
        #expect(
            NameRules.problems(of: "a/b\0", atRoot: false) == [.character("/"), .character("\0")])
    }

    @Test func reservesFormsInTheRootOnly() {
        #expect(NameRules.problems(of: "Forms", atRoot: true) == [.reserved("forms")])
        #expect(NameRules.problems(of: "forms2", atRoot: true).isEmpty)
        #expect(NameRules.forbids("FORMS", atRoot: true))
        #expect(!NameRules.forbids("FORMS", atRoot: false))
    }

    @Test func refusesBytesThatAreNotUTF8() throws {
        let name = try #require(Name([0x61, 0xFF]))
        #expect(NameRules.problems(of: name, atRoot: false) == [.notUTF8])
    }

    @Test(
        arguments: [
            ([], nil), (["a"], nil), ([String](repeating: "1234567", count: 50), nil),
            ([String](repeating: "1234567", count: 50) + ["x"], .pathTooLong(units: 401)),
            ([String](repeating: "😀", count: 134), .pathTooLong(units: 401)),
        ] as [([String], NameProblem?)])
    func limitsPaths(names: [String], problem: NameProblem?) {
        #expect(NameRules.problem(ofPath: names) == problem)
    }

    @Test(
        arguments: [
            (.character("\n"), "the name contains the control character 0x0a"),
            (.character("*"), "the name contains '*'"),
            (.reserved("con"), "OneDrive reserves the name 'con'"),
            (.tooLong(units: 300), "the name has 300 characters, more than 255"),
        ] as [(NameProblem, String)])
    func saysWhy(problem: NameProblem, text: String) {
        #expect(problem.description == text)
    }
}
