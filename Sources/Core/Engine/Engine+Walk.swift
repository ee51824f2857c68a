/// Walking through folders: drives and shared folders without a feed of changes, and folders in
/// which a change may have been left out.
extension Engine {
    /// The least time between two walks through an area, in nanoseconds.
    private static let walkPause: Int64 = 5 * 60 * 1_000_000_000
    /// The time between two walks for each folder, in nanoseconds: so a walk is never more than
    /// one request a second on average.
    private static let walkPausePerFolder: Int64 = 1_000_000_000

    /// Begins a walk, if none is under way.
    mutating func startWalk(_ scope: Walk.Scope, at now: Timestamp) {
        guard cloud.walk == nil else { return }
        cloud.walk = Walk(scope)
        if case .area(let area) = scope {
            cloud.areas[area]?.nextWalk = nil
            cloud.areas[area]?.isHurried = false
        }
        continueWalk(at: now)
    }

    /// Starts the walk that is due first, if none is under way.
    mutating func startDueWalk(at now: Timestamp) {
        guard mayWalk else { return }
        if let area = nextArea, let due = cloud.areas[area]?.nextWalk, due <= now {
            startWalk(.area(area), at: now)
        } else if let folder = folderToVerify(at: now) {
            startWalk(.folder(folder), at: now)
        }
    }

    private var mayWalk: Bool {
        // Where nothing else is asked for, a walk is what finds out that the service is back.
        cloud.walk == nil && planning.pause == nil && cloud.confirmation == .confirmed
            && (cloud.feed == .walks || !scheduler.isOffline)
    }

    /// The area whose walk is due first.
    private var nextArea: NodeID? {
        // A shortcut that was removed here, and is yet to be removed there, is left alone.
        cloud.areas.filter { $0.value.nextWalk != nil && tree.local($0.key) != nil }.min {
            ($0.value.nextWalk ?? .epoch, $0.key) < ($1.value.nextWalk ?? .epoch, $1.key)
        }?.key
    }

    /// When the next walk is due; nil while one is under way.
    var nextWalk: Timestamp? {
        guard mayWalk else { return nil }
        let verification = mayVerify ? cloud.verification.next : nil
        return [nextArea.flatMap { cloud.areas[$0]?.nextWalk }, verification]
            .compactMap { $0 }.min()
    }

    /// Has all areas walked through as soon as possible.
    mutating func hurryWalks(at now: Timestamp) {
        for area in cloud.areas.keys.sorted() {
            cloud.areas[area]?.nextWalk = now
            cloud.areas[area]?.isHurried = tree.local(area) != nil
        }
        startDueWalk(at: now)
    }

    /// Whether both sides can only be compared after a walk.
    var isWalkAwaited: Bool {
        if case .area = cloud.walk?.scope { return true }
        return cloud.areas.values.contains { $0.isHurried }
    }

    // MARK: Folders

    private mutating func continueWalk(at now: Timestamp) {
        while let walk = cloud.walk, walk.suspects == nil, walk.listing.count < Walk.breadth,
            let directory = walk.pending.last
        {
            cloud.walk?.pending.removeLast()
            let item = containerItem(of: directory)
            guard item != nil || directory == .root else { continue }
            cloud.walk?.listing.insert(directory)
            cloud.walk?.folderCount += 1
            submit(
                .children(item.map(ChildrenPosition.first) ?? .firstOfRoot), for: .walk(directory),
                .metadata, at: now)
        }
        guard let walk = cloud.walk, walk.suspects == nil, walk.listing.isEmpty else { return }
        let suspects = walk.isIncomplete ? [] : suspects(of: walk)
        cloud.walk?.suspects = suspects
        askForSuspects(at: now)
    }

    mutating func walkAnswered(
        _ directory: NodeID, _ outcome: RequestOutcome, to request: RequestID,
        at now: Timestamp
    ) {
        guard cloud.walk?.listing.contains(directory) == true else { return }
        guard isThere(directory) else {
            // It was deleted from here meanwhile, with everything that is listed.
            cloud.walk?.listing.remove(directory)
            continueWalk(at: now)
            return
        }
        guard case .answer(.listing(let listing)) = outcome else {
            cloud.walk?.listing.remove(directory)
            walkFailed(directory, outcome, at: now)
            continueWalk(at: now)
            return
        }
        beginFirstSight(!isListed(directory))
        for item in listing.items where !item.isDeleted {
            learnRoot(from: item, in: directory)
            met(item, askedBy: request, at: now)
        }
        endFirstSight(at: now)
        if let link = listing.next {
            submit(.children(.link(link)), for: .walk(directory), .metadata, at: now)
        } else {
            cloud.walk?.listing.remove(directory)
            markListed(directory)
            wake(.listed(directory))
        }
        planNow(at: now)
        continueWalk(at: now)
    }

