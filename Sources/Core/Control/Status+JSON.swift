/// The form in which a status travels and is shown by `status --json`. Documented in OPERATIONS.md;
/// members are added, never changed or removed.
extension Status {
    package var json: JSONValue {
        [
            "version": 1,
            "connection": .string(connection.name),
            "sign_in_needed": signInMessage.map(JSONValue.string) ?? .null,
            "paused": .boolean(pause != nil),
            "pause_reason": pause.map { .string($0.rawValue) } ?? .null,
            "enumerated": .boolean(isEnumerated),
            "items": .integer(Int64(items)),
            "pending": .integer(Int64(pending)),
            "transfers": .array(transfers.map(\.json)),
            "waiting": .array(waiting.map(\.json)),
            "local_only": .array(localOnly.map(\.json)),
            "conflicts": .integer(Int64(conflicts)),
            "suspended": suspension.map(\.json) ?? .null,
            "quota": quota.map(\.json) ?? .null,
            "last_error": requests.last.map(\.json) ?? .null,
            "requests": requests.json,
            "pinned": .array(pinned.map { .string($0) }),
            "pinned_missing": .integer(Int64(pinnedMissing)),
            "cache": ["bytes": .integer(cachedBytes), "files": .integer(Int64(cachedFiles))],
        ]
    }

    private var signInMessage: String? {
        switch connection {
        case .online, .offline, .throttled: nil
        case .signInNeeded(let message): message
        }
    }
}

extension Status.Connection {
    package var name: String {
        switch self {
        case .online: "online"
        case .offline: "offline"
        case .throttled: "throttled"
        case .signInNeeded: "sign-in-needed"
        }
    }
}

extension Status.Transfer {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "activity": .string(activity),
            "done": progress.map { .integer($0.done) } ?? .null,
            "total": progress.map { .integer($0.total) } ?? .null,
        ]
    }
}

extension Status.Waiting {
    fileprivate var json: JSONValue { ["path": .string(path), "reason": .string(reason)] }
}

extension RequestTally {
    fileprivate var json: JSONValue {
        [
            "sent": .integer(Int64(sent)), "answered": .integer(Int64(answered)),
            "refused": .integer(Int64(refused)), "throttled": .integer(Int64(throttled)),
            "lost": .integer(Int64(lost)),
        ]
    }
}

extension RequestTally.Mishap {
    fileprivate var json: JSONValue {
        [
            "time": .string(time.rfc3339), "message": .string(message),
            "path": path.map(JSONValue.string) ?? .null,
        ]
    }
}

extension Suspension {
    package var json: JSONValue {
        [
            "local_deletions": .integer(Int64(localDeletions)),
            "remote_deletions": .integer(Int64(remoteDeletions)),
            "delete_guard": .integer(Int64(limit)),
        ]
    }
}

extension Quota {
    package var json: JSONValue {
        [
            "total": total.map(JSONValue.integer) ?? .null,
            "used": used.map(JSONValue.integer) ?? .null,
            "remaining": remaining.map(JSONValue.integer) ?? .null,
        ]
    }

    /// Reads what ``json`` gave.
    package init?(stored text: String) {
        guard let json = try? JSONValue(parsing: Array(text.utf8)) else { return nil }
        self.init(
            total: json["total"]?.integer, used: json["used"]?.integer,
            remaining: json["remaining"]?.integer)
    }
}
