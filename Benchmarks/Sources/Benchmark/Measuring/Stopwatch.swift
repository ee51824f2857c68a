import Glibc

/// The seconds that some work takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    return (ContinuousClock.now - start) / .seconds(1)
}

/// Why something could not be measured.
struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// A system call that failed, with the reason.
    static func system(_ call: String, _ path: String = "") -> Problem {
        Problem("\(call) \(path): \(String(cString: strerror(errno)))")
    }
}

/// Asks until the answer is yes.
func wait(for what: String, within limit: Duration, _ isThere: () throws -> Bool) throws {
    let end = ContinuousClock.now + limit
    while try !isThere() {
        guard ContinuousClock.now < end else { throw Problem("\(what) did not come in \(limit)") }
        usleep(1000)
    }
}
