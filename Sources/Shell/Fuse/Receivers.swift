import CFuse3
import Glibc
import Synchronization

/// The threads that receive calls, and how far each of them is.
///
/// The kernel hands calls out in order, but to several threads, and it does not wait until a closed
/// file is released. So a call can overtake the release of a file that was closed before it was
/// made. Where that matters, ``settle()`` waits until no thread has such a release in its hands.
final class Receivers: Sendable {
    /// One thread.
    final class Receiver: Sendable {
        fileprivate let thread = pthread_self()
        /// Odd while the thread may have a release in its hands: from when it asks the kernel for a
        /// call until it has seen that it is another, or has served it.
        ///
        /// It only grows.
        fileprivate let progress = Atomic<UInt64>(0)
        /// Whether the thread is in the kernel, or about to be.
        fileprivate let isReceiving = Atomic(false)

        func beginReceiving() {
            let isOdd = progress.load(ordering: .relaxed) & 1 == 1
            isReceiving.store(true, ordering: .sequentiallyConsistent)
            progress.add(isOdd ? 2 : 1, ordering: .sequentiallyConsistent)
        }

        /// A call has come.
        func endReceiving(isRelease: Bool) {
            isReceiving.store(false, ordering: .sequentiallyConsistent)
            if !isRelease { progress.add(1, ordering: .sequentiallyConsistent) }
        }
    }

    private let all = Mutex<[Receiver]>([])

    /// Enters the calling thread.
    func enter() -> Receiver {
        Self.allowInterruption()
        let receiver = Receiver()
        all.withLock { $0.append(receiver) }
        return receiver
    }

    func leave(_ receiver: Receiver) {
        all.withLock { $0.removeAll { $0 === receiver } }
    }

    /// Waits until every release that was handed out before has been served.
    ///
    /// Never to be called by a thread that receives.
    func settle() {
        var pending = all.withLock { receivers in
            receivers.map { ($0, $0.progress.load(ordering: .sequentiallyConsistent)) }
                .filter { $0.1 & 1 == 1 }
        }
        var pause = timespec(tv_sec: 0, tv_nsec: 20_000)
        while true {
            all.withLock { receivers in
                pending.removeAll { receiver, seen in
                    receiver.progress.load(ordering: .sequentiallyConsistent) != seen
                        || !receivers.contains { $0 === receiver }
                }
                // A thread that waits in the kernel comes back and shows that it has nothing. The
                // signal can come just before it waits, so it is repeated.
                for (receiver, _) in pending
                where receiver.isReceiving.load(ordering: .sequentiallyConsistent) {
                    pthread_kill(receiver.thread, Self.interruption)
                }
            }
            if pending.isEmpty { return }
            nanosleep(&pause, nil)
            pause.tv_nsec = min(pause.tv_nsec * 2, 1_000_000)
        }
    }

    // MARK: The signal

    /// Ignored by default, so that it does no harm wherever it goes.
    private static let interruption = SIGURG

    /// Makes a signal end a wait in the kernel instead of being ignored; done once.
    private static let handler: Void = {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(interruption, &action, nil)
    }()

    private static func allowInterruption() {
        _ = handler
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, interruption)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

extension fuse_buf {
    /// Whether the call in here tells that an open file is no longer in use.
    var isRelease: Bool { kind == 18 }  // FUSE_RELEASE of <linux/fuse.h>

    /// Whether the call in here is one of those by which the kernel gets to know more than the root.
    var isExploration: Bool {
        switch kind {
        case 1, 6, 8, 9, 27, 35: true  // FUSE_LOOKUP, _SYMLINK, _MKNOD, _MKDIR, _OPENDIR, _CREATE
        case nil, .some: false
        }
    }

    private var kind: UInt32? {
        // The header of a call begins with its length and its kind, of four bytes each.
        guard size >= 8, let mem else { return nil }
        return mem.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    }
}
