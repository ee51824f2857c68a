import Glibc

/// Another program that is started and left to itself.
enum ChildProcess {
    /// Starts a program found in `PATH`, without input or output, and collects it when it ends.
    ///
    /// - Returns: False if it cannot be started.
    static func start(_ arguments: [String]) -> Bool {
        guard let program = arguments.first else { return false }
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
            posix_spawnp(&process, program, &actions, &attributes, $0, environ)
        }
        guard status == 0 else { return false }
        let child = process
        // Waits for the process elsewhere: some browsers keep it until they are closed.
        _ = try? JoinableThread(name: String(program.prefix(15))) {
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
        }
        return true
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
