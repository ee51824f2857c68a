import Foundation
import Simulation
import Testing

/// The list of `Docs/DESIGN.md`, section 12: every known way to lose files is there, and every test
/// that it names exists.
struct LossListTests {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let lines: [String] = {
        let page = try? String(
            contentsOf: repository.appending(path: "Docs/DESIGN.md"), encoding: .utf8)
        return (page ?? "").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("| T") || $0.hasPrefix("| L") }
    }()

    private static let identifiers =
        (1...58).map { $0 < 10 ? "T0\($0)" : "T\($0)" } + (1...12).map { "L\($0)" }

    @Test func everyWayIsListedOnce() {
        let listed = Self.lines.map { $0.split(separator: " ")[1] }
        #expect(listed.map(String.init) == Self.identifiers)
    }

    @Test(arguments: lines)
    func isTestedOrCannotHappen(line: String) throws {
        let names = line.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
        #expect(!names.isEmpty || line.contains("cannot happen"), "\(line)")
        for name in names { #expect(try Self.exists(name), "\(name)") }
    }

    private static func exists(_ name: String) throws -> Bool {
        if name.hasPrefix("mutant: ") {
            return Mutant.allCases.contains { "mutant: \($0)" == name }
        }
        if name.hasPrefix("case: ") {
            let title = "=== " + name.dropFirst("case: ".count)
            return try files("Fixtures/reconcile", ending: ".case").contains {
                $0.split(separator: "\n").contains { $0 == title }
            }
        }
        let parts = name.split(separator: ".")
        guard parts.count == 2 else { return false }
        return try files("Tests", ending: "/\(parts[0]).swift")
            .contains { $0.contains("func \(parts[1])(") }
    }

    private static func files(_ directory: String, ending end: String) throws -> [String] {
        let root = repository.appending(path: directory)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return try paths.filter { "/\($0)".hasSuffix(end) }
            .map { try String(contentsOf: root.appending(path: $0), encoding: .utf8) }
    }
}
