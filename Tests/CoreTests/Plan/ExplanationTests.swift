import Core
import PlannerProof
import Testing

/// What `plan --explain` says of a path.
struct ExplanationTests {
    private static func lines(_ path: [Name], _ text: String) throws -> [String] {
        let one = try PlanCase.cases(in: "", "=== case\n" + text)[0]
        let explanation = Explanation(of: path, in: one.tree, context: one.context)
        return ExplanationText.lines(explanation.json)
    }

    /// Without hashes and times, which are long and the same everywhere.
    private static func rules(_ path: [Name], _ text: String) throws -> [String] {
        try lines(path, text).filter { !$0.hasPrefix("  here:") && !$0.hasPrefix("  cloud:") }
            .filter { !$0.hasPrefix("  agreed:") }
    }

    @Test("an explanation names the three observations, the rule and the action")
    func whole() throws {
        let lines = try Self.lines(
            ["docs", "a"],
            """
            synced
              docs/ #2
                a = one @7 #3
            here
              docs/ #2
                b = one @7 #3
            cloud
              docs/ #2
                a = three @9 #3
            """)
        let one = QuickXorHash.hash(of: Array("one".utf8))
        let three = QuickXorHash.hash(of: Array("three".utf8))
        #expect(
            lines == [
                "/docs/b (file)",
                "  here:    /docs/b, 3 bytes, \(one), 1970-01-01T00:00:07Z",
                "  cloud:   /docs/a, 5 bytes, \(three), 1970-01-01T00:00:09Z",
                "  agreed:  /docs/a, 3 bytes, \(one), 1970-01-01T00:00:07Z",
                "  changes: here renamed; in the cloud edited",
                "  rule:    changed on one side only: the other side follows",
                "  action:  move in the cloud: /docs/a → /docs/b  [renamed or moved on this device]",
                "  action:  take version on this device: /docs/b  [edited in the cloud]",
            ])
    }

    private struct Case: CustomTestStringConvertible {
        var testDescription: String
        var path: [Name]
        var trees: String
        var expected: [String]
    }

    private static let cases = [
        Case(
            testDescription: "nothing to do", path: ["a"], trees: "synced\n  a = one #2",
            expected: [
                "/a (file)", "  changes: here none; in the cloud none",
                "  rule:    both sides agree", "  action:  none",
            ]),
        Case(
            testDescription: "unknown path", path: ["x", "y"], trees: "synced\n  a = one #2",
            expected: ["/x/y: neither this device nor the cloud knows this path."]),
        Case(
            testDescription: "edited on both sides", path: ["a"],
            trees: "synced\n  a = one #2\nhere\n  a = two #2\ncloud\n  a = three #2",
            expected: [
                "/a (file)", "  changes: here edited; in the cloud edited",
                "  rule:    both sides changed the bytes: the cloud's version keeps the name, "
                    + "the one of this device is kept beside it",
                "  action:  keep both on this device: /a → a (conflict laptop 8baa67)  "
                    + "[edited on both sides]",
            ]),
        Case(
            testDescription: "by the name in the cloud", path: ["c"],
            trees: "synced\n  a = one #2\nhere\n  b = one #2\ncloud\n  c = one #2",
            expected: [
                "/b (file)", "  changes: here renamed; in the cloud renamed",
                "  rule:    both sides renamed or moved it: the cloud's place is kept",
                "  action:  move on this device: /b → /c  "
                    + "[moved on both sides; the cloud's place is kept]",
            ]),
        Case(
            testDescription: "not observed", path: ["a"],
            trees: "synced\n  a = one #2\nhere\n  a = two #2\ncloud\n  #2 unknown",
            expected: [
                "/a (file)", "  changes: here edited; in the cloud not observed",
                "  rule:    not observed in the cloud: never a reason to change anything",
                "  waits:   the cloud has not told what it has of it",
            ]),
        Case(
            testDescription: "deleted with its directory", path: ["d", "a"],
            trees: "synced\n  d/ #2\n    a = one #3\nhere",
            expected: [
                "/d/a (file)", "  changes: here deleted; in the cloud none",
                "  rule:    deleted on one side, unchanged on the other: deleted there, too",
                "  action:  delete in the cloud together with /d",
            ]),
        Case(
            testDescription: "gone with its directory in the cloud", path: ["d", "a"],
            trees: "synced\n  d/ #2\n    a = one #3\nhere\n  d/ #2\n    a = two #3\ncloud\n"
                + "    a = one #3 in #2",
            expected: [
                "/d/a (file)", "  changes: here edited; in the cloud deleted",
                "  rule:    edited on one side, deleted on the other: the edit is kept",
                "  action:  upload in the cloud: /d/a  "
                    + "[edited on this device, deleted in the cloud; the edit is kept]",
                "  action:  keep as new on this device: /d/a  "
                    + "[edited on this device, deleted in the cloud; the edit is kept]",
            ]),
        Case(
            testDescription: "two nodes of one path", path: ["a"],
            trees: "synced\nhere\n  a = one #2\ncloud\n  a = one #3",
            expected: [
                "/a (file)", "  changes: here new; in the cloud none",
                "  rule:    new on both sides under one name, and the same: they become one",
                "  note:    what is new here is bound to the item",
                "",
                "/a (file)", "  changes: here none; in the cloud new",
                "  rule:    new on both sides under one name, and the same: they become one",
                "  note:    what is new here is bound to the item",
            ]),
        Case(
            testDescription: "held back by the guard", path: ["a"],
            trees: "synced\n  a = one #2\n  b = two #3\nhere\ncontext\n  guard 1",
            expected: [
                "/a (file)", "  changes: here deleted; in the cloud none",
                "  rule:    deleted on one side, unchanged on the other: deleted there, too",
                "  note:    'onedrive approve' lets the deletions happen",
                "  waits:   more deletions than delete_guard allows; see onedrive approve",
            ]),
        Case(
            testDescription: "a symbolic link", path: ["l"],
            trees: "synced\nhere\n  l #2 (symlink)",
            expected: [
                "/l (symbolic link)", "  changes: here new; in the cloud none",
                "  rule:    stays on this device (symbolic link)", "  action:  none",
            ]),
    ]

    @Test("each path is explained by the rule that applied", arguments: cases)
    private func explained(_ one: Case) throws {
        #expect(try Self.rules(one.path, one.trees) == one.expected)
    }

    @Test("a running client answers for any path of the drive")
    func request() throws {
        let request = ControlRequest.explain(["docs", "a b", "é"])
        #expect(ControlRequest(request.json) == request)
        #expect(ControlRequest(["command": "explain"]) == nil)
        #expect(ControlRequest(["command": "explain", "path": ["a", ".."]]) == nil)
        var world = EngineWorld()
        try world.write("a.txt", "one")
        world.settle()
        let explanation = world.engine.explanation(of: ["a.txt"], at: world.now)
        #expect(explanation.nodes.map(\.rules) == [[.agree]])
    }

    @Test(
        "a path counts from the mount, from the working directory in it, or from the drive's root",
        arguments: [
            ("/home/u/OneDrive/docs/a", "/", ["docs", "a"]),
            ("/docs/a/", "/home/u/OneDrive", ["docs", "a"]),
            ("a", "/home/u/OneDrive/docs", ["docs", "a"]),
            ("../b", "/home/u/OneDrive/docs", ["b"]),
            ("./docs//a", "/tmp", ["docs", "a"]),
            ("/", "/tmp", []),
            ("../..", "/home/u/OneDrive/docs", nil),
        ] as [(String, String, [Name]?)])
    func paths(argument: String, working: String, expected: [Name]?) {
        let names = DrivePath.names(
            argument, mountDirectory: "/home/u/OneDrive", workingDirectory: working)
        #expect(names == expected)
    }
}
