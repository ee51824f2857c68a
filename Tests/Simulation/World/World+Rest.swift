import Core
import GraphSimulator

/// The end of a scenario: nothing goes wrong any more, and everything has to come to rest with
/// nothing lost.
extension World {
    private static let roundsMax = 14
    private static let eventsMax = 30_000

    mutating func rest() {
        pacify()
        endPrograms()
        // Those that have failed only now leave some behind, too.
        for number in devices.indices { removeStaleLockFiles(number) }
        endPrograms()
        guard violation == nil else { return }
        if devices.contains(where: { !$0.programs.isEmpty }) {
            let deeds = devices.flatMap(\.programs).map {
                "\($0.deed.kind.rawValue) \($0.deed.path)"
            }
            fail(.termination, "programs wait for ever: \(deeds)")
            return
        }
        let sole = soleActor.map { Set(listing($0).keys) }
        var difference: String? = "nothing was tried"
        for _ in 0..<Self.roundsMax {
            for number in devices.indices { synchronize(number) }
            guard violation == nil else { return }
            difference = firstDifference
            if difference == nil { break }
            // The service may tell late.
            let end = now.advanced(byNanoseconds: 6_000_000_000)
            run(forSeconds: 6, events: 400)
            now = max(now, end)
        }
        if let difference {
            fail(.convergence, difference)
            return
        }
        checkLoss()
        if let sole { check(sole: sole) }
        checkIdempotence()
        if scenario.settings.isReadBack {
            for number in devices.indices { readEverything(number) }
        }
        if mutant == .canary { fail(.canary, "this case fails whatever happens") }
    }

    private mutating func pacify() {
        isHostile = false
        trace.note("no more trouble")
        service.quirks.transientNotFoundOneIn = nil
        service.quirks.deltaTombstonesToLose = 0
        service.quirks.downloadsToRefuse = 0
        // What was never told, or denied, comes to light only when everything is compared anew.
        if scenario.settings.faults.contains(.lostTombstone)
            || scenario.settings.oddities.contains(.transientNotFound)
        {
            service.expireDeltaTokens()
        }
        for number in devices.indices { devices[number].momentsLeft = nil }
        reconfigure()
        for number in devices.indices { removeStaleLockFiles(number) }
    }

    /// What a program leaves behind that was ended keeps its folder here.
    private mutating func removeStaleLockFiles(_ number: Int) {
        let tree = devices[number].engine.tree
        for id in tree.allNodes where tree[id]?.scope != .synced && tree.kind(id) == .file {
            guard let names = tree.path(of: id) else { continue }
            let path = names.map(\.string).joined(separator: "/")
            devices[number].programs.append(Program(Deed(.remove, path), age: newAge()))
        }
    }

    /// Lets all programs come to their end.
    private mutating func endPrograms() {
        let end = now.advanced(byNanoseconds: 1_800_000_000_000)
        for _ in 0..<Self.eventsMax {
            guard now < end, violation == nil,
                devices.contains(where: { !$0.programs.isEmpty })
            else { return }
            run(forSeconds: 1_800, events: 1)
        }
    }

    /// Runs `onedrive sync --wait`, and `onedrive approve` where the guard asks for it.
    mutating func synchronize(_ number: Int) {
        guard violation == nil,
            case .value(let wait) = step(number, { $0.synchronize(at: $1) })
        else { return }
        let end = now.advanced(byNanoseconds: 10_800_000_000_000)
        for _ in 0..<60 {
            for _ in 0..<Self.eventsMax / 60 where devices[number].woken[wait] == nil {
                run(forSeconds: 3_600, events: 1)
                guard violation == nil else { return }
            }
            if devices[number].woken[wait] != nil || now > end { break }
            if devices[number].engine.status.suspension != nil {
                step(number) { $0.approve(at: $1) }
            }
        }
        if devices[number].engine.status.suspension != nil {
            step(number) { $0.approve(at: $1) }
        }
        guard devices[number].woken.removeValue(forKey: wait) != nil else {
            let status = devices[number].engine.status
            fail(
                .termination,
                "client \(number) does not come to rest: \(status.pending) pending, \(status.waiting), \(status.transfers)"
            )
            return
        }
    }

    // MARK: Convergence

    /// What the mount of one client shows and the cloud does not hold, or the reverse.
    private var firstDifference: String? {
        let cloud = Dictionary(
            service.tree().map { (localPath($0.path), $0) }, uniquingKeysWith: { first, _ in first }
        )
        for number in devices.indices {
            let mount = listing(number)
            for path in mount.keys.sorted() where cloud[path] == nil {
                return "client \(number) shows \(path), which the cloud does not hold"
            }
            for (path, entry) in cloud.sorted(by: { $0.key < $1.key }) {
                guard let node = mount[path] else {
                    return "client \(number) does not show \(path)"
                }
                if let message = difference(node, entry, number) {
                    return "client \(number), \(path): \(message)"
                }
            }
            if devices[number].engine.status.pending > 0 {
                let waiting = devices[number].engine.status.waiting
                return "client \(number) is not done: \(waiting)"
            }
        }
        return nil
    }

    func localPath(_ path: String) -> String {
        path.split(separator: "/").map { NameMapping.localName(for: String($0))?.string ?? "?" }
            .joined(separator: "/")
    }

