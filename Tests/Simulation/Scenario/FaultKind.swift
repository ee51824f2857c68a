/// What can go wrong between a client and the service, on the disk, or with the clock.
///
/// The words are those of the text form of a scenario.
package enum FaultKind: String, Hashable, Sendable, CaseIterable {
    // A request
    /// Done, and the connection breaks before the answer.
    case lostReply = "lost-reply"
    /// The connection breaks before everything was sent.
    case dropped
    case unreachable
    /// Done, and no answer comes in time.
    case timeout
    /// Done, and the answer is a 500.
    case doneThenFault = "done-then-fault"
    /// Not done; 503, with or without a wish to be left alone.
    case unavailable
    /// 429 with a `Retry-After` in seconds with a fraction.
    case throttled
    /// A page of HTML in place of the answer.
    case portal
    /// The body of the answer ends too early.
    case cutBody = "cut-body"
    case duplicateEntries = "duplicate-entries"
    case shuffledEntries = "shuffled-entries"
    /// 404 for what exists.
    case notFound = "not-found"
    case preconditionFailed = "precondition-failed"
    case lockedItem = "locked"
    case quota
    /// The bytes of a download are not those of the file, once.
    case corruptBytes = "corrupt-bytes"

    // The service
    /// Every place to go on from is forgotten: 410.
    case resync
    case expiredToken = "expired-token"
    /// The identity platform has trouble.
    case noToken = "no-token"
    case expiredSessions = "expired-sessions"
    /// A deletion is never told of, until a 410.
    case lostTombstone = "lost-tombstone"

    // This device
    /// The client ends, as by `kill -9`.
    case kill
    /// The machine loses power: what was not synchronised is lost, in part or wholly.
    case powerFailure = "power-failure"
    case clockJump = "clock-jump"
}
