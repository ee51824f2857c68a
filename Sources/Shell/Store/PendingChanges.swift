import Core

/// Names a place in the order of changes: everything up to it is to be written.
package struct CommitTicket: Hashable, Comparable, Sendable {
    let number: UInt64

    package static func < (left: CommitTicket, right: CommitTicket) -> Bool {
        left.number < right.number
    }
}

/// The changes that are not in the database yet, in order, and what became of those before.
///
/// Several threads hand in changes and wait for them. Whoever comes first writes all that is there
/// in one transaction; the others find it done. A transaction that failed leaves its changes here:
/// what is in memory and what is on disk must not drift apart.
struct PendingChanges: Sendable {
    /// In the order in which they were handed in; a batch stays until it is in the database.
    private var batches: [[RecordChange]] = []
    private var lastEnqueued: UInt64 = 0
    private var lastCommitted: UInt64 = 0
    /// How many transactions were begun.
    private var attempts: UInt64 = 0
    private var failure: Failure?

    private struct Failure {
        var attempt: UInt64
        var through: UInt64
        var error: StoreError
    }

    /// One transaction under way.
    struct Attempt {
        /// What is to be written, in order.
        let batches: [[RecordChange]]
        fileprivate let number: UInt64
        fileprivate let through: UInt64
    }

    /// What a waiter finds.
    enum Outcome {
        case committed
        /// The changes were part of a transaction that began after the waiter came, and failed.
        case failed(StoreError)
        case pending
    }

    /// How many changes wait to be written.
    var count: Int { batches.reduce(0) { $0 + $1.count } }

    /// The ticket of what was handed in last.
    var last: CommitTicket { CommitTicket(number: lastEnqueued) }

    /// Tells a waiter's arrival from those of others: see ``outcome(of:since:)``.
    var arrival: UInt64 { attempts }

    mutating func append(_ changes: [RecordChange]) -> CommitTicket {
        if !changes.isEmpty {
            batches.append(changes)
            lastEnqueued += 1
        }
        return last
    }

    func isCommitted(_ ticket: CommitTicket) -> Bool { ticket.number <= lastCommitted }

    func outcome(of ticket: CommitTicket, since arrival: UInt64) -> Outcome {
        if isCommitted(ticket) { return .committed }
        if let failure, failure.attempt > arrival, ticket.number <= failure.through {
            return .failed(failure.error)
        }
        return .pending
    }

    /// Begins a transaction of all that is pending.
    mutating func begin() -> Attempt {
        attempts += 1
        return Attempt(batches: batches, number: attempts, through: lastEnqueued)
    }

    mutating func succeed(_ attempt: Attempt) {
        batches.removeFirst(attempt.batches.count)
        lastCommitted = attempt.through
        failure = nil
    }

    mutating func fail(_ attempt: Attempt, with error: StoreError) {
        failure = Failure(attempt: attempt.number, through: attempt.through, error: error)
    }
}
