/// A plan as people and programs read it: every action with its path and its reason, in an order
/// that depends on nothing but the plan.
package struct PlanReport: Hashable, Sendable {
    package enum Side: String, Hashable, Comparable, Sendable {
        case cloud
        case device

        package static func < (left: Side, right: Side) -> Bool { left.rawValue < right.rawValue }
    }

    package struct Entry: Hashable, Sendable {
        package var side: Side
        /// What is done, in a word.
        package var action: String
        package var path: String
        /// Where it goes, for moves and copies.
        package var destination: String?
        /// How many bytes are transferred, or will be when the file is read.
        package var size: Int64?
        package var reason: Reason

        package init(
            side: Side, action: String, path: String, destination: String? = nil,
            size: Int64? = nil, reason: Reason
        ) {
            self.side = side
            self.action = action
            self.path = path
            self.destination = destination
            self.size = size
            self.reason = reason
        }
    }

    package struct Waiting: Hashable, Sendable {
        package var path: String
        package var reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    package var entries: [Entry]
    package var waiting: [Waiting]
    package var suspension: Suspension?

    package init(_ plan: Plan, of tree: Tree) {
        let paths = PlanPaths(tree)
        let cloud = plan.remote.flatMap { $0 }.map { Self.entry($0, tree, paths) }
        let device = plan.local.map { Self.entry($0, tree, paths) }
        entries = (cloud + device).sorted(by: Self.precedes)
        waiting = plan.deferred.map {
            Waiting(path: paths.path(of: $0.node), reason: $0.cause.text)
        }.sorted { ($0.path, $0.reason) < ($1.path, $1.reason) }
        suspension = plan.suspension
    }

    /// Adds what a later plan does in the cloud with some nodes.
    mutating func add(_ plan: Plan, of tree: Tree, only nodes: Set<NodeID>) {
        let paths = PlanPaths(tree)
        entries += plan.remote.flatMap { $0 }.filter { nodes.contains($0.node) }
            .map { Self.entry($0, tree, paths) }
        entries.sort(by: Self.precedes)
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        (left.side, left.path, left.action, left.destination ?? "")
            < (right.side, right.path, right.action, right.destination ?? "")
    }

    /// Whether there is nothing to do.
    package var isEmpty: Bool { entries.isEmpty && suspension == nil }

    private static func entry(
        _ action: Action<RemoteChange>, _ tree: Tree, _ paths: PlanPaths
    ) -> Entry {
        let node = action.node
        var entry = Entry(
            side: .cloud, action: "", path: paths.remotePath(of: node), reason: action.reason)
        switch action.change {
        case .createDirectory(let place):
            entry.action = "create folder"
            entry.path = paths.path(at: place)
        case .createFile(let place, let content):
            entry.action = "upload"
            entry.path = paths.path(at: place)
            entry.size = content.size
        case .replaceContent(let content, _):
            entry.action = "upload version"
            entry.size = content.size
        case .move(let place, _):
            entry.action = "move"
            entry.destination = paths.path(at: place)
        case .park(let name, _):
            entry.action = "park"
            entry.destination = name.string
        case .setTime: entry.action = "set time"
        case .delete: entry.action = "delete"
        }
        return entry
    }

    private static func entry(
        _ action: Action<LocalChange>, _ tree: Tree, _ paths: PlanPaths
    ) -> Entry {
        let node = action.node
        var entry = Entry(
            side: .device, action: "", path: paths.path(of: node), reason: action.reason)
        switch action.change {
        case .show(let place):
            entry.action = "show"
            entry.path = paths.path(at: place)
            entry.size = tree[node]?.remote.facts?.content?.size
        case .move(let place):
            entry.action = "move"
            entry.destination = paths.path(at: place)
        case .takeContent(let content):
            entry.action = "take version"
            entry.size = content.size
        case .takeTime: entry.action = "take time"
        case .remove: entry.action = "remove"
        case .keepBoth(let name):
            entry.action = "keep both"
            entry.destination = name.string
        case .detach: entry.action = "keep as new"
        }
        return entry
    }
}

/// The paths of nodes for a report.
///
/// Nodes that are not shown yet have one, too.
struct PlanPaths {
    /// Whose places count first.
    enum Side {
        case here
        case there
        case agreed
    }

    private let tree: Tree

    init(_ tree: Tree) { self.tree = tree }

    func path(of id: NodeID) -> String { path(of: id, on: .here) }

    /// The path in the cloud.
    func remotePath(of id: NodeID) -> String { path(of: id, on: .there) }

    func path(at place: Place, on side: Side = .here) -> String {
        let parent = path(of: place.parent, on: side)
        return (parent == "/" ? "" : parent) + "/" + place.name.string
    }

    private func path(of id: NodeID, on side: Side) -> String {
        path(of: id) { node in
            switch side {
            case .here: node.local ?? node.remote.facts ?? node.synced
            case .there: node.remote.facts ?? node.local ?? node.synced
            case .agreed: node.synced ?? node.local ?? node.remote.facts
            }
        }
    }

    private func path(of id: NodeID, _ facts: (Node) -> Facts?) -> String {
        var names: [String] = []
        var current = id
        var seen: Set<NodeID> = []
        // Between two trees a path may lead round in a circle.
        while current != .root, seen.insert(current).inserted {
            guard let place = tree[current].flatMap(facts)?.place else { break }
            names.append(place.name.string)
            current = place.parent
        }
        return "/" + names.reversed().joined(separator: "/")
    }
}
