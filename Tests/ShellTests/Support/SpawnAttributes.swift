import Glibc

/// How programs that tests start find the signals.
enum SpawnAttributes {
    /// Lends attributes with which a program begins with no signal blocked or ignored.
    ///
    /// Threads of tests block all signals, and whoever runs tests in the background has SIGINT and
    /// SIGQUIT ignored: programs would inherit both.
    static func withCleanSignals<Value>(
        _ body: (UnsafePointer<posix_spawnattr_t>) -> Value
    ) -> Value {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return body(&attributes)
    }
}
