/// Who locks what on the mount, and what waits because of it.
package struct LockListing: Hashable, Sendable {
    /// A lock of a program, held or waited for.
    package struct Entry: Hashable, Sendable {
        package var path: String
        package var family: LockFamily
        package var lock: FileLock
        package var isWaiting: Bool
        package var since: Timestamp
    }

    /// What waits because of a lock.
    package struct Deferred: Hashable, Sendable {
        package var path: String
        package var reason: String
        /// When it is tried again; nil if it goes on as soon as it can.
        package var until: Timestamp?
    }

    /// A file that is checked out in the cloud for programs of this device, or is to be.
    package struct CheckedOut: Hashable, Sendable {
        package enum State: String, Hashable, Sendable {
            /// The service is being asked.
            case asking
            case held
            /// Somebody else has it, and programs wait.
            case waiting
            /// Nobody needs it any more: it is given back when all that was changed is in the cloud.
            case releasing
        }

        package var path: String
        package var state: State
        package var since: Timestamp
        /// When it is tried again; nil where nothing failed.
        package var until: Timestamp?
    }

    package var entries: [Entry]
    /// Changes that wait because of locks on this device, or lock files of applications.
    package var deferred: [Deferred]
    /// What is locked in the cloud by somebody else.
    package var remote: [Deferred]
    /// By path.
    package var checkouts: [CheckedOut]
}

extension LockTable {
    /// All locks, by file, family and first byte; behind those that are held, those waited for.
    var entries: [(node: NodeID, family: LockFamily, entry: LockListing.Entry)] {
        nodes.sorted { $0.key < $1.key }.flatMap { node, locks in
            LockFamily.allCases.flatMap { family in
                let space = locks[family]
                let held = space.all.all.map {
                    LockListing.Entry(
                        path: "", family: family, lock: $0.lock, isWaiting: false, since: $0.since)
                }
                let waiting = space.waiters.map {
                    LockListing.Entry(
                        path: "", family: family, lock: $0.request.lock, isWaiting: true,
                        since: $0.since)
                }
                return (held + waiting).map { (node, family, $0) }
            }
        }
    }
}

extension Engine {
    /// How many entries a list holds at most.
    private static let listLength = 10_000

    package var lockListing: LockListing {
        var paths: [NodeID: String] = [:]
        let entries = locks.entries.prefix(Self.listLength).map { node, _, entry in
            var entry = entry
            let path = paths[node] ?? lockPath(of: node)
            paths[node] = path
            entry.path = path
            return entry
        }
        return LockListing(
            entries: entries, deferred: deferrals { $0 == .locked || $0 == .inUse },
            remote: deferrals { $0 == .lockedRemotely },
            checkouts: checkouts.all.sorted { $0.key < $1.key }.prefix(Self.listLength).map {
                let (state, until) = $0.value.listed
                return LockListing.CheckedOut(
                    path: path(ofItem: $0.key, $0.value), state: state, since: $0.value.since,
                    until: until)
            }.sorted { $0.path < $1.path })
    }

    private func path(ofItem item: ItemID, _ checkout: Checkout) -> String {
        if let node = tree.node(for: item) { return displayPath(of: node) }
        return checkout.nodes.min().map(lockPath) ?? item.rawValue
    }

    /// The path of a file that may have been removed while it is open.
    private func lockPath(of node: NodeID) -> String {
        guard let facts = unlinked[node] else { return displayPath(of: node) }
        let parent = tree.path(of: facts.place.parent) ?? []
        return "/" + (parent + [facts.place.name]).map(\.string).joined(separator: "/")
            + " (removed)"
    }

    private func deferrals(_ matches: (DeferralCause) -> Bool) -> [LockListing.Deferred] {
        planning.deferred.filter { tree.differs($0.node) && matches($0.cause) }
            .prefix(Self.listLength)
            .map {
                LockListing.Deferred(
                    path: displayPath(of: $0.node), reason: $0.cause.text,
                    until: setbacks[$0.node]?.until)
            }
    }
}

extension Checkout {
    /// As the user sees it, and when it is tried again.
    fileprivate var listed: (state: LockListing.CheckedOut.State, until: Timestamp?) {
        switch stage {
        case .due, .looking, .asking, .confirming: (.asking, nil)
        case .held: (isWanted ? .held : .releasing, nil)
        case .refused(let time): (.waiting, time)
        case .comparing, .releasing, .verifying: (.releasing, nil)
        case .returning(let time): (.releasing, failures > 0 ? time : nil)
        }
    }
}
