/// What is true of the state of an engine between any two steps.
///
/// Nothing in the client relies on these being checked; tests do, after every step.
extension Engine {
    /// The invariants that do not hold, in words; empty for a state that is as it should be.
    ///
    /// 1. The root is a directory that the mount shows.
    /// 2. What the mount shows lies in a directory that it shows, and so on up to the root.
    /// 3. A node is found under its name, and no sibling has a name that OneDrive could not tell
    ///    from it.
    /// 4. An item belongs to one node, which is found by it.
    /// 5. The content file of a node is known, and knows the node; every content file belongs to a
    ///    node, or to an upload under way.
    /// 6. The bytes of an edit are all here.
    /// 7. A file that a program has open is counted, and one that is gone from the mount keeps its
    ///    facts as long as it is counted.
    /// 8. A change of the cloud under way has a node, what was sent stands in it, and exactly one
    ///    request works on it.
    /// 9. Who waits for bytes or a listing waits for a request that is under way.
    /// 10. Where the sides differ, something will happen: a plan is due, an answer or a round is
    ///     awaited, or the last plan said why not.
    package func check() -> [String] {
        var problems: [String] = []
        checkNodes(&problems)
        checkContent(&problems)
        checkOpenFiles(&problems)
        checkOperations(&problems)
        checkWaits(&problems)
        checkProgress(&problems)
        return problems
    }

    // MARK: Names, items and bytes

    private func checkNodes(_ problems: inout [String]) {
        if tree.kind(.root) != .directory || tree.local(.root) == nil {
            problems.append("there is no root")
        }
        for id in tree.allNodes where id != .root {
            guard let node = tree[id] else { continue }
            if let place = node.local?.place { checkPlace(place, of: id, &problems) }
            if let item = node.item?.id, tree.node(for: item) != id {
                problems.append(
                    "\(id) has the item of \(tree.node(for: item)?.description ?? "no node")")
            }
            if let generation = node.generation, generations[generation]?.node != id {
                problems.append("\(id) has the unknown content \(generation)")
            }
            if node.local?.content?.isEdited == true {
                let generation = node.generation.flatMap { generations[$0] }
                if generation?.source != nil || generation == nil {
                    problems.append("\(id) was edited and is not all here")
                }
            }
        }
    }

    private func checkPlace(_ place: Place, of id: NodeID, _ problems: inout [String]) {
        if tree.kind(place.parent)?.isContainer != true || tree.localParent(place.parent) == nil {
            problems.append("\(id) lies in \(place.parent), which the mount does not show")
        }
        if tree.child(of: place.parent, named: place.name) != id {
            problems.append("\(id) is not found as \(place.name) in \(place.parent)")
        }
        var current = place.parent
        for _ in 0...tree.count {
            guard current != .root, let parent = tree.localParent(current) else { return }
            current = parent
        }
        problems.append("\(id) lies in itself")
    }

    private func checkContent(_ problems: inout [String]) {
        let strays = generations.keys.filter { id in
            guard let node = generations[id]?.node else { return false }
            return tree[node]?.generation != id && !isFrozen(id)
        }
        for id in strays.sorted() { problems.append("\(id) belongs to no node") }
        for id in hashing.keys.filter({ generations[$0] == nil }).sorted() {
            problems.append("\(id) is being hashed and is not there")
        }
    }

    private func checkOpenFiles(_ problems: inout [String]) {
        guard !handles.isEmpty || !openCounts.isEmpty || !unlinked.isEmpty else { return }
        var counts: [NodeID: OpenCount] = [:]
        for file in handles.values { counts[file.node, default: OpenCount()].add(file.canWrite) }
        if counts != openCounts { problems.append("open files are counted wrongly") }
        for id in counts.keys.sorted() {
            if !tree.contains(id) {
                problems.append("\(id) is open and is not there")
            } else if tree.local(id) == nil, unlinked[id] == nil {
                problems.append("\(id) is open and has no facts")
            }
        }
        for id in unlinked.keys.sorted() where counts[id] == nil {
            problems.append("\(id) is kept for nobody")
        }
    }

    // MARK: Requests

    private func checkOperations(_ problems: inout [String]) {
        guard !operations.isEmpty else { return }
        var owners: [OperationID: Int] = [:]
        for request in requests.values {
            if case .operation(let number) = request.purpose { owners[number, default: 0] += 1 }
        }
        for (id, operation) in operations.sorted(by: { $0.key < $1.key }) {
            if tree[id] == nil { problems.append("a change of \(id) is under way, which is gone") }
            if owners[operation.id] != 1 {
                let count = owners[operation.id] ?? 0
                problems.append("\(count) requests work on the change of \(id)")
            }
        }
    }

    private func checkWaits(_ problems: inout [String]) {
        for condition in waits.awaited {
            switch condition {
            case .listed(let directory):
                if !cloud.isListing(directory) {
                    problems.append("a listing of \(directory) is awaited and not asked for")
                }
            case .content(let generation):
                if !isOnItsWay(generation), hashing[generation] == nil {
                    problems.append("bytes of \(generation) are awaited and not asked for")
                }
            case .whole(let generation):
                if !isOnItsWay(generation), hashing[generation] == nil, growth.underWay == nil {
                    problems.append("\(generation) is awaited, and nothing is done for it")
                }
            case .checkout, .checkoutNow, .announced, .thumbnail, .quiet, .kept: break
            }
        }
    }

    private func isOnItsWay(_ id: GenerationID) -> Bool {
        downloads.questions[id] != nil
            || downloads.fetches.values.contains { $0.generation == id }
    }

    private func checkProgress(_ problems: inout [String]) {
        // What is under way leads to another plan.
        guard tree.differingCount > 0, planning.due == nil, planning.pause == nil,
            operations.isEmpty, hashing.isEmpty, cloud.isEnumerated, cloud.chain == nil,
            cloud.walk == nil, cloud.confirmation == .confirmed
        else { return }
        let waiting = Set(planning.deferred.map(\.node))
        for id in tree.differing where !waiting.contains(id) && openCounts[id] == nil {
            // Every round ends with a plan.
            if awaitsRound(id) || awaitsEcho(id) || tree.remote(id) == .unknown { continue }
            // What asks for no change is not said to wait; its turn comes when nobody uses it.
            if isBesideLockFile(id) || locks.isLocked(id) { continue }
            problems.append("nothing will be done about \(id)")
        }
    }
}