    private mutating func met(
        _ item: RemoteItem, askedBy request: RequestID, at now: Timestamp
    ) {
        cloud.walk?.listedCount += 1
        let known = tree.node(for: item.id)
        let isNew = known == nil
        // It was changed from here meanwhile, and is there all the same, or gone.
        let isOutdated = isOutdated(item, askedBy: request)
        if isOutdated, let known { cloud.walk?.seen.insert(known) }
        guard let node = isOutdated ? known : observe(item, at: now) else { return }
        cloud.walk?.itemCount += 1
        guard tree[node]?.kind.isContainer == true, cloud.shares[node] == nil else { return }
        switch cloud.walk?.scope {
        case .area: cloud.walk?.pending.append(node)
        // What lies inside was never told of either.
        case .folder: if isNew { cloud.verification.due.append(node) }
        case nil: break
        }
    }

    /// A folder that cannot be listed: nothing is judged, and a shared one stays as it is.
    private mutating func walkFailed(
        _ directory: NodeID, _ outcome: RequestOutcome, at now: Timestamp
    ) {
        // Also one that is said not to be there: it has just been listed itself, so it went away
        // meanwhile, which the next walk will tell, or is too new to be found.
        cloud.walk?.isIncomplete = true
        guard case .area(let area) = cloud.walk?.scope, area == directory, area != .root,
            case .answer(.failure(let failure)) = outcome,
            failure.kind == .notFound || failure.kind == .forbidden
        else { return }
        if cloud.areas[area]?.isBroken != true {
            effects.append(
                .report(
                    .failed(
                        path: displayPath(of: area),
                        message: "the shared folder cannot be opened any more: \(failure)")))
        }
        cloud.areas[area]?.isBroken = true
        fail(.listed(area), .accessDenied)
    }

    // MARK: Suspects

    /// What the cloud held and the walk did not meet: of a folder and all inside, the folder alone.
    private func suspects(of walk: Walk) -> [NodeID] {
        func isSuspect(_ id: NodeID, in parent: NodeID) -> Bool {
            guard id != .root, !walk.seen.contains(id), let node = tree[id], node.item != nil,
                operations[id] == nil, node.remote.facts?.place.parent == parent
            else { return false }
            return true
        }
        switch walk.scope {
        case .folder(let folder):
            return knownChildren(of: folder).filter { isSuspect($0, in: folder) }
        case .area(let top):
            return tree.allNodes.filter { id in
                guard let parent = tree[id]?.remote.facts?.place.parent,
                    parent == top || walk.seen.contains(parent), area(of: parent) == top
                else { return false }
                return isSuspect(id, in: parent)
            }
        }
    }

    /// The nodes that the cloud is known to hold in a folder.
    func knownChildren(of folder: NodeID) -> [NodeID] {
        let here = tree.children(of: folder).filter {
            tree[$0]?.remote.facts?.place.parent == folder
        }
        let elsewhere = tree.differing.filter {
            guard let node = tree[$0], node.remote.facts?.place.parent == folder else {
                return false
            }
            return node.local?.place.parent != folder
        }
        return here + elsewhere
    }

    private mutating func askForSuspects(at now: Timestamp) {
        while let walk = cloud.walk, walk.asking.count < Walk.breadth,
            let suspect = walk.suspects?.last
        {
            cloud.walk?.suspects?.removeLast()
            guard let item = tree[suspect]?.item?.id, !walk.seen.contains(suspect) else { continue }
            cloud.walk?.asking.insert(suspect)
            submit(.item(item), for: .suspect(suspect), .background, at: now)
        }
        guard let walk = cloud.walk, walk.suspects?.isEmpty == true, walk.asking.isEmpty else {
            return
        }
        finish(walk, at: now)
    }

