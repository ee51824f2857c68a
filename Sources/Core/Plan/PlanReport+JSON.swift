/// The form of `plan --json`, in which a report also travels. Documented in OPERATIONS.md and by
/// Docs/schema/plan-1.json; members are added, never changed or removed.
extension PlanReport {
    package var json: JSONValue {
        let totals = PlanTotals(self)
        return [
            "version": 1,
            "actions": .array(entries.map(\.json)),
            "conflicts": .array(
                entries.filter(\.isConflict).map {
                    [
                        "path": .string($0.path),
                        "copy": $0.destination.map(JSONValue.string) ?? .null,
                        "reason": .string($0.reason.rawValue),
                    ]
                }),
            "waiting": .array(
                waiting.map { ["path": .string($0.path), "reason": .string($0.reason)] }),
            "suspended": suspension.map(\.json) ?? .null,
            "totals": [
                "actions": .integer(Int64(entries.count)),
                "upload_files": .integer(Int64(totals.up.files)),
                "upload_bytes": .integer(totals.up.bytes),
                "download_files": .integer(Int64(totals.down.files)),
                "download_bytes": .integer(totals.down.bytes),
            ],
        ]
    }

    /// Reads what ``json`` gives.
    package init?(_ json: JSONValue) {
        guard json["version"]?.integer == 1, let actions = json["actions"]?.array,
            let waits = json["waiting"]?.array
        else { return nil }
        entries = actions.compactMap(Entry.init)
        waiting = waits.compactMap { wait in
            guard let path = wait["path"]?.string, let reason = wait["reason"]?.string else {
                return nil
            }
            return Waiting(path: path, reason: reason)
        }
        suspension = json["suspended"].flatMap(Suspension.init)
        guard entries.count == actions.count, waiting.count == waits.count else { return nil }
    }
}

extension Suspension {
    package init?(_ json: JSONValue) {
        guard let local = json["local_deletions"]?.integer,
            let remote = json["remote_deletions"]?.integer,
            let limit = json["delete_guard"]?.integer
        else { return nil }
        self.init(
            localDeletions: Int(local), remoteDeletions: Int(remote), limit: Int(limit))
    }
}

extension PlanReport.Entry {
    var json: JSONValue {
        [
            "side": .string(side.rawValue), "action": .string(action), "path": .string(path),
            "destination": destination.map(JSONValue.string) ?? .null,
            "bytes": size.map(JSONValue.integer) ?? .null, "reason": .string(reason.rawValue),
        ]
    }

    init?(_ json: JSONValue) {
        guard let side = json["side"]?.string.flatMap(PlanReport.Side.init(rawValue:)),
            let action = json["action"]?.string, let path = json["path"]?.string,
            let reason = json["reason"]?.string.flatMap(Reason.init(rawValue:))
        else { return nil }
        self.init(
            side: side, action: action, path: path, destination: json["destination"]?.string,
            size: json["bytes"]?.integer, reason: reason)
    }

    /// Whether both versions of a file are kept.
    package var isConflict: Bool { action == "keep both" }
}
