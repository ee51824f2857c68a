/// Folders that are listed because somebody looks into them before every item has been seen.
extension Engine {
    /// Has a directory listed whose children have never been seen; returns what to wait for.
    mutating func waitForListing(
        of directory: NodeID, at now: Timestamp
    ) throws(PosixError) -> WaitID? {
        guard !isListed(directory), let node = tree[directory] else { return nil }
        guard directory == .root || node.item != nil else { return nil }
        if scheduler.isOffline { throw .networkUnreachable }
        // It would be a folder of another drive that is listed.
        if planning.pause == .otherDrive { throw .accessDenied }
        if !cloud.isListing(directory) {
            let target = containerItem(of: directory).map(ChildrenPosition.first) ?? .firstOfRoot
            let request = submit(
                .children(target), for: .listing(directory), .waitingReader, at: now)
            cloud.beginListing(directory, request)
        }
        return wait(for: .listed(directory))
    }

    mutating func listingArrived(
        _ directory: NodeID, _ listing: RemoteListing, to request: RequestID, at now: Timestamp
    ) {
        guard cloud.confirmation == .confirmed else {
            cloud.hold(listing, of: directory, request)
            confirmDrive(at: now)
            return
        }
        guard isThere(directory) else {
            listingFailed(directory, .noEntry)
            return
        }
        beginFirstSight(true)
        for item in listing.items {
            learnRoot(from: item, in: directory)
            guard !item.isDeleted, !isOutdated(item, askedBy: request) else { continue }
            if !cloud.isEnumerated, tree.node(for: item.id) == nil {
                cloud.toldEarly.insert(item.id)
            }
            observe(item, at: now)
        }
        endFirstSight(at: now)
        if let link = listing.next {
            let request = submit(
                .children(.link(link)), for: .listing(directory), .waitingReader, at: now)
            cloud.beginListing(directory, request)
            return
        }
        cloud.endListing(directory)
        markListed(directory)
        planNow(at: now)
        wake(.listed(directory))
    }

    /// Whether a directory is not known to be gone in the cloud.
    func isThere(_ directory: NodeID) -> Bool {
        tree[directory].map { $0.remote != .absent } ?? false
    }

    /// What lies in the root tells which item that is.
    mutating func learnRoot(from item: RemoteItem, in directory: NodeID) {
        guard directory == .root, cloud.rootItem == nil, let parent = item.parent else { return }
        cloud.rootItem = parent
        tree.update(.root) { $0.item = Item(id: parent) }
    }

    /// Takes in what was listed before it was known of which drive, or says why nobody will know.
    mutating func releaseListings(_ error: PosixError?, at now: Timestamp) {
        for (directory, listing, request) in cloud.takeHeldListings() {
            if let error {
                listingFailed(directory, error)
            } else {
                listingArrived(directory, listing, to: request, at: now)
            }
        }
    }

    mutating func listingFailed(_ directory: NodeID, _ error: PosixError) {
        cloud.endListing(directory)
        fail(.listed(directory), error)
    }
}
