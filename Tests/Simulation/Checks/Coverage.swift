import Core

/// How often each meeting of a change here, a change there and a fault was seen.
package struct Coverage: Sendable {
    /// What became of a node on one side since both agreed.
    package enum Facet: Int, CaseIterable, Sendable {
        case unchanged, edited, moved, editedAndMoved, deleted, retyped, new, absent

        package var word: String {
            switch self {
            case .unchanged: "unchanged"
            case .edited: "edited"
            case .moved: "moved"
            case .editedAndMoved: "edited+moved"
            case .deleted: "deleted"
            case .retyped: "retyped"
            case .new: "new"
            case .absent: "absent"
            }
        }
    }

    /// By local facet, remote facet, and fault; the last of the faults stands for none.
    private var counts: [Int]

    private static let faultCount = FaultKind.allCases.count + 1
    private static let facetCount = Facet.allCases.count
    private static let faultNumbers = Dictionary(
        uniqueKeysWithValues: FaultKind.allCases.enumerated().map { ($1, $0) })

    package init() {
        counts = []
    }

    package func count(_ local: Facet, _ remote: Facet, _ fault: FaultKind?) -> Int {
        counts.isEmpty ? 0 : counts[Self.index(local, remote, fault)]
    }

    private static func index(_ local: Facet, _ remote: Facet, _ fault: FaultKind?) -> Int {
        let number = fault.flatMap { faultNumbers[$0] } ?? faultCount - 1
        return (local.rawValue * facetCount + remote.rawValue) * faultCount + number
    }

    package mutating func add(_ other: Coverage) {
        if counts.isEmpty {
            counts = other.counts
            return
        }
        for index in other.counts.indices { counts[index] += other.counts[index] }
    }

    /// Notes in which ways the sides of a client differ now.
    mutating func note(_ tree: Tree, _ faults: Set<FaultKind>) {
        for id in tree.differing {
            guard let node = tree[id], node.scope == .synced else { continue }
            count(Self.localFacet(node, tree), Self.remoteFacet(node, tree), faults)
        }
    }

    /// Notes what a page of changes is about to bring.
    mutating func note(_ page: RemotePage, _ tree: Tree, _ faults: Set<FaultKind>) {
        for item in page.items where !item.isRoot {
            guard let node = tree.node(for: item.id).flatMap({ tree[$0] }) else {
                noteNew(item, tree, faults)
                continue
            }
            guard let base = node.synced, node.scope == .synced else { continue }
            let remote: Facet
            if item.isDeleted {
                let isRetyped = page.items.contains { other in
                    other.id != item.id && !other.isDeleted && other.nodeKind != node.kind
                        && other.name == base.place.name.string
                }
                remote = isRetyped ? .retyped : .deleted
            } else {
                let isEdited = node.kind == .file && item.hash != base.content?.hash
                let isMoved =
                    item.name != base.place.name.string
                    || item.parent != tree[base.place.parent]?.item?.id
                remote =
                    isEdited ? (isMoved ? .editedAndMoved : .edited) : isMoved ? .moved : .unchanged
            }
            count(Self.localFacet(node, tree), remote, faults)
        }
    }

    private mutating func noteNew(
        _ item: RemoteItem, _ tree: Tree, _ faults: Set<FaultKind>
    ) {
        guard !item.isDeleted, let parent = item.parent,
            let directory = tree.node(for: parent),
            let name = item.name.flatMap(NameMapping.localName(for:)),
            let id = tree.child(of: directory, foldingLike: name),
            tree[id]?.item == nil
        else { return }
        count(.new, .new, faults)
    }

    private mutating func count(_ local: Facet, _ remote: Facet, _ faults: Set<FaultKind>) {
        if counts.isEmpty {
            counts = Array(
                repeating: 0, count: Self.facetCount * Self.facetCount * Self.faultCount)
        }
        if faults.isEmpty {
            counts[Self.index(local, remote, nil)] += 1
        } else {
            for fault in faults { counts[Self.index(local, remote, fault)] += 1 }
        }
    }

    private static func localFacet(_ node: Node, _ tree: Tree) -> Facet {
        guard let base = node.synced else { return node.local == nil ? .absent : .new }
        guard let local = node.local else {
            let other = tree.child(of: base.place.parent, foldingLike: base.place.name)
            let isRetyped = other.flatMap { tree[$0] }.map { $0.kind != node.kind } == true
            return isRetyped ? .retyped : .deleted
        }
        return change(local, base)
    }

    private static func remoteFacet(_ node: Node, _ tree: Tree) -> Facet {
        switch node.remote {
        case .unknown: return .absent
        case .absent:
            guard let base = node.synced else { return .absent }
            let isRetyped = tree.differing.contains { other in
                guard let other = tree[other], other.kind != node.kind else { return false }
                return other.remote.facts?.place == base.place
            }
            return isRetyped ? .retyped : .deleted
        case .present(let facts): return node.synced.map { change(facts, $0) } ?? .new
        }
    }

    private static func change(_ facts: Facts, _ base: Facts) -> Facet {
        switch (facts.content != base.content, facts.place != base.place) {
        case (false, false): .unchanged
        case (true, false): .edited
        case (false, true): .moved
        case (true, true): .editedAndMoved
        }
    }

    // MARK: Printing

    /// Pairs of facets that cannot meet on a node whose sides differ.
    package static func isFeasible(_ local: Facet, _ remote: Facet) -> Bool {
        switch (local, remote) {
        case (.new, .new), (.new, .absent), (.absent, .new): true
        case (.absent, _), (_, .absent), (.new, _), (_, .new): false
        default: true
        }
    }

    /// The feasible pairs of facets that were never seen, whatever the fault.
    package var missing: [String] {
        Facet.allCases.flatMap { local in
            Facet.allCases.compactMap { remote in
                guard Self.isFeasible(local, remote), total(local, remote) == 0 else { return nil }
                return "\(local.word) here, \(remote.word) there"
            }
        }
    }

    private func total(_ local: Facet, _ remote: Facet) -> Int {
        count(local, remote, nil)
            + FaultKind.allCases.reduce(0) { $0 + count(local, remote, $1) }
    }

    /// The tables, one for each fault.
    package var lines: [String] {
        var lines: [String] = []
        for fault in [nil] + FaultKind.allCases.map(Optional.some) {
            lines.append("fault: \(fault?.rawValue ?? "none")   (here, downwards; there, across)")
            let head = Facet.allCases.map { padded($0.word) }.joined()
            lines.append(padded("") + head)
            for local in Facet.allCases {
                let cells = Facet.allCases.map { remote in
                    padded(
                        Self.isFeasible(local, remote)
                            ? String(count(local, remote, fault)) : "-")
                }
                lines.append(padded(local.word) + cells.joined())
            }
        }
        return lines
    }

    private func padded(_ text: String) -> String {
        String(repeating: " ", count: max(1, 14 - text.count)) + text
    }
}
