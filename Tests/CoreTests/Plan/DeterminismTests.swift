import Core
import Foundation
import PlannerProof
import Testing

/// Core decides alone, and the same everywhere.
struct DeterminismTests {
    @Test("Core imports nothing: no Foundation, no Glibc, nothing of the shell")
    func imports() throws {
        let core = Fixture.repository.appending(path: "Sources/Core")
        let files = try #require(FileManager.default.enumerator(atPath: core.path))
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
        #expect(files.count > 50)
        for file in files {
            let text = try String(contentsOf: core.appending(path: file), encoding: .utf8)
            for line in text.split(separator: "\n") where line.contains("import ") {
                let words = line.split(separator: " ")
                guard let position = words.firstIndex(of: "import"),
                    words[..<position].allSatisfy({ $0.hasPrefix("@") || $0 == "package" })
                else { continue }
                // The part of the standard library that normalises strings needs asking for.
                #expect(words.last == "Swift", "\(file): \(line)")
            }
        }
    }

    @Test("two processes, which hash differently, make the same plans byte for byte")
    func processes() throws {
        let tool = URL(filePath: CommandLine.arguments[0])
            .deletingLastPathComponent().appending(path: "planner-proof")
        let first = try Self.output(of: tool)
        let second = try Self.output(of: tool)
        #expect(first.count > 100_000)
        #expect(first == second)
        #expect(first == Data(PlanSample.text(count: 200).utf8))
    }

    private static func output(of tool: URL) throws -> Data {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = tool
        process.arguments = ["plans"]
        process.standardOutput = pipe
        // Were hashing made the same in all processes, nothing would be shown.
        process.environment = ProcessInfo.processInfo.environment.filter {
            $0.key != "SWIFT_DETERMINISTIC_HASHING"
        }
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return data
    }
}