    /// The synced nodes of a mount by their paths.
    func listing(_ number: Int) -> [String: Node] {
        let tree = devices[number].engine.tree
        var result: [String: Node] = [:]
        var pending: [(NodeID, String)] = [(.root, "")]
        while let (directory, prefix) = pending.popLast() {
            for id in tree.children(of: directory) {
                guard let node = tree[id], node.scope == .synced, let place = node.local?.place
                else { continue }
                let path = prefix + place.name.string
                result[path] = node
                if node.kind.isContainer { pending.append((id, path + "/")) }
            }
        }
        return result
    }

    private func difference(_ node: Node, _ entry: TreeEntry, _ number: Int) -> String? {
        guard (node.kind == .file) == (entry.kind == .file) else { return "another kind" }
        guard node.kind == .file else { return nil }
        switch node.local?.content {
        case nil: return "no content"
        case .edited, .rewritten: return "its edit did not go up"
        case .hashed(let hash, _): if hash != entry.hash { return "another content" }
        case .unhashed(let size, _): if size != Int64(entry.size) { return "another size" }
        }
        guard devices[number].engine.state(of: node) == .here,
            let bytes = bytes(of: node.id, number)
        else { return nil }
        let held = service.content(entry.path)?.bytes ?? []
        return bytes == held ? nil : "the disk holds \(text(bytes)), the cloud \(text(held))"
    }

    // MARK: Loss

    private mutating func checkLoss() {
        var found: Set<[UInt8]> = []
        for holding in service.holdings() {
            let bytes = Ledger.core(of: holding.content.bytes)
            if !ledger.isWhole(bytes) {
                fail(.wholeVersions, "the cloud holds \(text(bytes)), which nobody wrote")
            }
            // Without a condition a deletion takes what has just been changed, into the bin.
            let isRecycled =
                holding.whereabouts == .recycled
                && scenario.settings.oddities.contains(.deleteNeverMatches)
            if holding.whereabouts == .live || isRecycled { found.insert(bytes) }
        }
        for number in devices.indices {
            for id in devices[number].engine.tree.allNodes
            where devices[number].engine.tree.local(id) != nil {
                if let bytes = bytes(of: id, number) { found.insert(Ledger.core(of: bytes)) }
            }
        }
        let lost = ledger.lost(of: found)
        if let first = lost.first {
            fail(.noLoss, "\(lost.count) lost, among them \(text(first))")
        }
    }

    // MARK: Needless work

    private mutating func checkIdempotence() {
        let before = changeCount
        for number in devices.indices { synchronize(number) }
        if changeCount != before {
            fail(.idempotence, "\(changeCount - before) changes of the cloud although all agreed")
        }
    }

    private var changeCount: Int {
        let kinds: [GraphSimulator.Operation] = [
            .upload, .createSession, .fragment, .createFolder, .update, .delete,
        ]
        return kinds.reduce(0) { $0 + service.log.count($1) }
    }

    // MARK: Reading back

    /// Every file can be read, and holds what the cloud holds.
    mutating func readEverything(_ number: Int) {
        var expected: [String: [UInt8]] = [:]
        let shown = listing(number)
        for entry in service.tree() where entry.kind == .file {
            let path = localPath(entry.path)
            // The mount may spell it in another normal form, which programs have to use.
            let spelled = shown.index(forKey: path).map { shown[$0].key } ?? path
            expected[spelled] = service.content(entry.path)?.bytes ?? []
        }
        var found: [String: [UInt8]] = [:]
        // A file that the service changed just now may have to be opened once more.
        for _ in 0..<3 {
            let missing = expected.keys.filter { found[$0] == nil }.sorted()
            if missing.isEmpty { break }
            readBack(missing, into: &found, number)
            now = now.advanced(byNanoseconds: 1_000_000_000)
        }
        guard violation == nil else { return }
        for (path, bytes) in expected.sorted(by: { $0.key < $1.key }) where found[path] != bytes {
            fail(
                .convergence,
                "client \(number) reads \(found[path].map(text) ?? "nothing") from \(path), the cloud holds \(text(bytes))"
            )
        }
    }

    private mutating func readBack(
        _ paths: [String], into found: inout [String: [UInt8]], _ number: Int
    ) {
        for path in paths {
            devices[number].programs.append(Program(Deed(.read, path), age: newAge()))
        }
        for _ in 0..<20_000 {
            guard violation == nil, !devices[number].programs.isEmpty else { return }
            run(forSeconds: 900, events: 1)
            for index in devices[number].programs.indices {
                guard let bytes = devices[number].programs[index].handle?.bytes else { continue }
                found[devices[number].programs[index].deed.path] = bytes
            }
        }
    }
}

extension Step {
    /// Whether it changes something.
    var isChange: Bool {
        switch deed.kind {
        case .read, .readSlowly, .readLocked, .list, .pin, .unpin, .free, .synchronize: false
        case .write, .edit, .append, .writeSlowly, .writeLocked, .writeDurably, .saveByRename,
            .saveWithBackup, .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .rework,
            .truncate, .touch, .remove, .scratch, .makeDirectory, .removeDirectory, .removeTree,
            .rename, .exchange, .retype:
            true
        }
    }
}
