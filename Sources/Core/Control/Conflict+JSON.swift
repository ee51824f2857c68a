/// The form in which a conflict travels and is shown by `conflicts --json`; documented in
/// OPERATIONS.md.
extension Conflict {
    package var json: JSONValue {
        [
            "copy": copy.json,
            "original": original.map(\.json) ?? .null,
            "host": .string(host),
        ]
    }

    package init?(_ json: JSONValue) {
        guard let copy = json["copy"].flatMap(Version.init), let host = json["host"]?.string else {
            return nil
        }
        self.init(copy: copy, original: json["original"].flatMap(Version.init), host: host)
    }
}

extension Conflict.Version {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "bytes": .integer(size),
            "modified": .string(modified.rfc3339),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let path = json["path"]?.string, let size = json["bytes"]?.integer,
            let modified = json["modified"]?.string.flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(path: path, size: size, modified: modified)
    }
}
