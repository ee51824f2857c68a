import Testing

@testable import Core

/// The rules of locks, one by one; L1 to L11 are checked together by ``LockPropertyTests``.
struct LockTableTests {
    /// A table with short words for what programs do.
    struct Desk {
        var table = LockTable()
        var now = Timestamp(seconds: 100)
        private var lastWait: UInt64 = 0

        static let node = NodeID(rawValue: 10)

        func request(
            _ owner: UInt64, _ kind: LockKind, _ range: ClosedRange<Int64>, _ family: LockFamily,
            on node: NodeID, through handle: UInt64?
        ) -> LockRequest {
            LockRequest(
                node: node, family: family, owner: LockOwner(rawValue: owner),
                handle: HandleID(rawValue: handle ?? owner),
                lock: FileLock(kind: kind, range: range, process: Int32(owner)))
        }

        @discardableResult
        mutating func tries(
            _ owner: UInt64, _ kind: LockKind, _ range: ClosedRange<Int64> = FileLock.everything,
            _ family: LockFamily = .byteRange, on node: NodeID = Desk.node,
            through handle: UInt64? = nil
        ) -> LockDecision {
            table.acquire(
                request(owner, kind, range, family, on: node, through: handle), .none, at: now)
        }

        /// Asks with a wait, numbered from 1.
        @discardableResult
        mutating func waits(
            _ owner: UInt64, _ kind: LockKind, _ range: ClosedRange<Int64> = FileLock.everything,
            _ family: LockFamily = .byteRange, on node: NodeID = Desk.node,
            through handle: UInt64? = nil
        ) -> LockDecision {
            lastWait += 1
            return table.acquire(
                request(owner, kind, range, family, on: node, through: handle),
                .waits(WaitID(rawValue: lastWait)), at: now)
        }

        mutating func unlocks(
            _ owner: UInt64, _ range: ClosedRange<Int64> = FileLock.everything,
            _ family: LockFamily = .byteRange, on node: NodeID = Desk.node
        ) {
            _ = table.release(range, on: node, family, of: LockOwner(rawValue: owner), at: now)
        }

        mutating func closesDescriptor(_ owner: UInt64, of handle: UInt64) {
            table.closedDescriptor(
                of: HandleID(rawValue: handle), on: Desk.node, owner: LockOwner(rawValue: owner),
                at: now)
        }

        mutating func closesFile(_ handle: UInt64) {
            table.closedFile(HandleID(rawValue: handle), on: Desk.node, at: now)
        }

        /// The waits that ended, as their numbers; a deadlock as a negative one.
        mutating func woken() -> [Int] {
            table.takeWakes().map { Int($0.wait.rawValue) * ($0.outcome == .granted ? 1 : -1) }
        }
    }

    private let settledRefusal = LockDecision.refused(isSettled: true)

    @Test("shared locks are held side by side, an exclusive one alone")
    func kinds() {
        for family in LockFamily.allCases {
            var desk = Desk()
            #expect(desk.tries(1, .shared, FileLock.everything, family) == .granted)
            #expect(desk.tries(2, .shared, FileLock.everything, family) == .granted)
            #expect(desk.tries(3, .exclusive, FileLock.everything, family) == settledRefusal)
            desk.unlocks(1, FileLock.everything, family)
            desk.unlocks(2, FileLock.everything, family)
            #expect(desk.tries(3, .exclusive, FileLock.everything, family) == .granted)
            #expect(desk.tries(1, .shared, FileLock.everything, family) == settledRefusal)
        }
    }

    @Test("the two families do not see each other")
    func families() {
        var desk = Desk()
        #expect(desk.tries(1, .exclusive) == .granted)
        #expect(desk.tries(2, .exclusive, FileLock.everything, .wholeFile) == .granted)
        desk.unlocks(1)
        #expect(desk.table.isLocked(Desk.node))
        desk.unlocks(2, FileLock.everything, .wholeFile)
        #expect(!desk.table.isLocked(Desk.node))
    }

    @Test("a lock of flock(2) that cannot be converted at once is lost")
    func conversion() {
        var desk = Desk()
        desk.tries(1, .shared, FileLock.everything, .wholeFile)
        desk.tries(2, .shared, FileLock.everything, .wholeFile)
        #expect(desk.tries(1, .exclusive, FileLock.everything, .wholeFile) == settledRefusal)
        #expect(desk.tries(2, .exclusive, FileLock.everything, .wholeFile) == .granted)
    }