    mutating func suspectAnswered(
        _ id: NodeID, _ outcome: RequestOutcome, to request: RequestID, at now: Timestamp
    ) {
        guard cloud.walk?.asking.remove(id) != nil else { return }
        switch outcome {
        case .answer(.item(let item)) where isOutdated(item, askedBy: request): break
        case .answer(.item(let item)):
            if item.isDeleted { markAbsent([id]) } else { observe(item, at: now) }
        case .answer(.failure(let failure)) where failure.kind == .notFound: markAbsent([id])
        case .answer, .ambiguous, .offline, .signInNeeded, .busy, .failed: break
        }
        askForSuspects(at: now)
    }

    // MARK: The end

    private mutating func finish(_ walk: Walk, at now: Timestamp) {
        cloud.walk = nil
        switch walk.scope {
        case .folder(let folder): verified(folder, walk, at: now)
        case .area(let area): walked(area, walk, at: now)
        }
        planNow(at: now)
        startDueWalk(at: now)
        setTimer(nextWalk)
    }

    private mutating func walked(_ area: NodeID, _ walk: Walk, at now: Timestamp) {
        let pause =
            walk.isIncomplete
            ? configuration.pollInterval
            : max(
                Self.walkPause, Int64(walk.folderCount) * Self.walkPausePerFolder,
                configuration.pollInterval)
        cloud.areas[area]?.nextWalk = now.advanced(byNanoseconds: pause)
        guard !walk.isIncomplete else { return }
        if area == .root {
            let isFirst = !cloud.isEnumerated
            if !cloud.isWalked {
                cloud.isWalked = true
                records.append(.setting(.walked, "1"))
            }
            cloud.completedRounds += 1
            if isFirst { enumerated(items: walk.itemCount) }
        } else {
            cloud.areas[area]?.isBroken = false
            if var share = cloud.shares[area], !share.isWalked {
                share.isWalked = true
                setShare(share, of: area)
                wakeListings(in: area)
            }
        }
    }

    /// Everything in an area has been seen: whoever waits for a listing in it can go on.
    private mutating func wakeListings(in area: NodeID) {
        for directory in cloud.pendingListings where self.area(of: directory) == area {
            wake(.listed(directory))
        }
    }

    // MARK: Verification

    /// Takes note of how many children folders have, as a round told, once it is complete.
    mutating func compare(_ counts: [NodeID: Int64], at now: Timestamp) {
        // A count may run ahead of the changes by a round.
        for (folder, count) in cloud.verification.doubtful.sorted(by: { $0.key < $1.key }) {
            let latest = counts[folder] ?? count
            if isDoubtful(folder, latest) { cloud.verification.due.append(folder) }
        }
        cloud.verification.doubtful = counts.filter { folder, count in
            isDoubtful(folder, count) && !cloud.verification.due.contains(folder)
        }
        if cloud.verification.next == nil {
            cloud.verification.next = now.advanced(byNanoseconds: Verification.interval)
        }
        startDueWalk(at: now)
    }

    private func isDoubtful(_ folder: NodeID, _ count: Int64) -> Bool {
        guard tree.contains(folder) else { return false }
        let known = Int64(knownChildren(of: folder).count)
        return known + cloud.verification.hidden[folder, default: 0] != count
    }

    private var mayVerify: Bool {
        cloud.isEnumerated && cloud.feed == .changes && cloud.chain == nil
    }

    private mutating func folderToVerify(at now: Timestamp) -> NodeID? {
        guard mayVerify else { return nil }
        while let folder = cloud.verification.due.popLast() {
            if tree[folder]?.remote.facts != nil { return folder }
        }
        guard let next = cloud.verification.next, next <= now else { return nil }
        cloud.verification.next = now.advanced(byNanoseconds: Verification.interval)
        let folder = tree.container(after: cloud.verification.last) ?? .root
        cloud.verification.last = folder
        return area(of: folder) == .root && containerItem(of: folder) != nil ? folder : nil
    }

    private mutating func verified(_ folder: NodeID, _ walk: Walk, at now: Timestamp) {
        guard !walk.isIncomplete else { return }
        let hidden = Int64(walk.listedCount) - Int64(knownChildren(of: folder).count)
        cloud.verification.hidden[folder] = hidden == 0 ? nil : hidden
    }
}
