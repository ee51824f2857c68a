/// Files that are kept on this device, and those whose space is given back.
extension Engine {
    /// Keeps a file, or all that is and will be in a directory, on this device.
    package mutating func pin(_ id: NodeID, at now: Timestamp) throws(PosixError) {
        guard tree.local(id) != nil else { throw .noEntry }
        forgetPins(inside: id)
        if !pins.keeps(id, in: tree) { setPin(id, .kept) }
        keep(inside: id)
        keepMore(at: now)
    }

    /// Lets the bytes of a file, or of all that is in a directory, come when they are read.
    ///
    /// What is here stays until its space is needed.
    package mutating func unpin(_ id: NodeID, at now: Timestamp) throws(PosixError) {
        guard tree.local(id) != nil else { throw .noEntry }
        forgetPins(inside: id)
        if pins[id] != nil { setPin(id, nil) }
        if pins.keeps(id, in: tree) { setPin(id, .onDemand) }
        for generation in downloads.hydrations.keys.sorted() {
            guard downloads.hydrations[generation]?.isAwaited == false,
                let node = generations[generation]?.node, !pins.keeps(node, in: tree)
            else { continue }
            downloads.hydrations[generation] = nil
        }
        keepMore(at: now)
    }

    /// Whether a file is to be kept on this device.
    func isKept(_ id: NodeID) -> Bool { pins.keeps(id, in: tree) }

    mutating func setPin(_ id: NodeID, _ pin: Pin?) {
        pins[id] = pin
        records.append(.pin(id, pin))
    }

    /// What was said of single files gives way to what is said of their directory.
    private mutating func forgetPins(inside directory: NodeID) {
        for id in (pins.all(.kept) + pins.all(.onDemand)).sorted() where isInside(id, directory) {
            setPin(id, nil)
        }
    }

    private func isInside(_ id: NodeID, _ directory: NodeID) -> Bool {
        var current = id
        while current != .root, let parent = tree.local(current)?.place.parent {
            if parent == directory { return true }
            current = parent
        }
        return false
    }

    /// The cloud identity of a node is that of another one now, and so is what the user said of it.
    mutating func movePin(from old: NodeID, to new: NodeID) {
        guard let pin = pins[old] else { return }
        setPin(new, pin)
        if tree.local(old) == nil { setPin(old, nil) }
        keep(inside: new)
    }

    // MARK: Fetching what is kept

    /// How long to wait after a failure, in nanoseconds.
    private static let pauseAfterFailure: Int64 = 60_000_000_000

    /// Queues the files at and inside a node that are kept and not wholly here.
    mutating func keep(inside id: NodeID) {
        guard !pins.isEmpty else { return }
        var pending = [id]
        while let current = pending.popLast() {
            guard let node = tree[current] else { continue }
            if node.kind.isContainer {
                pending += tree.children(of: current)
            } else if node.kind == .file, isKept(current), !isComplete(node) {
                downloads.kept.append(current)
            }
        }
    }

    /// What is kept after a start: everything under the pins.
    mutating func keepAll(at now: Timestamp) {
        for id in pins.all(.kept) { keep(inside: id) }
        keepMore(at: now)
    }

    /// Fetches the next files that are kept: as many at once as there are connections to both hosts,
    /// since a file needs Graph for its address and another host for its bytes.
    mutating func keepMore(at now: Timestamp) {
        guard planning.pause == nil else { return fail(.kept, .busy) }
        guard !scheduler.isOffline else { return fail(.kept, .networkUnreachable) }
        defer { if missingKept == 0 { wake(.kept) } }
        if let pause = downloads.keepsAgain {
            guard pause <= now else { return }
            downloads.keepsAgain = nil
        }
        let limit = configuration.scheduler.concurrency * RequestLane.Host.allCases.count
        while downloads.hydrations.count < limit, let id = downloads.kept.next() {
            guard isKept(id), let node = tree[id], node.kind == .file, !isComplete(node),
                node.local != nil, let generation = provideGeneration(for: id, at: now),
                downloads.hydrations[generation] == nil
            else { continue }
            downloads.hydrations[generation] = Downloads.Hydration(isAwaited: false)
            continueHydration(of: generation, at: now)
        }
    }

    /// Waits until everything that is kept on this device is here.
    package mutating func awaitKept(at now: Timestamp) -> WaitID {
        let id = wait(for: .kept)
        keepMore(at: now)
        return id
    }

    /// A file that is kept could not be fetched: it is tried again later.
    mutating func keepLater(_ generation: GenerationID, at now: Timestamp) {
        guard let node = generations[generation]?.node, isKept(node) else { return }
        downloads.kept.append(node)
        downloads.keepsAgain = now.advanced(byNanoseconds: Self.pauseAfterFailure)
        setTimer(downloads.keepsAgain)
        fail(.kept, .tryAgain)
    }

    /// How many files are kept and not wholly here.
    var missingKept: Int {
        downloads.kept.count + downloads.hydrations.values.count { !$0.isAwaited }
    }
}