    @Test("a lock of fcntl(2) that cannot be converted at once is kept")
    func upgrade() {
        var desk = Desk()
        desk.tries(1, .shared)
        desk.tries(2, .shared)
        #expect(desk.tries(1, .exclusive) == settledRefusal)
        #expect(desk.tries(2, .exclusive) == settledRefusal)
    }

    @Test("those who wait get their lock in the order in which they came")
    func order() {
        var desk = Desk()
        desk.tries(1, .exclusive)
        for owner in UInt64(2)...4 { #expect(desk.waits(owner, .exclusive) == .waits) }
        desk.unlocks(1)
        #expect(desk.woken() == [1])
        desk.unlocks(2)
        #expect(desk.woken() == [2])
    }

    @Test("readers who come later wait a second for a writer who waits, and no longer")
    func courtesy() {
        var desk = Desk()
        desk.tries(1, .shared)
        #expect(desk.waits(2, .exclusive) == .waits)
        #expect(desk.waits(3, .shared) == .waits)
        #expect(desk.table.nextTimer == desk.now.advanced(byNanoseconds: 1_000_000_000))
        // One who does not wait is told the truth, and one who holds a lock may have more of it.
        #expect(desk.tries(4, .shared) == .granted)
        #expect(desk.waits(1, .shared, 5...6) == .granted)
        desk.now = desk.now.advanced(byNanoseconds: 1_000_000_000)
        desk.table.timer(at: desk.now)
        #expect(desk.woken() == [2])
        #expect(desk.table.nextTimer == nil)
    }

    @Test("a writer is not starved by readers who come one after the other")
    func starvation() {
        var desk = Desk()
        desk.tries(1, .shared)
        desk.waits(2, .exclusive)
        desk.waits(3, .shared)
        desk.unlocks(1)
        #expect(desk.woken() == [1])
        desk.unlocks(2)
        #expect(desk.woken() == [2])
    }

    @Test("a process that closes a descriptor loses its ranges, and nobody else does")
    func descriptors() {
        var desk = Desk()
        desk.tries(1, .exclusive, 0...0, through: 7)
        desk.tries(2, .exclusive, 1...1, through: 7)
        desk.tries(50, .exclusive, 2...2, through: 7)
        desk.closesDescriptor(1, of: 8)
        #expect(desk.tries(3, .exclusive, 0...0) == .granted)
        #expect(desk.tries(3, .exclusive, 1...1) == settledRefusal)
        #expect(desk.tries(3, .exclusive, 2...2) == settledRefusal)
    }

    @Test("an open file that is closed loses what was locked through it, but no newer lock")
    func openFiles() {
        var desk = Desk()
        desk.tries(50, .exclusive, 2...2, through: 7)
        desk.tries(51, .exclusive, FileLock.everything, .wholeFile, through: 7)
        desk.tries(1, .exclusive, 0...0, through: 7)
        // The process closes its descriptor, and locks again through another file before the first
        // is said to be gone.
        desk.closesDescriptor(1, of: 7)
        desk.tries(1, .exclusive, 0...0, through: 8)
        desk.closesFile(7)
        #expect(desk.tries(3, .exclusive, 0...0) == settledRefusal)
        #expect(desk.tries(3, .exclusive, 2...2) == .granted)
        #expect(desk.tries(3, .exclusive, FileLock.everything, .wholeFile) == .granted)
    }

    @Test("a refusal is not settled while the file of the lock in the way may be closing")
    func settling() {
        var desk = Desk()
        desk.tries(50, .exclusive, FileLock.everything, .wholeFile, through: 7)
        #expect(desk.tries(2, .exclusive, FileLock.everything, .wholeFile) == settledRefusal)
        desk.closesDescriptor(1, of: 7)
        #expect(
            desk.tries(2, .exclusive, FileLock.everything, .wholeFile)
                == .refused(isSettled: false))
        let again = desk.request(
            2, .exclusive, FileLock.everything, .wholeFile, on: Desk.node, through: nil)
        #expect(
            desk.table.acquire(again, .none, isSettled: true, at: desk.now) == settledRefusal)
        #expect(desk.table.blocker(of: again)?.isSettled == false)
        #expect(desk.table.blocker(of: again, isSettled: true)?.isSettled == true)
    }

    @Test("a new open file with the number of a closed one does not take over its locks")
    func numbersUsedAgain() {
        var desk = Desk()
        desk.tries(50, .exclusive, 0...0, through: 7)
        desk.closesDescriptor(1, of: 7)
        // The kernel has freed the first, and has not said so yet.
        #expect(desk.tries(50, .exclusive, 0...0, through: 8) == .refused(isSettled: false))
        #expect(desk.waits(50, .shared, 5...5, through: 8) == .refused(isSettled: false))
        desk.closesFile(7)
        #expect(desk.tries(50, .exclusive, 0...0, through: 8) == .granted)
        // A process that goes on through another file is asked to wait as well, and keeps its locks.
        desk.tries(1, .exclusive, 9...9, through: 8)
        desk.closesDescriptor(2, of: 8)
        let again = desk.request(1, .exclusive, 8...8, .byteRange, on: Desk.node, through: 9)
        #expect(desk.table.acquire(again, .none, at: desk.now) == .refused(isSettled: false))
        #expect(desk.table.acquire(again, .none, isSettled: true, at: desk.now) == .granted)
        #expect(desk.tries(3, .exclusive, 9...9) != .granted)
    }

    @Test("two processes that wait for each other: the second is told")
    func deadlock() {
        var desk = Desk()
        let other = NodeID(rawValue: 11)
        desk.tries(1, .exclusive, 0...0)
        desk.tries(2, .exclusive, 0...0, on: other)
        #expect(desk.waits(1, .exclusive, 0...0, on: other) == .waits)
        #expect(desk.waits(2, .exclusive, 0...0) == .deadlock)
        // The one who was told still holds what he held, and the other goes on waiting.
        #expect(desk.woken() == [])
        desk.unlocks(2, 0...0, on: other)
        #expect(desk.woken() == [1])
    }

    @Test("a circle of many processes, over many files")
    func longCircle() {
        var desk = Desk()
        let count: UInt64 = 40
        for owner in 1...count { desk.tries(owner, .exclusive, on: NodeID(rawValue: 100 + owner)) }
        for owner in 1..<count {
            #expect(desk.waits(owner, .exclusive, on: NodeID(rawValue: 101 + owner)) == .waits)
        }
        #expect(desk.waits(count, .shared, on: NodeID(rawValue: 101)) == .deadlock)
        #expect(desk.waits(99, .shared, on: NodeID(rawValue: 101)) == .waits)
    }

    @Test("locks of flock(2) are never found to wait for each other, as on a local disk")
    func noDeadlockOfWholeFiles() {
        var desk = Desk()
        let other = NodeID(rawValue: 11)
        desk.tries(1, .exclusive, FileLock.everything, .wholeFile)
        desk.tries(2, .exclusive, FileLock.everything, .wholeFile, on: other)
        desk.waits(1, .exclusive, FileLock.everything, .wholeFile, on: other)
        #expect(desk.waits(2, .exclusive, FileLock.everything, .wholeFile) == .waits)
    }

    @Test("a wait that is given up lets those behind it go on, and leaves nothing")
    func cancelling() {
        var desk = Desk()
        desk.tries(1, .shared)
        desk.waits(2, .exclusive)
        desk.waits(3, .shared)
        #expect(desk.table.cancel(WaitID(rawValue: 1), at: desk.now) == Desk.node)
        #expect(desk.woken() == [2])
        #expect(desk.table.cancel(WaitID(rawValue: 1), at: desk.now) == nil)
        #expect(desk.table.cancel(WaitID(rawValue: 2), at: desk.now) == nil)
        for owner: UInt64 in [1, 3] { desk.closesDescriptor(owner, of: owner) }
        #expect(desk.table.isEmpty)
    }

    @Test("there is room for many ranges, and a clear answer when there is no more")
    func room() {
        var desk = Desk()
        for index in 0..<Int64(10_000) { desk.tries(1, .exclusive, index * 2...index * 2) }
        #expect(desk.tries(2, .exclusive, 19_998...19_998) == settledRefusal)
        #expect(desk.tries(2, .exclusive, 19_999...19_999) == .granted)
        desk.unlocks(1)
        #expect(desk.tries(2, .exclusive) == .granted)
    }
}
