import Foundation
import Glibc

/// What a user does in a shell with the program that is built beside the tests.
enum UserScript {
    /// Where the programs are that are built beside the tests.
    static let programs: String = {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = max(0, readlink("/proc/self/exe", &path, path.count))
        let tests = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "/" + tests.split(separator: "/").dropLast().joined(separator: "/")
    }()

    /// What came of a script.
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String

        var text: String { "status \(status)\n\(output)\(errors)" }
    }

    /// Starts a script in a directory.
    static func start(_ script: String, named name: String, in directory: TemporaryDirectory) throws
        -> Child
    {
        let text = """
            cd "\(directory.path)"
            unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME NOTIFY_SOCKET JOURNAL_STREAM WATCHDOG_PID
            export HOME="\(directory.path)" PATH="\(programs):$PATH"
            \(script)
            """
        try directory.write(Array(text.utf8), to: "\(name).script")
        return try Child("exec bash \"\(directory.path)/\(name).script\" </dev/null")
    }

    /// Runs a script of `bash` in which `onedrive` is the program, with a home of its own and nobody to
    /// be asked.
    static func run(_ script: String, in directory: TemporaryDirectory) async throws -> Outcome {
        try await onThread {
            let run = UUID().uuidString
            let raw = try start(
                "exec >\(run).out 2>\(run).err\n\(script)", named: run, in: directory
            ).wait()
            let text = { (name: String) throws in
                String(decoding: try directory.bytes(of: name), as: UTF8.self)
            }
            return Outcome(
                status: (raw >> 8) & 0xFF, output: try text(run + ".out"),
                errors: try text(run + ".err"))
        }
    }
}
