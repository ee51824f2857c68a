import Core
import PlannerProof
import Foundation
import Testing

/// The cases of `Fixtures/reconcile`.
///
/// With `RECORD=1` in the environment the expected plans are written anew.
struct PlanCaseTests {
    static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/reconcile")

    static let files: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".case") }.sorted()

    static func cases(in file: String) throws -> [PlanCase] {
        let text = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
        return try PlanCase.cases(in: file, text)
    }

    @Test("the plan of a case is as expected", arguments: files)
    func plans(file: String) throws {
        let cases = try Self.cases(in: file)
        #expect(!cases.isEmpty)
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Self.record(cases, in: file)
            return
        }
        for one in cases where one.actual != one.expected {
            Issue.record("\(one.testDescription)\n\(Self.difference(one.expected, one.actual))")
        }
    }

    @Test("there are cases")
    func isThere() { #expect(Self.files.count >= 5) }

    /// Lines that are missing with a minus, lines that are too many with a plus.
    private static func difference(_ expected: [String], _ actual: [String]) -> String {
        let changes = actual.difference(from: expected)
        var lines = expected.map { "  " + $0 }
        for change in changes.reversed() {
            if case .remove(let offset, let line, _) = change { lines[offset] = "- " + line }
        }
        let added = changes.compactMap { change -> String? in
            guard case .insert(_, let line, _) = change else { return nil }
            return "+ " + line
        }
        return (lines + added).joined(separator: "\n")
    }

    private static func record(_ cases: [PlanCase], in file: String) throws {
        var text = ""
        for one in cases {
            let source = one.source.reversed().drop { $0.isEmpty }.reversed()
            text += source.joined(separator: "\n") + "\nplan\n"
            for line in one.actual { text += "  \(line)\n" }
            text += "\n"
        }
        text.removeLast()
        try text.write(to: directory.appending(path: file), atomically: true, encoding: .utf8)
    }
}
