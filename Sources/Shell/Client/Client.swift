import Core
import Dispatch
import Glibc
import Logging
import Synchronization

/// A running client: one drive, synced and, as a rule, mounted until it is stopped.
package final class Client: Sendable {
    private let configuration: Mutex<Configuration>
    private let lock: Mutex<InstanceLock?>
    private let store: StateStore
    private let http: HTTPClient
    private let interpreter: Interpreter
    package let host: EngineHost
    private let session: FuseSession?
    private let control: ControlServer
    private let recorder: TrafficRecorder
    private let network: NetworkWatch?
    private let isStopped = Mutex(false)

    /// Brings a client up: state, sign-in, mount, control socket, in this order.
    ///
    /// When it returns, the mount answers.
    ///
    /// - Parameters:
    ///   - configuration: The account and its directories.
    ///   - isMounted: Whether programs see the drive; without a mount it is only synced.
    ///   - desktop: Tells the user what needs attention.
    ///   - log: Where everything is told.
    ///   - willMount: Called when all is ready but the mount.
    /// - Throws: What keeps it from starting; nothing is left behind then.
    package init(
        _ configuration: Configuration, isMounted: Bool = true,
        desktop: DesktopNotifier = .init(variables: [:]), log: Logger, willMount: () -> Void = {}
    ) async throws(ClientError) {
        self.configuration = Mutex(configuration)
        let directory = try Self.prepare(configuration, log)
        lock = Mutex(
            try Self.attempt(.alreadyRunning) { () throws(InstanceLockError) in
                try Self.lock(directory, configuration)
            })
        let (store, stored) = try Self.openState(directory, log)
        self.store = store
        let content = try Self.attempt(.cannotWrite) { () throws(ContentError) in
            try ContentStore(directory: directory)
        }
        let network = try ClientNetwork(configuration, directory, log)
        http = network.http
        let tokens = try await network.tokens(configuration)
        let endpoint = try await network.endpoint(configuration, stored, tokens)
        let sender = RequestSender(
            http: http, tokens: tokens, content: content, endpoint: endpoint)
        let notifier = KernelNotifier()
        let reserve = DiskReserve(in: directory)
        interpreter = Interpreter(
            content: content, sender: sender, notifier: notifier, desktop: desktop,
            reserve: reserve, log: log)
        let inventory = try Self.attempt(.cannotWrite) { () throws(ContentError) in
            try content.inventory()
        }
        let engine = Engine(
            stored, inventory, configuration: EngineConfiguration(configuration), at: Clock.now)
        host = EngineHost(engine, store: store, interpreter: interpreter, reserve: reserve)
        let fileSystem = MountedFileSystem(
            host: host, content: content, waits: interpreter.waits,
            fallbackStatistics: { [path = directory.path] in .ofDisk(path) })
        willMount()
        session = isMounted ? try Self.mount(fileSystem, configuration, notifier) : nil
        // Without a mount there is no kernel to wait for.
        if !isMounted { notifier.stop() }
        let host = host
        let waits = interpreter.waits
        let preview = RunningPreview(
            host: host, content: content,
            questions: PreviewQuestions(http: http, tokens: tokens, endpoint: endpoint, log: log))
        let thumbnails = RunningThumbnails(host: host, waits: waits, http: http)
        let signIn = RunningSignIn(host: host, tokens: tokens, http: http, endpoint: endpoint)
        let recorder = TrafficRecorder(http: http) {
            Pseudonyms(
                secrets: configuration.secrets + tokens.secrets,
                origin: host.read { RecordingOrigin(of: $0) })
        }
        self.recorder = recorder
        do throws(ControlError) {
            control = try ControlServer(
                path: directory.path(of: .socket), recorder: { recorder.serve($0) }
            ) { [session] request, answer in
                ControlAnswers.answer(
                    request, from: host, waits: waits, preview: preview, thumbnails: thumbnails,
                    signIn: signIn, settle: { session?.afterEarlierCalls($0) ?? $0() }, answer)
            }
        } catch {
            session?.unmount()
            throw ClientError(.cannotWrite, "\(error)")
        }
        self.network = NetworkWatch {
            host.notify { engine, now in engine.networkChanged(at: now) }
        }
        host.notify { engine, now in engine.begin(at: now) }
    }

    /// Unmounts and ends at once.
    ///
    /// What has not gone up goes up after the next start.
    package func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        network?.stop()
        control.stop()
        recorder.stop()
        session?.unmount()
        host.notify { engine, _ in engine.finish() }
        interpreter.stop()
        http.stop()
        try? store.close()
        lock.withLock { $0 = nil }
    }

    /// Goes on with a configuration that was read anew.
    ///
    /// - Returns: The keys whose new values take effect at the next start only.
    package func reload(_ new: Configuration) -> [ConfigurationKey] {
        let reload = configuration.withLock { running in
            let reload = ConfigurationReload(from: running, to: new)
            running = reload.configuration
            return reload
        }
        host.notify { engine, now in
            engine.reconfigure(EngineConfiguration(reload.configuration), at: now)
        }
        return reload.needingRestart
    }

    /// Calls back when the mount is gone: by ``stop()``, or by `fusermount3 -u`.
    package func whenUnmounted(_ handler: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "onedrive.unmounted").async { [session] in
            guard let session else { return }
            session.waitUntilUnmounted()
            handler()
        }
    }

    // MARK: Steps of the start

    private static func prepare(
        _ configuration: Configuration, _ log: Logger
    ) throws(ClientError) -> SystemDirectory {
        let directory = try attempt(.cannotWrite) { () throws(SystemDirectoryError) in
            try SystemDirectory(preparing: configuration.systemDirectory)
        }
        for path in directory.repaired {
            log.warning("\(path) was open to other users; it is not any more")
        }
        return directory
    }

    /// Takes the lock, if need be from a killed client that cannot end.
    private static func lock(
        _ directory: SystemDirectory, _ configuration: Configuration
    ) throws(InstanceLockError) -> InstanceLock {
        do throws(InstanceLockError) {
            // One that was killed a moment ago still has it.
            return try InstanceLock(in: directory, patience: .seconds(1))
        } catch {
            guard case .held(_, let process?) = error, ProcessFacts.isEnding(process) else {
                throw error
            }
            MountPoint.endAbandonedConnection(at: configuration.mountDirectory)
            return try InstanceLock(in: directory, patience: .seconds(30))
        }
    }

    /// Opens the state and reads it; what is damaged is set aside, and an empty one takes its place.
    private static func openState(
        _ directory: SystemDirectory, _ log: Logger
    ) throws(ClientError) -> (StateStore, StoredState) {
        func open() throws(StoreError) -> (StateStore, StoredState) {
            let store = try StateStore(directory: directory, mode: .readWrite) {
                log.error("\($0)")
            }
            return (store, try store.load())
        }
        do throws(StoreError) {
            return try open()
        } catch {
            guard case .damaged(_, _, .some) = error else {
                throw ClientError(.cannotWrite, "\(error)")
            }
            // Nothing is lost by starting anew: what was here only is kept in quarantine, and
            // nothing is deleted anywhere.
            log.error("\(error); starting with an empty state")
            return try attempt(.cannotWrite) { () throws(StoreError) in try open() }
        }
    }

    private static func mount(
        _ fileSystem: MountedFileSystem, _ configuration: Configuration,
        _ notifier: KernelNotifier
    ) throws(ClientError) -> FuseSession {
        do throws(SystemCallFailure) {
            try SystemCalls.makeDirectories(configuration.mountDirectory, mode: 0o755)
        } catch {
            throw ClientError(
                .cannotWrite,
                "\(configuration.mountDirectory): cannot make this directory for the mount: \(error)"
            )
        }
        var options = FuseSession.Options()
        options.allowsOtherUsers = configuration.allowOther
        options.isReadOnly = configuration.readOnly
        options.locks = true
        do throws(MountError) {
            return try FuseSession(
                mounting: fileSystem, at: configuration.mountDirectory, options: options,
                notifier: notifier)
        } catch {
            throw ClientError(.mount, "\(error)")
        }
    }

    package static func attempt<Value: ~Copyable, Failure: Error>(
        _ kind: ClientError.Kind, _ body: () throws(Failure) -> Value
    ) throws(ClientError) -> Value {
        do throws(Failure) {
            return try body()
        } catch {
            throw ClientError(kind, "\(error)")
        }
    }
}

extension VolumeStatistics {
    /// What the disk that holds this path has.
    static func ofDisk(_ path: String) -> VolumeStatistics {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            return VolumeStatistics(
                size: 0, free: 0, available: 0, fileCount: 0, freeFileCount: 0)
        }
        let unit = Int64(status.f_frsize)
        return VolumeStatistics(
            size: Int64(status.f_blocks) * unit, free: Int64(status.f_bfree) * unit,
            available: Int64(status.f_bavail) * unit, fileCount: Int64(status.f_files),
            freeFileCount: Int64(status.f_favail))
    }
}
