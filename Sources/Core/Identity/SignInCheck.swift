/// Whether a running client may go on with a sign-in that was made beside it.
///
/// With the tokens of another account all its files would look deleted.
package enum SignInCheck: Hashable, Sendable {
    case sameDrive
    case otherDrive
    /// The service does not say, for this reason.
    case unknown(String)

    /// Judges the answer to the question which drive the new tokens lead to.
    ///
    /// - Parameters:
    ///   - answer: The answer to ``GraphCall/drive``.
    ///   - known: The drive of the client; nil before it has learnt which that is.
    package init(_ answer: Result<GraphAnswer, TransportFailure>, known: DriveID?) {
        switch answer {
        case .failure(let failure): self = .unknown("\(failure)")
        case .success(.drive(let drive)):
            self = known == nil || known == drive.id ? .sameDrive : .otherDrive
        case .success(.failure(let failure)):
            // A library that these tokens may not see is not the one of before.
            let isHidden = failure.kind == .forbidden || failure.kind == .notFound
            self = isHidden ? .otherDrive : .unknown("\(failure)")
        case .success: self = .unknown("an unexpected answer")
        }
    }
}
