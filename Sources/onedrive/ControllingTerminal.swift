import Glibc

/// The terminal that a program was started from, if any.
struct ControllingTerminal {
    private let wasThere = Self.isThere

    /// Whether it has been closed since.
    ///
    /// Its end sends SIGHUP, as `kill -HUP` does to have the configuration read again. A session that
    /// has lost its terminal cannot open `/dev/tty` any more (tty(4)).
    private var isGone: Bool { wasThere && !Self.isThere }

    /// Whether the program is to end because of that: whoever starts it with nohup(1) wants it to go on.
    var endsProgram: Bool { isGone && !Signals.wasIgnored(SIGHUP) }

    private static var isThere: Bool {
        let descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}
