/// What a lock keeps others from.
package enum LockKind: Hashable, Sendable {
    /// Other shared locks may be held beside it.
    case shared
    case exclusive
}

/// Who holds a lock, as the kernel numbers owners.
///
/// For locks of `fcntl(2)` a process, or an open file (OFD); for those of `flock(2)` an open file.
package struct LockOwner: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: LockOwner, right: LockOwner) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A lock on a range of bytes, as `fcntl(2)` knows it.
package struct FileLock: Hashable, Sendable {
    package var kind: LockKind
    /// The offsets of the first and the last byte; the last is `Int64.max` for all bytes to come.
    package var range: ClosedRange<Int64>
    /// The process that holds it or wants it.
    package var process: Int32

    package init(kind: LockKind, range: ClosedRange<Int64>, process: Int32) {
        self.kind = kind
        self.range = range
        self.process = process
    }
}

/// What a call does to locks.
package enum LockAction: Hashable, Sendable {
    case acquire(LockKind)
    case release
}
