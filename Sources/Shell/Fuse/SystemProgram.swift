import Glibc

/// A program of the system that is run for a moment.
struct SystemProgram: Sendable {
    let name: String

    var isInstalled: Bool { path != nil }

    /// Runs it, and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: What follows the name.
    ///   - isQuiet: Whether what it says is thrown away.
    /// - Returns: Whether it could be run and says that it worked.
    func run(_ arguments: [String], isQuiet: Bool = false) -> Bool {
        guard let path else { return false }
        var words = ([name] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if isQuiet {
            for output in [STDOUT_FILENO, STDERR_FILENO] {
                posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
            }
        }
        var child = pid_t()
        guard posix_spawn(&child, path, &actions, nil, &words, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return false }
        }
        return status == 0
    }

    private var path: String? {
        let search = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories = search.split(separator: ":").map(String.init) + ["/usr/bin", "/bin"]
        return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
