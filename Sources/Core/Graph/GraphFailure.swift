/// A request that the service refused, or an answer that is none.
package struct GraphFailure: Error, Hashable, Sendable {
    package var kind: Kind
    /// The HTTP status.
    package var status: Int
    /// The innermost error code that is documented, or else the outer one.
    package var code: String?
    /// What the service says, in English and for logs; behaviour never depends on it.
    package var message: String
    /// How long it asks to be left alone.
    package var retryAfter: RetryAfter?

    package init(
        kind: Kind, status: Int, code: String? = nil, message: String = "",
        retryAfter: RetryAfter? = nil
    ) {
        self.kind = kind
        self.status = status
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// What a failure means, and so what is to be done about it.
    package enum Kind: Hashable, Sendable {
        /// The token is missing, expired or withdrawn: get another.
        case unauthenticated
        /// No permission, or a policy forbids it: nothing helps but a change by somebody.
        case forbidden
        /// There is no such thing; just after a change this may be wrong for minutes.
        case notFound
        /// The address of an upload session or of bytes has lost its power: get a new one.
        case addressExpired
        /// Another item has the name.
        case nameTaken
        /// The item is no longer as the request expects: look at it again.
        case preconditionFailed
        /// The place in the sequence of changes is lost: enumerate everything, from this address
        /// or from the beginning.
        case gone(Resync, location: String?)
        /// Larger than the service takes in this way.
        case tooLarge
        /// The bytes asked for or sent are not those expected: ask what is there.
        case rangeNotSatisfiable
        /// Somebody has it open or checked out: try again in minutes.
        case locked
        /// Too many requests: all stay away for a while.
        case throttled
        /// The service broke down over it; the request may have been carried out all the same.
        case serverFault
        /// This drive or cloud cannot do it.
        case notSupported
        /// The drive is full.
        case quota
        /// The service holds the content for malicious.
        case malware
        /// The request itself is wrong; repeating it is pointless.
        case badRequest
        /// Not an answer of Graph at all, but of something in between, such as the sign-in page of
        /// a network.
        case notGraph
        /// A success whose content makes no sense.
        case unreadable
    }

    /// What the service says about who wins when everything is enumerated anew.
    package enum Resync: Hashable, Sendable {
        /// The service: what it no longer lists is deleted, if it was in step before.
        case applyDifferences
        /// Nobody is known to: what it does not list goes up, and both versions are kept.
        case uploadDifferences
        /// Not said; to be treated like ``uploadDifferences``, which loses nothing.
        case unknown
    }
}

extension GraphFailure: CustomStringConvertible {
    package var description: String {
        let text = message.isEmpty ? "\(kind)" : message
        return code.map { "\(text) (\(status) \($0))" } ?? "\(text) (\(status))"
    }
}
