import CFuse3
import Core
import Dispatch
import Glibc
import Synchronization

/// A mounted file system with the threads that serve it.
package final class FuseSession: Sendable {
    package struct Options: Hashable, Sendable {
        /// How many threads receive calls.
        ///
        /// A call that waits for something does not hold its thread, so there need not be many.
        package var threadCount = 8
        /// Whether other users see the mount; the permissions of the files hold for them.
        package var allowsOtherUsers = false
        package var isReadOnly = false
        /// Whether the file system keeps the locks of programs; else the kernel does.
        package var locks = false
        /// Whether the kernel may read and write content files by itself, if it can and this
        /// process has CAP_SYS_ADMIN.
        package var passthrough = false

        package init() {}

        /// As for `mount(8)`.
        var mountOptions: String {
            var words = ["fsname=OneDrive", "subtype=onedrive", "default_permissions"]
            if allowsOtherUsers { words.append("allow_other") }
            if isReadOnly { words.append("ro") }
            return words.joined(separator: ",")
        }
    }

    private let connection: FuseConnection
    private let connectionNumber: UInt32?
    private let mountPoint: MountPoint
    private let notifier: KernelNotifier
    private let threads: Mutex<[JoinableThread]>
    private let ended: Signal
    private let settling = DispatchQueue(label: "onedrive.settle-mount", attributes: .concurrent)

    /// Mounts a file system and starts to serve it.
    ///
    /// A mount that a killed client left on the directory is removed first.
    ///
    /// - Parameters:
    ///   - fileSystem: Answers the calls, from now until the end of the mount.
    ///   - path: An empty directory of the user.
    ///   - options: How to mount.
    ///   - notifier: Delivers to this mount from now on. Serves one mount only.
    /// - Throws: What is in the way, and what to do about it.
    package init(
        mounting fileSystem: any FileSystem, at path: String, options: Options = Options(),
        notifier: KernelNotifier = KernelNotifier()
    ) throws(MountError) {
        try MountPoint.checkSystem(options)
        let mountPoint = try MountPoint(preparing: path)
        guard let connection = FuseConnection(fileSystem: fileSystem, options: options),
            connection.mount(at: mountPoint.path)
        else { throw .refused(path: path) }
        self.mountPoint = mountPoint
        self.connection = connection
        self.notifier = notifier
        connectionNumber = mountPoint.connectionNumber()
        let ended = Signal()
        self.ended = ended
        do {
            threads = Mutex(
                try Self.start(connection, notifier, count: max(1, options.threadCount), ended))
        } catch {
            _ = mountPoint.detach()
            throw .noThread(SystemCallFailure(call: "pthread_create", code: error.errorNumber))
        }
    }

    deinit { unmount() }

    /// Whether the kernel reads and writes content files by itself where it is told so.
    ///
    /// Known once the mount has answered its first call.
    package var hasPassthrough: Bool { connection.negotiation.hasPassthrough }

    /// Unmounts and waits until all threads have ended.
    ///
    /// The file system has to answer calls meanwhile. Programs that still use the mount lose it:
    /// what they wrote has arrived, and later calls of theirs fail. Where an ordinary user cannot
    /// end the connection, the mount leaves the tree and lives until those programs end. So does a
    /// copy of it in another mount namespace, such as that of a service or a container: it is not
    /// waited for.
    package func unmount() {
        if connection.hasEnded { return waitUntilUnmounted() }
        if !mountPoint.unmount() {
            collectMappedPages()
            let isAborted = connectionNumber.map { mountPoint.abort(connection: $0) } ?? false
            _ = mountPoint.detach()
            guard isAborted || connection.hasEnded else { return }
        }
        guard ended.wait(seconds: Self.patience) else { return }
        ended.raise()
        waitUntilUnmounted()
    }

    /// How long to wait for the kernel to end the connection, in seconds.
    private static let patience = 5

    /// Waits until the mount is gone, whoever unmounted it, and all threads have ended.
    package func waitUntilUnmounted() {
        ended.wait()
        // Others may wait as well.
        ended.raise()
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
    }

    /// Waits until what programs changed through maps has arrived here.
    private func collectMappedPages() {
        let roundsMax = 10_000
        for _ in 0..<roundsMax {
            let before = connection.writeCount
            mountPoint.flush()
            if connection.writeCount == before { return }
        }
    }

    /// Goes on elsewhere once everything has been heard that programs did before: what they changed
    /// through maps, and which files they closed.
    package func afterEarlierCalls(_ body: @escaping @Sendable () -> Void) {
        settling.async { [connection, mountPoint] in
            mountPoint.flush()
            connection.afterEarlierCalls(body)
        }
    }

    // MARK: Threads

    private static func start(
        _ connection: FuseConnection, _ notifier: KernelNotifier, count: Int, _ ended: Signal
    ) throws(ThreadFailure) -> [JoinableThread] {
        var threads = [try notifier.start(connection)]
        let remaining = ThreadCount(count)
        for number in 0..<count {
            do {
                threads.append(
                    try JoinableThread(name: "fuse-\(number)") {
                        connection.receive { notifier.post(.inode(.root, data: false)) }
                        guard remaining.decrement() == 0 else { return }
                        connection.noteEnd()
                        notifier.stop()
                        ended.raise()
                    })
            } catch {
                // The threads that have started end with the mount, which the caller removes.
                notifier.stop()
                throw error
            }
        }
        return threads
    }
}

/// How many threads still run.
private final class ThreadCount: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    func decrement() -> Int { count.subtract(1, ordering: .acquiringAndReleasing).newValue }
}
