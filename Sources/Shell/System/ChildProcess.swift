import Glibc

/// Another program that is started.
enum ChildProcess {
    /// Starts a program, without input or output, and collects it when it ends.
    ///
    /// - Returns: False if it cannot be started.
    static func start(_ arguments: [String]) -> Bool {
        guard let child = spawn(arguments) else { return false }
        // Waits for the process elsewhere: some browsers keep it until they are closed.
        _ = try? JoinableThread(name: String(arguments[0].prefix(15))) { _ = wait(for: child) }
        return true
    }

    /// Runs a program, without input or output, to its end.
    ///
    /// - Returns: Its exit status; nil if it cannot be started, or a signal ended it.
    static func run(_ arguments: [String]) -> Int32? {
        guard let child = spawn(arguments) else { return nil }
        let status = wait(for: child)
        // As WIFEXITED and WEXITSTATUS, which Swift does not see.
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }

    /// Where a program lies; nil if it is not there.
    ///
    /// - Parameters:
    ///   - program: Its name, which is looked for in `PATH`, or its path.
    ///   - others: Where it is looked for after that.
    /// - Returns: The path of the program.
    static func path(of program: String, besides others: [String] = []) -> String? {
        if program.contains("/") { return program }
        let search = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories = search.split(separator: ":").map(String.init) + others
        return directories.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func spawn(_ arguments: [String]) -> pid_t? {
        guard let program = arguments.first.flatMap({ path(of: $0) }) else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        // A client holds back the signals that end it: its children must not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        let status = withPointers(to: arguments) {
            posix_spawn(&process, program, &actions, &attributes, $0, environ)
        }
        return status == 0 ? process : nil
    }

    /// Lends an array of C strings that ends with a null pointer.
    private static func withPointers<Value>(
        to arguments: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = arguments.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}
