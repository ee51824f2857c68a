/// What the command line asks of a running client: one JSON object on one line.
package enum ControlRequest: Hashable, Sendable {
    case status
    /// Look for changes now; `waits` says whether the answer comes when both sides agree.
    case synchronize(waits: Bool)
    /// Let the deletions of a suspended plan happen.
    case approve
    /// Why the plan treats a path of the drive as it does.
    case explain([Name])
    /// Sync nothing until `resume`, also after a restart.
    case pause
    case resume
    /// List the conflict copies.
    case conflicts

    /// In bytes: no request is longer.
    package static let longest = 65536

    package var json: JSONValue {
        switch self {
        case .status: ["command": "status"]
        case .synchronize(let waits): ["command": "sync", "wait": .boolean(waits)]
        case .approve: ["command": "approve"]
        case .explain(let path):
            ["command": "explain", "path": .array(path.map { .string($0.string) })]
        case .pause: ["command": "pause"]
        case .resume: ["command": "resume"]
        case .conflicts: ["command": "conflicts"]
        }
    }

    package init?(_ json: JSONValue) {
        switch json["command"]?.string {
        case "status": self = .status
        case "sync": self = .synchronize(waits: json["wait"]?.boolean ?? false)
        case "approve": self = .approve
        case "explain":
            guard let names = json["path"]?.array?.map({ $0.string.flatMap(Name.init) }),
                names.allSatisfy({ $0 != nil })
            else { return nil }
            self = .explain(names.compactMap { $0 })
        case "pause": self = .pause
        case "resume": self = .resume
        case "conflicts": self = .conflicts
        default: return nil
        }
    }
}
