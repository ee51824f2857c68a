/// The locks on one file.
struct NodeLocks: Sendable {
    private var ranges = LockSpace()
    private var whole = LockSpace()
    /// Who locked through which open file, and would lose it with that.
    ///
    /// Nobody says whether an owner is a process or an open file. A process is forgotten here when it
    /// closes a descriptor, which ends its locks; what remains when the open file goes belongs to it.
    private var users: [HandleID: Set<User>] = [:]
    /// Open files of which a descriptor was closed since something was locked through them.
    ///
    /// It may have been the last: the kernel says so later.
    private var closing: Set<HandleID> = []

    private struct User: Hashable {
        var family: LockFamily
        var owner: LockOwner
    }

    subscript(family: LockFamily) -> LockSpace {
        _read {
            switch family {
            case .byteRange: yield ranges
            case .wholeFile: yield whole
            }
        }
        _modify {
            switch family {
            case .byteRange: yield &ranges
            case .wholeFile: yield &whole
            }
        }
    }

    var isLocked: Bool { !ranges.all.isEmpty || !whole.all.isEmpty }

    /// Whether somebody holds an exclusive lock, or waits for one.
    var wantsExclusion: Bool {
        LockFamily.allCases.contains { self[$0].wantsExclusion }
    }

    var isEmpty: Bool { ranges.isEmpty && whole.isEmpty && users.isEmpty }

    /// The first lock of an owner.
    func held(by owner: LockOwner, _ family: LockFamily) -> HeldLock? {
        self[family].owners[owner]?.lowest
    }

    // MARK: Open files

    mutating func note(_ owner: LockOwner, _ family: LockFamily, through handle: HandleID) {
        users[handle, default: []].insert(User(family: family, owner: owner))
    }

    /// A process closes a descriptor of an open file.
    mutating func forget(_ owner: LockOwner, closing handle: HandleID) {
        for other in users.keys {
            users[other]?.remove(User(family: .byteRange, owner: owner))
            if users[other]?.isEmpty == true { users[other] = nil }
        }
        if users[handle] != nil { closing.insert(handle) }
    }

    /// An open file is gone; returns those whose locks end with it, in order.
    mutating func forget(_ handle: HandleID) -> [(family: LockFamily, owner: LockOwner)] {
        closing.remove(handle)
        let gone = users.removeValue(forKey: handle) ?? []
        return LockFamily.allCases.flatMap { family in
            gone.filter { $0.family == family }.map(\.owner).sorted().map { (family, $0) }
        }
    }

    /// Whether an owner may have the number of an open file that is closed already.
    ///
    /// The kernel numbers owners by addresses, which it uses again before it says that they are free.
    func mayBeAnother(_ request: LockRequest) -> Bool {
        let user = User(family: request.family, owner: request.owner)
        return closing.contains { $0 != request.handle && users[$0]?.contains(user) == true }
    }

    /// Whether an owner may be an open file that is closed already.
    func mayBeClosing(_ owner: LockOwner, _ family: LockFamily) -> Bool {
        closing.contains { users[$0]?.contains(User(family: family, owner: owner)) == true }
    }
}
