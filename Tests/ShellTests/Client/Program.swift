import Core
import Glibc

/// What a program left when it ended.
struct Finished: Sendable {
    /// As a shell counts: the exit status, or 128 and the signal.
    let status: Int32
    let output: String
    let errors: String

    /// The lines of the output.
    var lines: [String] { output.split(separator: "\n").map { String($0) } }
}

/// Programs that tests run to their end.
enum Program {
    /// Runs a program; one that does not end within so many seconds, as a rule two minutes, is killed.
    static func run(
        _ arguments: [String], in directory: String, environment: [String: String] = [:],
        limit: Int = 120
    ) throws -> Finished {
        let output = try Self.scratch()
        defer { close(output) }
        let errors = try Self.scratch()
        defer { close(errors) }
        let process = try spawn(
            ["timeout", "-s", "KILL", "\(limit)"] + arguments, in: directory,
            environment: environment, output: output, errors: errors)
        let status = wait(process)
        return Finished(
            status: status, output: try text(output), errors: try text(errors))
    }

    /// Starts a program with no other descriptors than these.
    static func spawn(
        _ arguments: [String], in directory: String, environment: [String: String],
        output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        try LinuxCalls.close(from: 3, in: &actions)
        try LinuxCalls.change(to: directory, in: &actions)
        var variables = [
            "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
        ]
        variables.merge(environment) { $1 }
        let words = arguments.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var child = pid_t()
        let code = SpawnAttributes.withCleanSignals { attributes in
            posix_spawnp(&child, arguments[0], &actions, attributes, words, settings)
        }
        guard code == 0 else { throw PosixError(rawValue: code) }
        return child
    }

    /// Waits for the end of a child.
    static func wait(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }

    /// A file without a name.
    static func scratch() throws(PosixError) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder)/onedrive-test-XXXXXX".utf8CString)
        let descriptor = Int32(try Calls.check(Int(mkstemp(&path))))
        unlink(path)
        return descriptor
    }

    private static func text(_ descriptor: Int32) throws -> String {
        lseek(descriptor, 0, SEEK_SET)
        return String(decoding: try Calls.read(descriptor), as: UTF8.self)
    }
}
