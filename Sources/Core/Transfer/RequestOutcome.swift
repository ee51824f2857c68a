/// What became of a request, once for each that was submitted and not cancelled.
package enum RequestOutcome: Hashable, Sendable {
    /// The service answered. A failure among the answers is final: what could be tried again has
    /// been, as often as makes sense.
    case answer(GraphAnswer)
    /// The change may have been made, or not: the reply was lost, or says nothing. Only looking at
    /// the item tells.
    case ambiguous
    /// Nothing was done: there is no network, and whoever asked does not wait for it.
    case offline
    /// Nothing was done: the user has to sign in, and whoever asked does not wait for that.
    case signInNeeded
    /// Nothing was done: too many requests wait already.
    case busy
    /// Nothing was changed: no answer came, however often it was tried.
    case failed(TransportFailure)
}

/// Why the service counts as out of reach.
package enum OfflineCause: Hashable, Sendable {
    case transport(TransportFailure)
    /// Something in between answers in place of the service: the sign-in page of a network, or a
    /// proxy.
    case portal
    /// No access token could be had, for a reason that may pass; the text says which.
    case noToken(String)
}

extension OfflineCause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .transport(let failure): "\(failure)"
        case .portal: "the network answers with a page of its own; it may want you to sign in"
        case .noToken(let reason): reason
        }
    }
}

/// What became of the wish for an access token.
package enum TokenOutcome: Hashable, Sendable {
    /// There is a new one, which serves until then, if that is known.
    case obtained(until: Timestamp? = nil)
    /// Only the user can help. The text says why, and what to do.
    case refused(String)
    /// The identity platform was not reached, or had trouble of its own; it may say how long it
    /// wants to be left alone.
    case unavailable(String, retryAfter: RetryAfter? = nil)
}
