/// Orders about the bytes of files, as the command line gives them.
extension Engine {
    /// Carries an order out for each file; the answer has one entry for each, in the same order.
    package mutating func carryOut(
        _ order: ContentOrder, _ nodes: [NodeID], at now: Timestamp
    ) -> JSONValue {
        ["version": 1, "results": .array(nodes.map { carryOut(order, $0, at: now) })]
    }

    private mutating func carryOut(
        _ order: ContentOrder, _ node: NodeID, at now: Timestamp
    ) -> JSONValue {
        do throws(PosixError) {
            switch order {
            case .pin:
                try pin(node, at: now)
                return ["path": .string(displayPath(of: node))]
            case .unpin:
                try unpin(node, at: now)
                return ["path": .string(displayPath(of: node))]
            case .free:
                let freed = try free(node, at: now)
                return [
                    "path": .string(displayPath(of: node)),
                    "files": .integer(Int64(freed.files)), "bytes": .integer(freed.size),
                    "kept": .array(freed.kept.map(\.json)),
                    "kept_count": .integer(Int64(freed.keptCount)),
                ]
            }
        } catch {
            return ["path": .string(displayPath(of: node)), "error": "it is not there any more"]
        }
    }
}

extension Engine.Freed.Kept {
    fileprivate var json: JSONValue {
        ["path": .string(path), "reason": .string(obstacle.text)]
    }
}
