/// How the requests of this run fared, and what went wrong last.
package struct RequestTally: Hashable, Sendable {
    /// Something that went wrong, as a user wants to know of it.
    package struct Mishap: Hashable, Sendable {
        package var time: Timestamp
        package var message: String
        /// What it was about; nil where it concerned no file, or it is not known.
        package var path: String?
    }

    package private(set) var sent = 0
    /// Answered as asked.
    package private(set) var answered = 0
    /// Refused, or answered with a failure.
    package private(set) var refused = 0
    /// Answered with the wish to be left alone for a while.
    package private(set) var throttled = 0
    /// Sent without an answer.
    package private(set) var lost = 0
    package private(set) var last: Mishap?

    mutating func noteSending() { sent += 1 }

    mutating func note(
        _ result: Result<GraphAnswer, TransportFailure>, about path: String?,
        at now: Timestamp
    ) {
        switch result {
        case .success(.failure(let failure)):
            if failure.kind == .throttled { throttled += 1 } else { refused += 1 }
            if failure.kind.isMishap {
                last = Mishap(time: now, message: "\(failure)", path: path)
            }
        case .success: answered += 1
        case .failure(let failure):
            lost += 1
            last = Mishap(time: now, message: "\(failure)", path: path)
        }
    }

    /// Something that is no matter of one request.
    mutating func note(_ message: String, about path: String? = nil, at now: Timestamp) {
        last = Mishap(time: now, message: message, path: path)
    }
}

extension GraphFailure.Kind {
    /// Whether it is no part of daily work, in which tokens end and others are faster.
    fileprivate var isMishap: Bool {
        switch self {
        case .unauthenticated, .notFound, .addressExpired, .nameTaken, .preconditionFailed, .gone,
            .rangeNotSatisfiable, .notSupported:
            false
        case .forbidden, .tooLarge, .locked, .throttled, .serverFault, .quota, .malware,
            .badRequest, .notGraph, .unreadable:
            true
        }
    }
}
