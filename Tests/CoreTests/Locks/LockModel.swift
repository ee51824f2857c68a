@testable import Core

/// Who may have which lock, worked out byte by byte and by looking at everybody: slow, and simple
/// enough to be right.
struct LockModel {
    static let byteCount = 6

    struct Space {
        var bytes: [LockOwner: [LockKind?]] = [:]
        var queue: [(wait: WaitID, request: LockRequest, since: Timestamp)] = []
    }

    struct Key: Hashable {
        var node: NodeID
        var family: LockFamily
    }

    struct User: Hashable {
        var handle: HandleID
        var family: LockFamily
        var owner: LockOwner
    }

    var spaces: [Key: Space] = [:]
    var users: Set<User> = []
    var wakes: [LockWake] = []

    private func bytes(_ key: Key, _ owner: LockOwner) -> [LockKind?] {
        spaces[key]?.bytes[owner] ?? Array(repeating: nil, count: Self.byteCount)
    }

    private func blockers(_ request: LockRequest) -> Set<LockOwner> {
        let key = Key(node: request.node, family: request.family)
        var result: Set<LockOwner> = []
        for (owner, bytes) in spaces[key]?.bytes ?? [:] where owner != request.owner {
            for (index, kind) in bytes.enumerated() where request.lock.range.contains(Int64(index))
            {
                guard let kind else { continue }
                if kind == .exclusive || request.lock.kind == .exclusive { result.insert(owner) }
            }
        }
        return result
    }

    private mutating func set(
        _ key: Key, _ owner: LockOwner, _ range: ClosedRange<Int64>, _ kind: LockKind?
    ) {
        var all = bytes(key, owner)
        for index in all.indices where range.contains(Int64(index)) { all[index] = kind }
        spaces[key, default: Space()].bytes[owner] = all.contains { $0 != nil } ? all : nil
    }

    private func excludes(_ one: LockRequest, _ other: LockRequest) -> Bool {
        one.owner != other.owner && one.lock.range.overlaps(other.lock.range)
            && (one.lock.kind == .exclusive || other.lock.kind == .exclusive)
    }

    private var waiting: [LockRequest] { spaces.values.flatMap { $0.queue.map(\.request) } }

    /// Everybody that an owner's wish waits for in the end.
    private func awaited(by request: LockRequest) -> Set<LockOwner> {
        var result: Set<LockOwner> = []
        var wishes = [request]
        while let wish = wishes.popLast() {
            for owner in blockers(wish) where result.insert(owner).inserted {
                wishes += waiting.filter { $0.owner == owner && $0.family == .byteRange }
            }
        }
        return result
    }

    mutating func acquire(
        _ request: LockRequest, _ patience: LockPatience, at now: Timestamp
    ) -> LockDecision {
        let key = Key(node: request.node, family: request.family)
        let mine = bytes(key, request.owner)
        let holds = mine.contains { $0 != nil }
        if request.family == .wholeFile, holds {
            if mine[0] == request.lock.kind { return .granted }
            set(key, request.owner, FileLock.everything, nil)
        }
        let decision: LockDecision
        if blockers(request).isEmpty {
            let isLate = spaces[key]?.queue.contains { excludes($0.request, request) } ?? false
            if case .waits(let id) = patience, isLate, !holds {
                spaces[key, default: Space()].queue.append((id, request, now))
                decision = .waits
            } else {
                grant(request)
                decision = .granted
            }
        } else if case .waits(let id) = patience {
            if request.family == .byteRange, awaited(by: request).contains(request.owner) {
                decision = .deadlock
            } else {
                spaces[key, default: Space()].queue.append((id, request, now))
                decision = .waits
            }
        } else {
            decision = .refused(isSettled: true)
        }
        settle(key, at: now)
        return decision
    }

    private mutating func grant(_ request: LockRequest) {
        let key = Key(node: request.node, family: request.family)
        set(key, request.owner, request.lock.range, request.lock.kind)
        users.insert(
            User(handle: request.handle, family: request.family, owner: request.owner))
        guard request.family == .byteRange,
            waiting.contains(where: { $0.owner == request.owner && $0.family == .byteRange })
        else { return }
        for entry in spaces[key]?.queue ?? [] where blockers(entry.request).contains(request.owner)
        {
            guard awaited(by: entry.request).contains(entry.request.owner) else { continue }
            spaces[key]?.queue.removeAll { $0.wait == entry.wait }
            wakes.append(LockWake(wait: entry.wait, outcome: .deadlock))
        }
    }

    mutating func release(
        _ node: NodeID, _ family: LockFamily, _ owner: LockOwner, _ range: ClosedRange<Int64>,
        at now: Timestamp
    ) {
        let key = Key(node: node, family: family)
        set(key, owner, range, nil)
        settle(key, at: now)
    }

    mutating func closeDescriptor(
        _ handle: HandleID, _ node: NodeID, _ owner: LockOwner, handles: [HandleID],
        at now: Timestamp
    ) {
        for handle in handles {
            users.remove(User(handle: handle, family: .byteRange, owner: owner))
        }
        release(node, .byteRange, owner, FileLock.everything, at: now)
    }

    mutating func closeFile(_ handle: HandleID, _ node: NodeID, at now: Timestamp) {
        let gone = users.filter { $0.handle == handle }
        users.subtract(gone)
        for family in LockFamily.allCases {
            for owner in gone.filter({ $0.family == family }).map(\.owner).sorted() {
                release(node, family, owner, FileLock.everything, at: now)
            }
        }
    }

    mutating func cancel(_ wait: WaitID, at now: Timestamp) -> Bool {
        for key in spaces.keys where spaces[key]?.queue.contains(where: { $0.wait == wait }) == true
        {
            spaces[key]?.queue.removeAll { $0.wait == wait }
            settle(key, at: now)
            return true
        }
        return false
    }

    mutating func settleAll(at now: Timestamp) {
        for key in spaces.keys { settle(key, at: now) }
    }

    private mutating func settle(_ key: Key, at now: Timestamp) {
        var isChanging = true
        while isChanging {
            isChanging = false
            let queue = spaces[key]?.queue ?? []
            for (index, entry) in queue.enumerated() where blockers(entry.request).isEmpty {
                let holds = bytes(key, entry.request.owner).contains { $0 != nil }
                let isLate = queue[..<index].contains { excludes($0.request, entry.request) }
                if isLate, !holds, now < entry.since.advanced(byNanoseconds: LockTable.courtesy) {
                    continue
                }
                spaces[key]?.queue.removeAll { $0.wait == entry.wait }
                wakes.append(LockWake(wait: entry.wait, outcome: .granted))
                grant(entry.request)
                isChanging = true
                break
            }
        }
    }
}
