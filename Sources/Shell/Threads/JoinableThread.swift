import Glibc
import Synchronization

/// A thread of its own that is waited for when it must be over.
///
/// The thread takes no signals, so that they reach the threads that expect them.
package final class JoinableThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `ps -L` show, cut to 15 bytes.
    ///   - body: What it does.
    /// - Throws: The error number of `pthread_create(3)`.
    package init(
        name: String, body: @escaping @Sendable () -> Void
    ) throws(ThreadFailure) {
        handle = Mutex(try Self.start(ThreadBody(name: name, run: body)).get())
    }

    deinit {
        handle.withLock { thread in
            if let thread { pthread_detach(thread) }
            thread = nil
        }
    }

    /// Waits until the thread is over.
    ///
    /// Called by the thread itself, it returns at once.
    package func join() {
        let thread = handle.withLock { thread -> pthread_t? in
            guard let running = thread, pthread_equal(running, pthread_self()) == 0 else {
                return nil
            }
            thread = nil
            return running
        }
        if let thread { pthread_join(thread, nil) }
    }

    /// Starts a thread with every signal blocked.
    private static func start(_ body: ThreadBody) -> Result<pthread_t, ThreadFailure> {
        let box = Unmanaged.passRetained(body)
        var everySignal = sigset_t()
        var previous = sigset_t()
        sigfillset(&everySignal)
        pthread_sigmask(SIG_SETMASK, &everySignal, &previous)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runBody, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard code == 0 else {
            box.release()
            return .failure(ThreadFailure(errorNumber: code))
        }
        return .success(thread)
    }
}

/// The system refused to start a thread.
package struct ThreadFailure: Error, Hashable, Sendable {
    /// The error number of `pthread_create(3)`.
    package var errorNumber: Int32
}

/// What a new thread is told.
private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// Where a new thread starts.
private func runBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
    nameThread(body.name)
    body.run()
    return nil
}

/// Names the calling thread through the file of proc(5), since Glibc's function is not imported.
///
/// A thread without a name works as well.
private func nameThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = Array(name.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
}
