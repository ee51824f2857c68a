/// What a lock keeps others from.
package enum LockKind: Hashable, Sendable {
    /// Other shared locks may be held beside it.
    case shared
    case exclusive
}

/// The two kinds of advisory locks of Linux, which do not see each other.
package enum LockFamily: Hashable, Sendable, CaseIterable {
    /// Of `fcntl(2)`: ranges of bytes, held by a process or by an open file (OFD).
    ///
    /// The kernel passes both in the same way.
    case byteRange
    /// Of `flock(2)`: the whole file, held by an open file.
    case wholeFile
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

/// A lock on a range of bytes.
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

    /// All bytes, now and to come.
    package static let everything: ClosedRange<Int64> = 0...Int64.max
}

/// What a call does to locks.
package enum LockAction: Hashable, Sendable {
    case acquire(LockKind)
    case release
}
