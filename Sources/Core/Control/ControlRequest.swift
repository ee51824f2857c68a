/// What the command line asks of a running client: one JSON object on one line.
package enum ControlRequest: Hashable, Sendable {
    case status
    /// Look for changes now; `waits` says whether the answer comes when both sides agree.
    case synchronize(waits: Bool)
    /// Let the deletions of a suspended plan happen.
    case approve

    /// In bytes: no request is longer.
    package static let longest = 4096

    package var json: JSONValue {
        switch self {
        case .status: ["command": "status"]
        case .synchronize(let waits): ["command": "sync", "wait": .boolean(waits)]
        case .approve: ["command": "approve"]
        }
    }

    package init?(_ json: JSONValue) {
        switch json["command"]?.string {
        case "status": self = .status
        case "sync": self = .synchronize(waits: json["wait"]?.boolean ?? false)
        case "approve": self = .approve
        default: return nil
        }
    }
}
