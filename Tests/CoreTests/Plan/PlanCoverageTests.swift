import Core
import PlannerProof
import Simulation
import Testing

/// Whether the cases of `Fixtures/reconcile` hold everything that can meet: what was done to a node
/// here, and what in the cloud.
struct PlanCoverageTests {
    /// What one side did to a node: the rows and columns of the matrix.
    enum Facet: String, CaseIterable {
        case unchanged, edited, renamed, moved, deleted, replaced, unknown
    }

    /// How something new meets what is new on the other side under the same name.
    enum Meeting: String, CaseIterable {
        case onlyHere = "new here"
        case onlyThere = "new there"
        case directories = "two directories"
        case equalFiles = "two files, equal bytes"
        case differentFiles = "two files, different bytes"
        case fileHere = "a file here, a directory there"
        case directoryHere = "a directory here, a file there"
        case inUnknown = "new here in a directory that was not observed"
        case unknown = "new there and not observed"
    }

    private static func allCases() throws -> [PlanCase] {
        try PlanCaseTests.files.flatMap(PlanCaseTests.cases)
    }

    // MARK: The matrix

    @Test("every cell of the matrix has a case")
    func matrix() throws {
        var cells: [[Facet]: Int] = [:]
        for one in try Self.allCases() {
            for id in one.tree.allNodes where id != .root {
                guard let node = one.tree[id], let base = node.synced else { continue }
                let here = Self.facets(
                    node.local.map(Observation.present) ?? .absent, base,
                    isReplaced: Self.isReplaced(node, base, one.tree) { $0.local?.place })
                let there = Self.facets(
                    node.remote, base,
                    isReplaced: Self.isReplaced(node, base, one.tree) { $0.remote.facts?.place })
                for left in here { for right in there { cells[[left, right], default: 0] += 1 } }
            }
        }
        var lines = ["here \\ cloud " + Facet.allCases.map(\.rawValue).joined(separator: " ")]
        for left in Facet.allCases where left != .unknown {
            let counts = Facet.allCases.map { String(cells[[left, $0]] ?? 0) }
            lines.append("\(left.rawValue): " + counts.joined(separator: " "))
            for right in Facet.allCases where cells[[left, right]] == nil {
                Issue.record("no case: \(left.rawValue) here, \(right.rawValue) in the cloud")
            }
        }
        print(lines.joined(separator: "\n"))
    }

    private static func facets(
        _ observation: Observation, _ base: Facts, isReplaced: Bool
    ) -> [Facet] {
        let change = SideChange(observation, since: base)
        switch change.existence {
        case .unknown: return [.unknown]
        case .deleted, .never: return [isReplaced ? .replaced : .deleted]
        case .kept, .created:
            let facets: [Facet] =
                (change.isEdited ? [.edited] : []) + (change.isRenamed ? [.renamed] : [])
                + (change.isMoved ? [.moved] : [])
            return facets.isEmpty ? [.unchanged] : facets
        }
    }

    /// Whether something new of another kind has the place.
    private static func isReplaced(
        _ node: Node, _ base: Facts, _ tree: Tree, _ place: (Node) -> Place?
    ) -> Bool {
        tree.allNodes.contains { id in
            guard let other = tree[id], other.synced == nil, other.kind != node.kind,
                let place = place(other)
            else { return false }
            return place.parent == base.place.parent && foldsEqual(place.name, base.place.name)
        }
    }

    // MARK: What is new

    @Test("every way in which new things meet has a case")
    func meetings() throws {
        var counts: [Meeting: Int] = [:]
        for one in try Self.allCases() {
            for id in one.tree.allNodes {
                guard let node = one.tree[id], node.synced == nil, node.scope == .synced else {
                    continue
                }
                counts[Self.meeting(node, one.tree), default: 0] += 1
            }
        }
        for meeting in Meeting.allCases {
            print("\(meeting.rawValue): \(counts[meeting] ?? 0)")
            #expect(counts[meeting] != nil, "no case: \(meeting.rawValue)")
        }
    }

