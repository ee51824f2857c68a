/// Small pictures that the service makes of files. They are no part of what is synced: the engine
/// asks where one lies, so that the question takes its turn among the others, and forgets the answer.
extension Engine {
    /// Asks where the service keeps the small picture of a file.
    ///
    /// ``takeThumbnail(_:)`` has the answer when the wait is over.
    package mutating func askThumbnail(
        of id: NodeID, at now: Timestamp
    ) throws(PosixError) -> (question: ThumbnailQuestion, wait: WaitID) {
        guard let node = tree[id], node.kind == .file, let item = node.item?.id else {
            throw .noEntry
        }
        if scheduler.isOffline { throw .networkUnreachable }
        let question = ThumbnailQuestion(number: newNumber(), node: id)
        let wait = wait(for: .thumbnail(question))
        submit(.thumbnailLocation(item), for: .thumbnail(question), .waitingReader, at: now)
        return (question, wait)
    }

    /// The answer to a question, once.
    package mutating func takeThumbnail(_ question: ThumbnailQuestion) -> ThumbnailAnswer? {
        thumbnails.removeValue(forKey: question)
    }

    mutating func thumbnailAnswered(_ question: ThumbnailQuestion, _ outcome: RequestOutcome) {
        // Whoever asked may have gone away.
        guard waits.isAwaited(.thumbnail(question)) else { return }
        let answer: ThumbnailAnswer =
            switch outcome {
            case .answer(.location(let url)): .lies(at: url)
            case .answer(.failure(let failure)) where failure.kind.meansNoThumbnail: .absent
            case .answer, .ambiguous, .offline, .signInNeeded, .busy, .failed:
                .failed(outcome.posixError)
            }
        thumbnails[question] = answer
        wake(.thumbnail(question))
    }
}

/// A question for the small picture of a file.
package struct ThumbnailQuestion: Hashable, Sendable {
    let number: UInt64
    let node: NodeID
}

/// What came of a question for a small picture.
package enum ThumbnailAnswer: Hashable, Sendable {
    /// At a pre-authenticated address.
    case lies(at: String)
    /// The service makes none of this file.
    case absent
    case failed(PosixError)
}

extension GraphFailure.Kind {
    /// Whether the service says in this way that it makes no picture of a file.
    fileprivate var meansNoThumbnail: Bool {
        switch self {
        case .notFound, .gone, .notSupported, .badRequest: true
        case .unauthenticated, .forbidden, .addressExpired, .nameTaken, .preconditionFailed,
            .rangeNotSatisfiable, .tooLarge, .locked, .throttled, .serverFault, .quota, .malware,
            .notGraph, .unreadable:
            false
        }
    }
}
