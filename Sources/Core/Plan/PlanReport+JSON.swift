/// The form of `plan --json`. Documented in OPERATIONS.md; members are added, never changed or
/// removed.
extension PlanReport {
    package var json: JSONValue {
        [
            "version": 1,
            "actions": .array(entries.map(\.json)),
            "waiting": .array(
                waiting.map { ["path": .string($0.path), "reason": .string($0.reason)] }),
            "suspended": suspension.map(\.json) ?? .null,
            "totals": [
                "actions": .integer(Int64(entries.count)),
                "upload_bytes": .integer(uploadSize),
                "download_bytes": .integer(downloadSize),
            ],
        ]
    }

    /// How many bytes go up.
    package var uploadSize: Int64 {
        entries.filter { $0.side == .cloud }.reduce(0) { $0 + ($1.size ?? 0) }
    }

    /// How many bytes can come down, as they are read.
    package var downloadSize: Int64 {
        entries.filter { $0.side == .device }.reduce(0) { $0 + ($1.size ?? 0) }
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
}
