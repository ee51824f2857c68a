/// Puts a plan into lines of text, in a stable order.
package struct PlanText {
    private let tree: Tree
    /// Whether node ids are written beside paths.
    private let showsIDs: Bool

    package init(_ tree: Tree, showsIDs: Bool = false) {
        self.tree = tree
        self.showsIDs = showsIDs
    }

    package func lines(_ plan: Plan) -> [String] {
        var lines: [String] = []
        if let suspension = plan.suspension { lines.append("suspended: \(suspension)") }
        for id in plan.adoptions { lines.append("agreed: \(path(of: id))") }
        for binding in plan.bindings {
            let other = showsIDs ? " = \(binding.remote)" : ""
            lines.append("the same on both sides: \(path(of: binding.local))\(other)")
        }
        for id in plan.hashes { lines.append("hash: \(path(of: id))") }
        for action in plan.local {
            lines.append("here: \(line(action))")
        }
        for (layer, actions) in plan.remote.enumerated() {
            for action in actions { lines.append("cloud \(layer + 1): \(line(action))") }
        }
        for deferral in plan.deferred {
            lines.append("waits: \(path(of: deferral.node)) (\(deferral.cause))")
        }
        return lines
    }

    // MARK: Changes

    package func line(_ action: Action<LocalChange>) -> String {
        "\(text(action.change, action.node)) (\(action.reason.rawValue))"
    }

    package func line(_ action: Action<RemoteChange>) -> String {
        "\(text(action.change, action.node)) (\(action.reason.rawValue))"
    }

    private func text(_ change: LocalChange, _ id: NodeID) -> String {
        switch change {
        case .show(let place): "show \(path(of: place, id))"
        case .move(let place): "move \(path(of: id)) to \(path(of: place))"
        case .takeContent(let content): "take \(path(of: id)), \(content.size) bytes"
        case .takeTime(let time): "set the time of \(path(of: id)) to \(time.rfc3339)"
        case .remove: "remove \(path(of: id))"
        case .keepBoth(let name):
            "take \(path(of: id)), and keep the version of this device as \(Self.printable(name))"
        case .detach: "keep \(path(of: id)) as a new item"
        }
    }

    private func text(_ change: RemoteChange, _ id: NodeID) -> String {
        switch change {
        case .createDirectory(let place): "make directory \(path(of: place, id))"
        case .createFile(let place, let content):
            "upload \(path(of: place, id)), \(content.size) bytes"
        case .replaceContent(let content, _): "upload \(path(of: id)), \(content.size) bytes"
        case .move(let place, _): "move \(cloudPath(of: id)) to \(path(of: place))"
        case .park(let name, _):
            "rename \(cloudPath(of: id)) to \(Self.printable(name)) for a moment"
        case .setTime(let time, _): "set the time of \(path(of: id)) to \(time.rfc3339)"
        case .delete: "delete \(cloudPath(of: id))"
        }
    }

    // MARK: Paths

    /// The path in the mount, or in the cloud where the mount does not show the node.
    func path(of id: NodeID) -> String { path(of: id, placed: Self.placeHere) }

    /// The path in the cloud, or in the mount where the cloud does not hold the node.
    private func cloudPath(of id: NodeID) -> String { path(of: id, placed: Self.placeThere) }

    func path(of place: Place) -> String { path(of: place, placed: Self.placeHere) }

    private func path(of place: Place, _ id: NodeID) -> String {
        path(of: place) + (showsIDs ? " \(id)" : "")
    }

    private func path(of id: NodeID, placed: (Node) -> Place?) -> String {
        guard id != .root else { return "/" }
        guard let place = tree[id].flatMap(placed) else { return "\(id)" }
        return path(of: place, placed: placed) + (showsIDs ? " \(id)" : "")
    }

    private func path(of place: Place, placed: (Node) -> Place?) -> String {
        var names = [place.name]
        var current = place.parent
        // A circle, which only a faulty observation could have, is longer than any path.
        while current != .root, names.count <= tree.count,
            let above = tree[current].flatMap(placed)
        {
            names.append(above.name)
            current = above.parent
        }
        return names.reversed().map(Self.printable).joined(separator: "/")
    }

    private static func placeHere(_ node: Node) -> Place? {
        node.local?.place ?? node.remote.facts?.place ?? node.synced?.place
    }

    private static func placeThere(_ node: Node) -> Place? {
        node.remote.facts?.place ?? node.local?.place ?? node.synced?.place
    }

    /// A name as one word of a line.
    static func printable(_ name: Name) -> String { PrintableText.line(name.string) }
}

extension Suspension: CustomStringConvertible {
    package var description: String {
        "\(localDeletions) deletions here and \(remoteDeletions) in the cloud are more than the "
            + "\(limit) that are allowed at once"
    }
}

extension DeferralCause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .openForWriting: "a program has it open for writing"
        case .settling: "changed a moment ago"
        case .locked: "locked"
        case .inUse: "an application has it open"
        case .parent: "its directory waits"
        case .inProgress: "a change of it is under way"
        case .deleteGuard: "too many deletions at once"
        case .awaitingChanges: "the service has not reported all its changes"
        case .retry: "tried again later"
        case .lockedRemotely: "locked in the cloud"
        case .quota: "no space in the cloud"
        case .refused(let message): "refused: \(message)"
        case .name: "the cloud cannot hold the name"
        case .nameTaken: "something that stays on this device has the name"
        case .holdsLocalOnly: "something that stays on this device lies inside"
        case .hashing: "waits for a file to be hashed"
        case .unobserved: "not observed in the cloud"
        case .readOnly: "read-only"
        }
    }
}
