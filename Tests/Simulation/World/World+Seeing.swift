import Core
import GraphSimulator

/// What nobody may do to what he has not seen, and what must stay as one device has made it.
extension World {
    // MARK: Moves

    /// An item that a request gives another place, with the place that it has.
    struct Moving {
        var item: ItemID
        var folder: String
        var name: String
    }

    func moving(by call: GraphCall) -> Moving? {
        guard case .change(let item, let change) = call, change.name != nil || change.parent != nil,
            let place = service.place(of: item.rawValue)
        else { return nil }
        return Moving(item: item, folder: place.folder, name: place.name)
    }

    /// Whoever moves an item knows where it was: otherwise he undoes what somebody else has done.
    mutating func check(_ moving: Moving, _ number: Int) {
        let tree = devices[number].engine.tree
        guard let node = tree.node(for: moving.item), let facts = tree[node]?.remote.facts,
            let name = NameMapping.localName(for: moving.name)
        else { return }
        let folder = tree[facts.place.parent]?.item?.id
        let isKnown =
            folder?.rawValue == moving.folder && facts.place.name.string == name.string
        if !isKnown {
            fail(.unseen, "client \(number) moves \(moving.name), which was elsewhere")
        }
    }

    // MARK: What a mount takes away

    /// The items of the files and folders that a step takes out of a mount.
    func takenAway(_ effects: [Effect], _ number: Int) -> [ItemID] {
        guard scenario.settings.isTruthful else { return [] }
        return effects.compactMap { effect in
            guard case .deleteEntry(_, let child, _) = effect else { return nil }
            return devices[number].database.item(of: child)
        }
    }

    /// A mount takes away only what is gone in the cloud.
    mutating func check(takenAway items: [ItemID], _ number: Int) {
        for item in items {
            guard let place = service.place(of: item.rawValue) else { continue }
            fail(.unseen, "client \(number) takes away \(place.name), which the cloud holds")
        }
    }

    // MARK: Numbers

    /// No number of an earlier run is given out again, after which something might look for what was
    /// there before.
    mutating func checkIdentity(_ record: RecordChange, _ number: Int) {
        switch record {
        case .node(let node):
            if devices[number].bygone.contains(node.id) {
                fail(.state, "client \(number) has given \(node.id) out twice")
            }
            devices[number].removed.remove(node.id)
        case .removeNode(let id): devices[number].removed.insert(id)
        case .generation, .removeGeneration, .linkTarget, .attribute, .session, .setting,
            .checkout, .pin, .share:
            break
        }
    }

    // MARK: One device

    /// The client that has made all changes, if nobody and nothing else had a part in it.
    var soleActor: Int? {
        let settings = scenario.settings
        let actors = Set(scenario.steps.filter(\.isChange).map(\.actor)).subtracting([.origin])
        guard actors.count == 1, case .client(let number) = actors.first,
            settings.faults.isDisjoint(with: [.resync, .powerFailure, .lostTombstone]),
            // Without a hash nobody can tell a file whose reply was lost from another one.
            settings.oddities.isDisjoint(with: [.hashesLate, .hashesMissing]),
            // Without an answer nobody can tell what the service made of a document from a version.
            !settings.oddities.contains(.rewrites) || settings.faults.isEmpty,
            // What is said not to be there is made anew, beside what is there all the same.
            !settings.oddities.contains(.transientNotFound)
        else { return nil }
        return number
    }

    /// Where only one device changes something, everybody has in the end what it had.
    mutating func check(sole paths: Set<String>) {
        let held = Set(service.tree().map { localPath($0.path) })
        for path in held.sorted() where path.contains("(conflict host") {
            fail(.needlessConflict, path)
        }
        // It may not have known everything.
        guard !scenario.settings.isFresh else { return }
        for path in held.subtracting(paths).sorted() {
            fail(.sole, "\(path) is there, and nobody has left it")
        }
        for path in paths.subtracting(held).sorted() {
            fail(.sole, "\(path) is gone, and nobody has removed it")
        }
    }
}

extension Settings {
    /// Whether the service never denies what is there.
    fileprivate var isTruthful: Bool {
        !faults.contains(.notFound)
            && oddities.isDisjoint(with: [.transientNotFound, .lateChanges, .lateItems])
    }
}
