import Core
import Glibc
import Synchronization

/// Tells the kernel what changed without its doing.
///
/// Publish a new state first and post afterwards: the kernel asks again. One thread delivers, in the
/// order of posting, and holds no lock meanwhile, since deliveries can wait for calls that are being
/// answered. Posting never waits. What is posted again before it was delivered is delivered once, at
/// its last place.
package final class KernelNotifier: Sendable {
    private struct State {
        var connection: FuseConnection?
        var queue: [KernelNotification] = []
        /// Where in the queue each was posted last.
        var places: [KernelNotification: Int] = [:]
        /// How many were posted and how many of them were delivered, in the same order.
        var postedCount = 0
        var deliveredCount = 0
        var waiters: [(after: Int, signal: Signal)] = []
        var stops = false

        /// Each that is queued, at its last place.
        var lastOnes: [KernelNotification] {
            queue.enumerated().filter { places[$0.element] == $0.offset }.map(\.element)
        }

        /// Keeps the queue about as long as what is in it.
        mutating func leaveOutRepetitions() {
            guard queue.count > 64, queue.count > 2 * places.count else { return }
            queue = lastOnes
            for (place, notification) in queue.enumerated() { places[notification] = place }
        }
    }

    private let state = Mutex(State())
    private let wakeUp = Signal()
    private let capacity: Int

    /// Makes a notifier that queues until a mount is there.
    ///
    /// - Parameter capacity: When so many wait, the kernel is made to look up all names again
    ///   instead. Kernels before 6.16 cannot; there the names that they know bound the queue.
    package init(capacity: Int = 65_536) {
        self.capacity = capacity
    }

    package func post(_ notification: KernelNotification) {
        let isFirst = state.withLock { state in
            guard !state.stops else { return false }
            state.places[notification] = state.queue.count
            state.queue.append(notification)
            state.postedCount += 1
            defer { state.leaveOutRepetitions() }
            return state.queue.count == 1
        }
        if isFirst { wakeUp.raise() }
    }

    /// Waits until everything posted before was delivered, or the mount is gone.
    ///
    /// Never to be called by a thread that answers requests.
    package func drained() {
        let signal = state.withLock { state -> Signal? in
            guard !state.stops, state.deliveredCount < state.postedCount else { return nil }
            let signal = Signal()
            state.waiters.append((state.postedCount, signal))
            return signal
        }
        signal?.wait()
    }

    // MARK: The thread

    /// Starts to deliver through a connection, in a thread that ends with ``stop()``.
    func start(_ connection: FuseConnection) throws(ThreadFailure) -> JoinableThread {
        state.withLock { $0.connection = connection }
        return try JoinableThread(name: "fuse-notify") { self.deliver() }
    }

    /// Ends the thread, and those who wait.
    func stop() {
        let waiters = state.withLock { state in
            state.stops = true
            state.connection = nil
            state.queue = []
            state.places = [:]
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.signal.raise() }
        wakeUp.raise()
    }

    private func deliver() {
        while true {
            wakeUp.wait()
            let (batch, count, connection) = takeBatch()
            guard let connection else { return }
            if batch.count < capacity || !deliverAtOnce(batch, connection) {
                for notification in batch { deliver(notification, connection) }
            }
            noteDelivered(count)
        }
    }

    /// What is to be delivered, each once, and how many were posted since the last time.
    private func takeBatch() -> ([KernelNotification], Int, FuseConnection?) {
        state.withLock { state in
            let batch = state.lastOnes
            let count = state.postedCount - state.deliveredCount
            state.queue = []
            state.places = [:]
            return (batch, count, state.connection)
        }
    }

    private func deliver(_ notification: KernelNotification, _ connection: FuseConnection) {
        let result = connection.notify(notification)
        // ENOENT says that the kernel does not know the name or inode: there is nothing to forget.
        guard result != 0, result != -ENOENT else { return }
        switch notification {
        case .deletion(let parent, _, let name):
            // The kernel keeps a directory that it believes to have entries, or a mount point.
            _ = connection.notify(.entry(parent: parent, name: name))
        case .inode, .entry: break
        }
    }

    /// Delivers a flood: all names at once, and of inodes those whose pages changed.
    private func deliverAtOnce(
        _ batch: [KernelNotification], _ connection: FuseConnection
    ) -> Bool {
        guard connection.forgetAllNames() else { return false }
        var previous: KernelNotification?
        for notification in batch {
            if case .inode(_, true) = notification {
                // Not before the answers to lookups of its name have arrived.
                if case .entry? = previous, let previous { deliver(previous, connection) }
                deliver(notification, connection)
            }
            previous = notification
        }
        return true
    }

    private func noteDelivered(_ count: Int) {
        let ready = state.withLock { state in
            state.deliveredCount += count
            let delivered = state.deliveredCount
            let ready = state.waiters.filter { $0.after <= delivered }
            state.waiters.removeAll { $0.after <= delivered }
            return ready
        }
        for waiter in ready { waiter.signal.raise() }
    }
}
