/// A lock that is held, on one range.
package struct HeldLock: Hashable, Sendable {
    package var owner: LockOwner
    package var lock: FileLock
    /// When it was taken.
    package var since: Timestamp

    var range: ClosedRange<Int64> { lock.range }

    /// Whether it keeps another owner from this.
    func excludes(_ kind: LockKind, _ range: ClosedRange<Int64>, for owner: LockOwner) -> Bool {
        self.owner != owner && (lock.kind == .exclusive || kind == .exclusive)
            && lock.range.overlaps(range)
    }

    /// The same lock on fewer or more bytes.
    func on(_ range: ClosedRange<Int64>) -> HeldLock {
        var other = self
        other.lock.range = range
        return other
    }
}
