import Core

/// The columns of the table `node`, in their order.
enum NodeColumn: Int32 {
    case id, kind, scope, sides, parent, name, content, size, version, modified
    case permissions, changed, created, item, eTag, cTag, generation, apart

    /// The number of its parameter in ``insertion``.
    var parameter: Int32 { rawValue + 1 }

    private static let names = """
        id, kind, scope, sides, parent, name, content, size, version, modified, permissions, \
        changed, created, item, e_tag, c_tag, generation, apart
        """

    static let selection = "SELECT \(names) FROM node ORDER BY id"
    static let insertion = """
        INSERT OR REPLACE INTO node (\(names)) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}

/// The columns of the table `generation`, in their order.
enum GenerationColumn: Int32 {
    case id, node, size, present, lastUsed, item, content, sourceSize, version, cTag

    /// The number of its parameter in ``insertion``.
    var parameter: Int32 { rawValue + 1 }

    private static let names =
        "id, node, size, present, last_used, item, content, source_size, version, c_tag"

    static let selection = "SELECT \(names) FROM generation ORDER BY id"
    static let insertion =
        "INSERT OR REPLACE INTO generation (\(names)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

extension Scope {
    /// The value of the column `scope`: zero, or the reason to stay here.
    var column: Int64 {
        switch self {
        case .synced: 0
        case .localOnly(let reason): Int64(reason.rawValue)
        }
    }

    init?(column: Int64) {
        if column == 0 {
            self = .synced
        } else {
            guard let raw = UInt8(exactly: column), let reason = LocalOnlyReason(rawValue: raw)
            else { return nil }
            self = .localOnly(reason)
        }
    }
}
