/// What a user wants to know of a running client.
package struct Status: Hashable, Sendable {
    package enum Connection: Hashable, Sendable {
        case online
        case offline
        case throttled
        /// The text says why, and what to do.
        case signInNeeded(String)
    }

    /// Something under way.
    package struct Transfer: Hashable, Sendable {
        package var path: String
        package var activity: String
        /// In bytes; nil where there are none to count.
        package var progress: Progress?
    }

    package struct Progress: Hashable, Sendable {
        package var done: Int64
        package var total: Int64
    }

    /// Something that waits.
    package struct Waiting: Hashable, Sendable {
        package var path: String
        package var reason: String
    }

    package var connection: Connection
    /// Why nothing is synced at present; nil while everything is.
    package var pause: Pause?
    /// Whether every item of the drive has been seen.
    package var isEnumerated: Bool
    /// How many items there are in the tree.
    package var items: Int
    /// How many of them differ between the sides.
    package var pending: Int
    package var transfers: [Transfer]
    package var waiting: [Waiting]
    /// Names that stay on this device, with the reason.
    package var localOnly: [Waiting]
    /// How many conflict copies there are.
    package var conflicts: Int
    package var suspension: Suspension?
    package var quota: Quota?
    /// Of this run.
    package var requests: RequestTally
    /// How many bytes of content files are here, and how many files they belong to.
    package var cachedBytes: Int64
    package var cachedFiles: Int
    /// What is kept on this device: files and folders, as the user named them.
    package var pinned: [String]
    /// How many files are kept and not wholly here.
    package var pinnedMissing: Int

    /// Whether both sides agree.
    package var isQuiet: Bool { pending == 0 && transfers.isEmpty && isEnumerated }
}

extension Engine {
    /// How many entries a list of the status holds at most.
    private static let listLength = 100

    package var status: Status {
        Status(
            connection: connection, pause: planning.pause,
            isEnumerated: cloud.isEnumerated, items: tree.count, pending: tree.differingCount,
            transfers: transfers,
            waiting: waiting,
            localOnly: localOnly, conflicts: notable.conflictCopies.count,
            suspension: planning.suspension, quota: cloud.quota, requests: tally,
            cachedBytes: generations.values.reduce(0) { $0 + $1.bytesHere },
            cachedFiles: generations.count,
            pinned: pins.all(.kept).prefix(Self.listLength).map(displayPath).sorted(),
            pinnedMissing: missingKept)
    }

    /// What is going on, in a few words; O(1).
    package var summary: String {
        let state = pendingText
        let pause = planning.pause == nil ? "" : "paused, "
        return "\(connection.name), \(pause)\(state)"
    }

    private var pendingText: String {
        guard cloud.isEnumerated else { return "listing the drive" }
        return tree.differingCount == 0 ? "both sides agree" : "\(tree.differingCount) to sync"
    }

    private var connection: Status.Connection {
        switch scheduler.state {
        case .online: .online
        case .offline: .offline
        case .throttled: .throttled
        case .signInNeeded(let reason): .signInNeeded(reason)
        }
    }

    /// Deletions that are held back come last: there are many of them, by their nature.
    private var waiting: [Status.Waiting] {
        let deferrals = planning.deferred.filter {
            tree.differs($0.node) && !$0.cause.isTransient
        }
        let held = deferrals.filter { $0.cause == .deleteGuard }
        return (deferrals.filter { $0.cause != .deleteGuard } + held).prefix(Self.listLength).map {
            Status.Waiting(path: displayPath(of: $0.node), reason: $0.cause.text)
        }
    }

    private var transfers: [Status.Transfer] {
        let uploads = operations.sorted { $0.key < $1.key }.prefix(Self.listLength).map {
            Status.Transfer(
                path: displayPath(of: $0.key), activity: $0.value.change.activity,
                progress: $0.value.progress)
        }
        let downloads = downloads.generations.sorted().prefix(Self.listLength).compactMap {
            id -> Status.Transfer? in
            guard let generation = generations[id] else { return nil }
            return Status.Transfer(
                path: displayPath(of: generation.node), activity: "downloading",
                progress: Status.Progress(done: generation.bytesHere, total: generation.size))
        }
        return uploads + downloads
    }

    private var localOnly: [Status.Waiting] {
        let entries = notable.localOnly.compactMap { id -> Status.Waiting? in
            guard case .localOnly(let reason) = tree[id]?.scope else { return nil }
            return Status.Waiting(path: displayPath(of: id), reason: reason.text)
        }
        return Array(entries.sorted { $0.path < $1.path }.prefix(Self.listLength))
    }

    /// The path of a node as messages show it, from the root of the mount.
    package func displayPath(of id: NodeID) -> String {
        PlanPaths(tree).path(of: id)
    }

    // MARK: Commands

    /// Looks for changes now and sends what waits, without letting it rest first.
    ///
    /// The wait ends when both sides agree, but for what cannot be done at present.
    package mutating func synchronize(at now: Timestamp) -> WaitID {
        let obstacle = hurry(at: now)
        let id = wait(for: .quiet)
        // The network comes back by itself; the rest needs the user.
        if let obstacle, obstacle != .networkUnreachable { fail(.quiet, obstacle) }
        return id
    }