    private static func meeting(_ node: Node, _ tree: Tree) -> Meeting {
        guard let place = node.local?.place else {
            return node.remote == .unknown ? .unknown : .onlyThere
        }
        if place.parent != .root, tree[place.parent]?.remote == .unknown { return .inUnknown }
        let other = tree.allNodes.compactMap { tree[$0] }.first { other in
            guard other.local == nil, let there = other.remote.facts?.place else { return false }
            return there.parent == place.parent && foldsEqual(there.name, place.name)
        }
        guard let other else { return .onlyHere }
        switch (node.kind.isContainer, other.kind.isContainer) {
        case (true, true): return .directories
        case (false, true): return .fileHere
        case (true, false): return .directoryHere
        case (false, false):
            return node.local?.content == other.remote.facts?.content
                ? .equalFiles : .differentFiles
        }
    }

    // MARK: What concerns several nodes

    /// What can happen to several nodes together, and the cases that show it.
    private static let structures: [(what: String, titles: [String])] = [
        (
            "a directory deleted on one side, changes inside on the other",
            [
                "a directory deleted in the cloud, an edit inside here",
                "a directory deleted in the cloud, a new file inside here",
                "a directory deleted here, an edit inside in the cloud",
                "a directory deleted here, a new file inside in the cloud",
                "a directory moved in the cloud, a new file inside here",
            ]
        ),
        (
            "a circle",
            [
                "a circle: each side moves one directory into the other",
                "a circle of two moves here and one in the cloud",
            ]
        ),
        (
            "two nodes to one name",
            [
                "two nodes move to one name",
                "a file is moved here to a name that is new in the cloud",
                "a file is made here under the name that another takes in the cloud",
            ]
        ),
        ("swaps and rings", ["a swap here", "a swap in the cloud", "a ring of three here"]),
        ("a chain", ["a chain here: the last moves first"]),
        (
            "a flip",
            ["a flip here: the inner directory becomes the outer", "a flip in the cloud"]
        ),
        (
            "a name deleted and given to another",
            [
                "deleted here, and another made under the name",
                "deleted here, and another moved to the name",
                "deleted here, but the deletion waits: so does the new file",
            ]
        ),
        (
            "a child moved out, the parent deleted",
            ["a child moved out and the parent deleted here"]
        ),
        (
            "the saves of editors, when the engine has bound the new file to the item",
            ["the save of an editor: a new version of the same item, and a backup"]
        ),
        (
            "renames of the case alone",
            ["only the case is changed here", "only the case is changed in the cloud"]
        ),
        (
            "names that differ in case, one on each side",
            ["a new name here and a new name there that differ in case"]
        ),
        (
            "two items of one name before all changes are known",
            ["before all changes are known: two items of one name"]
        ),
        (
            "normal forms",
            ["only the normal form differs", "only the normal form is changed here"]
        ),
        (
            "names that the cloud cannot hold",
            ["a bound node under a name that the cloud cannot hold keeps its place there"]
        ),
        (
            "an item told of elsewhere while its directory is gone",
            [
                "the old directory is gone and a member lies elsewhere",
                "before all changes are known: no removal",
            ]
        ),
        (
            "requests whose outcome is not known",
            [
                "a lost reply: the rename has not arrived",
                "a lost reply: the rename has arrived, and it was renamed again",
                "a lost reply: the directory and the upload have arrived",
            ]
        ),
        ("a server that rewrites", ["the server rewrote what it was sent"]),
        ("times", ["touched here", "touched in the cloud", "touched on both sides"]),
        (
            "what stays on this device",
            ["a symbolic link in a directory that the cloud deleted"]
        ),
        (
            "a lost database",
            [
                "known on both sides, agreed on nowhere",
                "known on both sides, agreed on nowhere, and different",
            ]
        ),
        (
            "what cannot be done now",
            [
                "a change waits for quota, others go on",
                "no quota for a new file: a directory and its other files go on",
                "a file waits in a directory deleted here",
            ]
        ),
    ]

    @Test("everything that can happen to several nodes together has a case")
    func structuralCases() throws {
        let titles = Set(try Self.allCases().map(\.title))
        for structure in Self.structures {
            for title in structure.titles {
                #expect(titles.contains(title), "\(structure.what): no case '\(title)'")
            }
        }
    }

    // MARK: Where it ends

    @Test("P1 P2 P4: the trees of every case come to rest")
    func rest() throws {
        for one in try Self.allCases() {
            guard let failure = one.failureToRest() else { continue }
            Issue.record("\(one.testDescription): \(failure)")
        }
    }
}
