/// The form in which locks are listed by `locks --json`. Documented in OPERATIONS.md; members are
/// added, never changed or removed.
extension LockListing {
    package var json: JSONValue {
        [
            "version": 1,
            "locks": .array(entries.map(\.json)),
            "deferred": .array(deferred.map(\.json)),
            "remote": .array(remote.map(\.json)),
            "checkouts": .array(checkouts.map(\.json)),
        ]
    }
}

extension LockListing.Entry {
    fileprivate var json: JSONValue {
        [
            "path": .string(path),
            "family": family == .byteRange ? "fcntl" : "flock",
            "kind": lock.kind == .shared ? "shared" : "exclusive",
            "first": .integer(lock.range.lowerBound),
            "last": lock.range.upperBound == .max ? .null : .integer(lock.range.upperBound),
            "process": .integer(Int64(lock.process)),
            "state": isWaiting ? "waiting" : "held",
            "since": .string(since.rfc3339),
        ]
    }
}

extension LockListing.Deferred {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "reason": .string(reason),
            "until": until.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}

extension LockListing.CheckedOut {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "state": .string(state.rawValue),
            "since": .string(since.rfc3339),
            "until": until.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}
