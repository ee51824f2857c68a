import ArgumentParser

/// With what the program ends.
///
/// The numbers are those of `sysexits.h` where one fits; they are documented in OPERATIONS.md and
/// never change their meaning.
enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    /// `plan`: there is something to do.
    case somethingToDo = 2
    /// The service or the network cannot be reached.
    case unavailable = 69
    /// FUSE is missing, or the mount failed.
    case mount = 71
    /// A directory or file cannot be made or written.
    case cannotWrite = 73
    /// Another client uses the same system directory.
    case alreadyRunning = 75
    /// Nobody is signed in, or the sign-in is refused or has expired.
    case signIn = 77
    case configuration = 78

    var code: ExitCode { ExitCode(rawValue) }
}
