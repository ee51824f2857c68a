/// What the command line asks of a running client: one JSON object on one line.
package enum ControlRequest: Hashable, Sendable {
    case status
    /// List who locks what.
    case locks
    /// Look for changes now; `waits` says whether the answer comes when both sides agree.
    case synchronize(waits: Bool)
    /// Let the deletions of a suspended plan happen.
    case approve
    /// What would be done so that both sides agree, as it is asked of the service now.
    case plan
    /// Send the traffic of the client, one exchange a line, until the connection is closed.
    case record
    /// Why the plan treats a path of the drive as it does.
    case explain([Name])
    /// Sync nothing until `resume`, also after a restart.
    case pause
    case resume
    /// List the conflict copies.
    case conflicts
    /// Keep the bytes of files, let them come on demand, or give their space back. The files are
    /// named by their inodes: names need not be text.
    case content(ContentOrder, [NodeID])
    /// The small picture that the service makes of a file.
    case thumbnail(NodeID)
    /// Answer when everything that is kept on this device is here.
    case awaitKept
    /// The tokens on the disk are others than before, or are gone.
    case signInChanged

    /// In bytes: no request is longer.
    package static let longest = 65536

    package var json: JSONValue {
        switch self {
        case .status: ["command": "status"]
        case .locks: ["command": "locks"]
        case .synchronize(let waits): ["command": "sync", "wait": .boolean(waits)]
        case .approve: ["command": "approve"]
        case .plan: ["command": "plan"]
        case .record: ["command": "record"]
        case .explain(let path):
            ["command": "explain", "path": .array(path.map { .string($0.string) })]
        case .pause: ["command": "pause"]
        case .resume: ["command": "resume"]
        case .conflicts: ["command": "conflicts"]
        case .awaitKept: ["command": "await-kept"]
        case .signInChanged: ["command": "sign-in-changed"]
        case .thumbnail(let node):
            ["command": "thumbnail", "inode": .integer(Int64(bitPattern: node.rawValue))]
        case .content(let order, let nodes):
            [
                "command": .string(order.rawValue),
                "inodes": .array(nodes.map { .integer(Int64(bitPattern: $0.rawValue)) }),
            ]
        }
    }

    package init?(_ json: JSONValue) {
        switch json["command"]?.string {
        case "status": self = .status
        case "locks": self = .locks
        case "sync": self = .synchronize(waits: json["wait"]?.boolean ?? false)
        case "approve": self = .approve
        case "plan": self = .plan
        case "record": self = .record
        case "explain":
            guard let names = json["path"]?.array?.map({ $0.string.flatMap(Name.init) }),
                names.allSatisfy({ $0 != nil })
            else { return nil }
            self = .explain(names.compactMap { $0 })
        case "pause": self = .pause
        case "resume": self = .resume
        case "conflicts": self = .conflicts
        case "await-kept": self = .awaitKept
        case "sign-in-changed": self = .signInChanged
        case "thumbnail":
            guard let inode = json["inode"]?.integer else { return nil }
            self = .thumbnail(NodeID(rawValue: UInt64(bitPattern: inode)))
        case let command?:
            guard let order = ContentOrder(rawValue: command),
                let inodes = json["inodes"]?.array?.map(\.integer),
                inodes.allSatisfy({ $0 != nil })
            else { return nil }
            self = .content(
                order, inodes.compactMap { $0 }.map { NodeID(rawValue: UInt64(bitPattern: $0)) })
        case nil: return nil
        }
    }
}

/// What the user wants of the bytes of files.
package enum ContentOrder: String, Hashable, Sendable, CaseIterable {
    /// Keep them on this device.
    case pin
    /// Let them come when they are read.
    case unpin
    /// Give their space back.
    case free
}
