import Core

/// Three small trees with the plan that is expected of them, as text.
package struct PlanCase {
    package var file: String
    package var title: String
    /// Everything before the expected plan, to be written back as it is.
    package var source: [Substring]
    package var tree: Tree
    package var context: PlanContext
    package var expected: [String]

    package var testDescription: String { "\(file): \(title)" }

    /// What the planner makes of the trees.
    package var actual: [String] {
        PlanText(tree, showsIDs: true).lines(Planner.plan(tree, context: context))
    }

    package static let headings: Set<Substring> = [
        "synced", "here", "cloud", "sent", "context", "plan",
    ]

    /// Reads the cases of a file, which start with `=== title`.
    package static func cases(in file: String, _ text: String) throws -> [PlanCase] {
        var cases: [[Substring]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") {
                cases.append([line])
            } else if !cases.isEmpty {
                cases[cases.count - 1].append(line)
            }
        }
        return try cases.map { try PlanCase(file, $0) }
    }

    private init(_ file: String, _ lines: [Substring]) throws {
        self.file = file
        title = String(lines[0].dropFirst(4))
        var sections: [Substring: [Substring]] = [:]
        var heading: Substring?
        source = []
        for line in lines {
            if Self.headings.contains(line) {
                heading = line
                sections[line] = []
            } else if let heading {
                sections[heading]?.append(line)
            }
            if heading != "plan" { source.append(line) }
        }
        tree = try PlanCase.tree(sections)
        context = try PlanCase.context(sections["context"] ?? [])
        expected = (sections["plan"] ?? []).filter { !$0.isEmpty }.map { String($0.dropFirst(2)) }
    }

    // MARK: Trees

    private static func tree(_ sections: [Substring: [Substring]]) throws -> Tree {
        let synced = try TreeText.entries(sections["synced"] ?? [])
        let here = try sections["here"].map(TreeText.entries) ?? synced
        let cloud = try sections["cloud"].map(TreeText.entries) ?? synced
        let sent = try TreeText.entries(sections["sent"] ?? [])
        var tree = Tree()
        tree.insert(.rootOfTests)
        let all = synced + here + cloud + sent
        for id in Set(all.map(\.id)).sorted() {
            let own = all.filter { $0.id == id }
            guard let kind = own.first(where: { $0.facts != nil })?.kind ?? own.first?.kind else {
                continue
            }
            let scope = own.first { $0.scope != .synced }?.scope ?? .synced
            var node = Node.test(id, kind, scope)
            node.local = here.first { $0.id == id }?.facts
            node.synced = synced.first { $0.id == id }?.facts
            node.sent = sent.first { $0.id == id }?.facts
            if let seen = cloud.first(where: { $0.id == id }) {
                node.remote = seen.facts.map(Observation.present) ?? .unknown
            }
            if node.remote != .absent || node.synced != nil { node.item = .test(id) }
            tree.insert(node)
        }
        return tree
    }

    private static func context(_ lines: [Substring]) throws -> PlanContext {
        var context = PlanContext(host: "laptop")
        for line in lines {
            let words = line.split(separator: " ")
            switch words.first {
            case nil: continue
            case "incomplete": context.isRemoteComplete = false
            case "readonly": context.isReadOnly = true
            case "guard": context.deleteGuard = Int(words[1])
            case "blocked":
                guard let id = UInt64(words[1].dropFirst()), let cause = causes[words[2]] else {
                    throw TreeText.Failure(description: "not understood: \(line)")
                }
                context.blocked[NodeID(rawValue: id)] = cause
                if words.last == "moves" {
                    context.mayMoveLocally.insert(NodeID(rawValue: id))
                }
            default: throw TreeText.Failure(description: "not understood: \(line)")
            }
        }
        return context
    }

    private static let causes: [Substring: DeferralCause] = [
        "open": .openForWriting, "settling": .settling, "locked": .locked, "inUse": .inUse,
        "inProgress": .inProgress, "retry": .retry, "lockedRemotely": .lockedRemotely,
        "quota": .quota, "refused": .refused("not allowed"),
    ]
}

extension Node {
    package static func test(_ id: NodeID, _ kind: Kind, _ scope: Scope = .synced) -> Node {
        Node(
            id: id, kind: kind,
            overlay: Overlay(permissions: 0o644, changed: .epoch, created: .epoch), scope: scope)
    }

    package static let rootOfTests: Node = {
        let facts = Facts(
            place: Place(parent: .root, name: "root"), content: nil, modified: .epoch)
        return Node(
            id: .root, kind: .directory, local: facts, remote: .present(facts), synced: facts,
            item: Item(id: ItemID(rawValue: "root")),
            overlay: Overlay(permissions: 0o755, changed: .epoch, created: .epoch))
    }()
}

extension Item {
    package static func test(_ id: NodeID) -> Item {
        Item(id: ItemID(rawValue: "item\(id)"), eTag: Tag(rawValue: "tag\(id)"))
    }
}
