import Glibc

/// Standard input, output and errors.
enum StandardStreams {
    /// Opens those that whoever started the program has closed.
    ///
    /// The next files to be opened would get their numbers otherwise, and what is said to people would
    /// be written into them.
    static func open() {
        while true {
            let descriptor = Glibc.open("/dev/null", O_RDWR)
            guard descriptor > STDERR_FILENO else {
                if descriptor < 0 { return }
                continue
            }
            close(descriptor)
            return
        }
    }
}
