import Foundation

/// Runs the `curl` program, so that the host is tested by a client that is not ours.
struct Curl {
    struct Result {
        let exitCode: Int32
        let output: Data

        var text: String { String(decoding: output, as: UTF8.self) }
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: output)) as? [String: Any] ?? [:]
        }
    }

    /// Runs curl with these arguments; `input` goes to its standard input (`--data-binary @-`).
    static func run(_ arguments: [String], input: Data? = nil) async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "--silent", "--noproxy", "*"] + arguments
        let output = FileManager.default.temporaryDirectory
            .appendingPathComponent("curl-" + UUID().uuidString)
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        let outputHandle = try FileHandle(forWritingTo: output)
        process.standardOutput = outputHandle
        process.standardError = FileHandle.nullDevice
        let inputFile = output.appendingPathExtension("in")
        defer { try? FileManager.default.removeItem(at: inputFile) }
        if let input {
            try input.write(to: inputFile)
            process.standardInput = try FileHandle(forReadingFrom: inputFile)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        let exitCode: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try outputHandle.close()
        return Result(exitCode: exitCode, output: try Data(contentsOf: output))
    }
}