    /// Looks for changes now and sends what waits, without letting it rest first; nobody waits.
    ///
    /// - Returns: What keeps it from being done at once, if anything does.
    @discardableResult
    package mutating func hurry(at now: Timestamp) -> PosixError? {
        planning.isHurried = true
        // The network may be back.
        if scheduler.isOffline { networkChanged(at: now) }
        // What failed is tried again now: the cause may be gone.
        for id in setbacks.keys { setbacks[id]?.until = now }
        // A round that is under way may have begun before the changes that are asked for.
        quietRound = cloud.completedRounds + (cloud.chain == nil ? 1 : 2)
        cloud.nextPoll = now
        hurryWalks(at: now)
        requestPlan(at: now)
        setTimer(now)
        if planning.pause != nil { return .busy }
        if case .signInNeeded = scheduler.state { return .accessDenied }
        return scheduler.isOffline ? .networkUnreachable : nil
    }

    /// Whether nothing is left that can be done.
    var isQuiet: Bool {
        cloud.chain == nil && cloud.completedRounds >= quietRound && operations.isEmpty
            && !isWalkAwaited
            && hashing.values.allSatisfy { $0.revision == nil }
            && planning.due == nil
            && !planning.deferred.contains { $0.cause.endsByItself }
    }

    /// Lets the deletions happen that the guard holds back now; later ones are judged anew.
    ///
    /// Returns how many they are.
    package mutating func approve(at now: Timestamp) -> Int {
        let held = planning.deferred.filter { $0.cause == .deleteGuard }.map(\.node)
        planning.approved.formUnion(held)
        planNow(at: now)
        return held.count
    }

    /// Stops syncing: nothing goes up or comes down, but for bytes that a program reads.
    package mutating func pause(at now: Timestamp) {
        guard planning.pause == nil else { return }
        planning.pause = .user
        fail(.kept, .busy)
        records.append(.setting(.pause, Pause.user.rawValue))
    }

    /// Goes on after ``pause(at:)``.
    ///
    /// Returns whether syncing goes on.
    package mutating func resume(at now: Timestamp) -> Bool {
        if planning.pause == .user {
            planning.pause = nil
            records.append(.setting(.pause, nil))
            cloud.nextPoll = now
            requestPlan(at: now)
            keepMore(at: now)
            advanceCheckouts(at: now)
            setTimer(now)
        }
        return planning.pause == nil
    }
}

extension Generation {
    /// In bytes.
    package var bytesHere: Int64 { isComplete ? size : present.count }
}

extension Operation {
    var progress: Status.Progress? {
        guard case .sending(_, let offset) = stage, let total = uploadSize else { return nil }
        return Status.Progress(done: offset, total: total)
    }
}

extension RemoteChange {
    /// In words, for a list of what is going on.
    package var activity: String {
        switch self {
        case .createDirectory: "creating the folder"
        case .createFile, .replaceContent: "uploading"
        case .move, .park: "moving"
        case .setTime: "setting the time"
        case .delete: "deleting"
        }
    }
}

extension DeferralCause {
    /// Whether it passes by itself in a moment.
    package var isTransient: Bool {
        switch self {
        case .settling, .inProgress, .awaitingChanges, .parent, .hashing, .unobserved: true
        case .openForWriting, .locked, .inUse, .retry, .lockedRemotely, .quota, .refused, .name,
            .nameTaken, .holdsLocalOnly, .readOnly, .deleteGuard:
            false
        }
    }

    /// Whether waiting for it helps.
    ///
    /// What waits for its folder goes on when that does, which is in the list itself or under way.
    fileprivate var endsByItself: Bool {
        switch self {
        case .settling, .inProgress, .awaitingChanges, .hashing, .unobserved, .retry: true
        case .parent, .openForWriting, .locked, .inUse, .lockedRemotely, .quota, .refused, .name,
            .nameTaken, .holdsLocalOnly, .readOnly, .deleteGuard:
            false
        }
    }

    /// In words that a user understands.
    package var text: String {
        switch self {
        case .openForWriting: "open for writing in a program"
        case .settling: "changed a moment ago"
        case .locked: "locked by a program"
        case .inUse: "in use: the lock file of a program lies beside it"
        case .parent: "waits for its folder"
        case .awaitingChanges: "waits until the service has reported all changes"
        case .inProgress: "under way"
        case .retry: "an attempt failed; it will be tried again"
        case .lockedRemotely: "locked in the cloud by somebody else"
        case .quota: "no space left in the cloud"
        case .refused(let message): "refused by the service: \(message)"
        case .name: "OneDrive cannot hold this name"
        case .nameTaken: "something that stays on this device has the name"
        case .holdsLocalOnly: "holds something that stays on this device"
        case .hashing: "is being read to find out whether it differs"
        case .unobserved: "the cloud has not told what it has of it"
        case .readOnly: "read_only is set"
        case .deleteGuard: "more deletions than delete_guard allows; see onedrive approve"
        }
    }
}

extension LocalOnlyReason {
    package var text: String {
        switch self {
        case .ephemeral: "lock or temporary file of a program"
        case .symlink: "symbolic link"
        case .name: "a name that OneDrive cannot hold"
        case .parent: "inside a folder that stays on this device"
        case .excluded: "excluded by the configuration"
        }
    }
}
