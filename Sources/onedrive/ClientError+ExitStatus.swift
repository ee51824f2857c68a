import Shell

extension ClientError {
    /// With what the program ends for this reason.
    var exitStatus: ExitStatus {
        switch kind {
        case .configuration: .configuration
        case .alreadyRunning: .alreadyRunning
        case .cannotWrite: .cannotWrite
        case .mount: .mount
        case .signIn: .signIn
        case .unavailable: .unavailable
        case .other: .failure
        }
    }
}
