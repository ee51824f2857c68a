/// The form of `plan --explain --json`, in which an explanation also travels. Documented in
/// OPERATIONS.md; members are added, never changed or removed.
extension Explanation {
    package var json: JSONValue {
        ["version": 1, "path": .string(path), "nodes": .array(nodes.map(\.json))]
    }
}

extension NodeExplanation {
    fileprivate var json: JSONValue {
        [
            "node": .integer(Int64(id.rawValue)),
            "path": .string(path),
            "kind": .string(kind.word),
            "here": here.json,
            "cloud": cloud.json,
            "cloud_observed": .boolean(cloud != .unknown),
            "agreed": agreed.json,
            "sent": sent.json,
            "stays_here": staysHere.map { .string($0.text) } ?? .null,
            "changed_here": .array(changeHere.words.map(JSONValue.string)),
            "changed_in_cloud": .array(changeThere.words.map(JSONValue.string)),
            "rules": .array(rules.map { .string($0.rawValue) }),
            "actions": .array(actions.map(\.json)),
            "deleted_with": deletedWith.map(JSONValue.string) ?? .null,
            "notes": .array(notes.map(JSONValue.string)),
            "waiting": .array(waiting.map { .string($0.text) }),
        ]
    }
}

extension NodeExplanation.Observed {
    fileprivate var json: JSONValue {
        switch self {
        case .absent, .unknown: .null
        case .present(let path, let content, let modified):
            [
                "path": .string(path),
                "bytes": content.map { .integer($0.size) } ?? .null,
                "content": content.map { .string($0.identityText) } ?? .null,
                "modified": .string(modified.rfc3339),
            ]
        }
    }
}

extension Content {
    fileprivate var identityText: String {
        switch self {
        case .hashed(let hash, _): "\(hash)"
        case .unhashed: "no hash"
        case .rewritten(let hash, _): "\(hash), written anew"
        case .edited: "not hashed yet"
        }
    }
}

extension Kind {
    fileprivate var word: String {
        switch self {
        case .directory: "folder"
        case .file: "file"
        case .symlink: "symbolic link"
        case .package: "package"
        }
    }
}
