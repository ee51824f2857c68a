import Glibc

/// Lets one thread wait for another, sem_overview(7).
final class Signal: Sendable {
    /// At a fixed place, as the C library needs it; its functions may be called from any thread.
    nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Lets one `wait`, now or later, go on.
    func raise() { sem_post(semaphore) }

    /// Returns whether there was something to go on for within so many seconds.
    func wait(seconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += seconds
        while sem_timedwait(semaphore, &deadline) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }

    func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
    }
}
