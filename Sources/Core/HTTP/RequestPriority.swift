/// How soon a request is started when there are more than may run at once.
///
/// A greater priority goes first; requests of equal priority go in the order of their arrival.
package enum RequestPriority: Int, Comparable, Hashable, Sendable, CaseIterable {
    /// Transfers that nobody waits for: uploads, pinned files, prefetch.
    case background
    /// What the user asked for and watches, such as `sync --wait`.
    case foreground
    /// Small questions and changes: listings, delta pages, renames, tokens.
    case metadata
    /// A program is blocked in `read(2)` until these bytes arrive.
    case waitingReader

    package static func < (left: RequestPriority, right: RequestPriority) -> Bool {
        left.rawValue < right.rawValue
    }
}
