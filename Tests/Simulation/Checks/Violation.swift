/// Something that must never be, and was.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        /// Everything comes to rest.
        case termination = "P1 termination"
        /// All mounts show what the cloud holds.
        case convergence = "P2 convergence"
        /// What was written is there, unless somebody who had seen it overwrote or deleted it.
        case noLoss = "P3 no loss"
        /// At rest there is nothing to do.
        case idempotence = "P4 idempotence"
        /// No more is deleted at once than the guard allows.
        case deleteGuard = "P9 delete guard"
        /// What a program writes to is left alone.
        case lock = "P12 lock respect"
        /// Nobody sees a mixture of versions, nor a version that never was.
        case wholeVersions = "whole versions"
        /// Nobody moves or takes away what he has not seen as it is.
        case unseen = "nothing unseen"
        /// Where only one device writes, everybody has in the end what it had.
        case sole = "nobody else's change"
        /// Where only one device writes there is nothing to be in conflict with.
        case needlessConflict = "no needless conflict"
        /// The invariants of the state hold after every step.
        case state = "state"
        /// Fails always: shows that failures are seen.
        case canary
    }

    package var rule: Rule
    package var message: String

    package var description: String { "\(rule.rawValue): \(message)" }
}
