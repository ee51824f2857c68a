import CFuse3
import Core
import Dispatch
import Glibc
import Synchronization

/// The channel to the kernel that one mount has, and libfuse's state of it.
///
/// It lives as long as a thread receives from it or a request of it waits, so that a late answer
/// meets an open descriptor that is still its own.
package final class FuseConnection: Sendable {
    let fileSystem: any FileSystem
    let negotiation: Negotiation
    /// libfuse's session.
    ///
    /// Set once, before anybody else sees this object; libfuse's functions may be called from
    /// several threads.
    nonisolated(unsafe) private var session: OpaquePointer?
    private let ended = Atomic(false)
    private let explored = Atomic(false)
    private let writes = Atomic(0)
    private let receivers = Receivers()
    private let settling = DispatchQueue(label: "onedrive.settle")

    /// Makes a session that is not mounted.
    ///
    /// - Returns: Nil if libfuse refuses, which it does for want of memory only.
    init?(fileSystem: any FileSystem, options: FuseSession.Options) {
        self.fileSystem = fileSystem
        negotiation = Negotiation(wantsPassthrough: options.passthrough)
        var operations = FuseDispatcher.operations(locks: options.locks)
        // Unretained: who calls into libfuse holds this object.
        let reference = Unmanaged.passUnretained(self).toOpaque()
        session = Self.withArguments(options.mountOptions) { arguments in
            fuse_session_new(
                &arguments, &operations, MemoryLayout<fuse_lowlevel_ops>.size, reference)
        }
        if session == nil { return nil }
    }

    deinit {
        guard let session else { return }
        // Closes the device and frees the path. It would unmount too, but only what stands still.
        fuse_session_unmount(session)
        fuse_session_destroy(session)
    }

    /// The connection that a request came through.
    static func of(_ request: fuse_req_t) -> FuseConnection? {
        fuse_req_userdata(request).map {
            Unmanaged<FuseConnection>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// Whether the mount is gone.
    package var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// Whether a program has looked beyond the root, be it at a name in it.
    ///
    /// Until then the kernel is told of nothing and keeps nothing of the root, as it begins with a
    /// root that nobody may enter, and drops the answer to its first question about it if a
    /// notification comes meanwhile: an ordinary user would be refused everything.
    var isExplored: Bool { explored.load(ordering: .sequentiallyConsistent) }

    func noteEnd() { ended.store(true, ordering: .releasing) }

    /// How many writes have come.
    var writeCount: Int { writes.load(ordering: .relaxed) }

    func noteWrite() { writes.add(1, ordering: .relaxed) }

    // MARK: Mounting and receiving

    /// Mounts.
    ///
    /// - Returns: False if it did not work; libfuse has printed why.
    func mount(at path: String) -> Bool {
        guard let session, fuse_session_mount(session, path) == 0 else { return false }
        // Without the hooks for splice(2), which libfuse then leaves alone: requests are small, and
        // answers come from memory or warm page cache.
        var hooks = fuse_custom_io()
        hooks.read = { device, bytes, capacity, reference in
            let count = Glibc.read(device, bytes, capacity)
            if count > 0, let reference {
                Unmanaged<FuseConnection>.fromOpaque(reference).takeUnretainedValue()
                    .negotiation.noteReceived(UnsafeRawBufferPointer(start: bytes, count: count))
            }
            return count
        }
        hooks.writev = { device, parts, count, reference in
            guard let reference else { return writev(device, parts, count) }
            return Unmanaged<FuseConnection>.fromOpaque(reference).takeUnretainedValue()
                .negotiation.send(device, parts, count)
        }
        return fuse_session_custom_io(session, &hooks, fuse_session_fd(session)) == 0
    }

    /// Serves requests until the mount is gone.
    ///
    /// - Parameter whenExplored: Called once, when a program looks beyond the root.
    func receive(_ whenExplored: () -> Void) {
        guard let session else { return }
        var buffer = fuse_buf()
        defer { free(buffer.mem) }
        let receiver = receivers.enter()
        defer { receivers.leave(receiver) }
        while fuse_session_exited(session) == 0 {
            receiver.beginReceiving()
            let result = fuse_session_receive_buf(session, &buffer)
            if result == -EINTR || result == -EAGAIN { continue }
            if result <= 0 { break }
            receiver.endReceiving(isRelease: buffer.isRelease)
            if !isExplored, buffer.isExploration,
                !explored.exchange(true, ordering: .sequentiallyConsistent)
            {
                whenExplored()
            }
            fuse_session_process_buf(session, &buffer)
        }
        fuse_session_exit(session)
    }

    /// Goes on elsewhere once every release of a file has been served that the kernel announced
    /// before.
    ///
    /// Files are released some time after they were closed: other calls can come first.
    func afterEarlierCalls(_ body: @escaping @Sendable () -> Void) {
        settling.async { [receivers] in
            receivers.settle()
            body()
        }
    }

    // MARK: Backing files

    /// Makes an open content file known to the kernel, to be served by it.
    ///
    /// - Parameter descriptor: May be closed afterwards. Its access mode must suit those who open
    ///   the file.
    /// - Returns: Nil if the mount has no passthrough, or the file lies where it does not work: then
    ///   the file is served through the page cache.
    package func registerBacking(_ descriptor: Int32) -> BackingID? {
        guard let session, negotiation.hasPassthrough else { return nil }
        let number = fuse_shim_open_backing(fuse_session_fd(session), descriptor)
        return number > 0 ? BackingID(rawValue: number) : nil
    }

    /// Gives a backing file back.
    ///
    /// Files that are open by it stay so.
    package func unregisterBacking(_ backing: BackingID) {
        guard let session else { return }
        _ = fuse_shim_close_backing(fuse_session_fd(session), backing.rawValue)
    }

    // MARK: Notifications

    /// Passes a notification on; returns 0 or a negative error number.
    func notify(_ notification: KernelNotification) -> Int32 {
        guard let session, !hasEnded else { return -ENOTCONN }
        guard isExplored else { return 0 }
        switch notification {
        case .inode(let inode, let data):
            // A negative offset drops the attributes only; the length 0 reaches to the end.
            return fuse_lowlevel_notify_inval_inode(session, inode.rawValue, data ? 0 : -1, 0)
        case .entry(let parent, let name):
            return name.withCharacters { text, count in
                fuse_lowlevel_notify_inval_entry(session, parent.rawValue, text, count)
            }
        case .deletion(let parent, let child, let name):
            return name.withCharacters { text, count in
                fuse_lowlevel_notify_delete(
                    session, parent.rawValue, child.rawValue, text, count)
            }
        }
    }

    /// Makes the kernel look up every name again; returns whether it will.
    func forgetAllNames() -> Bool {
        guard let session, !hasEnded, negotiation.hasEpochs else { return false }
        return fuse_shim_notify_epoch(fuse_session_fd(session)) == 0
    }

    // MARK: Arguments

    /// Passes options of `mount(8)` on as libfuse takes them: a command line with a name in front.
    private static func withArguments<Result>(
        _ options: String, _ body: (inout fuse_args) -> Result
    ) -> Result {
        var arguments = fuse_args()
        defer { fuse_opt_free_args(&arguments) }
        for argument in ["onedrive", "-o", options] { fuse_opt_add_arg(&arguments, argument) }
        return body(&arguments)
    }
}

extension Name {
    /// The bytes as C characters, with a NUL behind them that `count` leaves out.
    fileprivate func withCharacters<Result>(
        _ body: (UnsafePointer<CChar>?, Int) -> Result
    ) -> Result {
        withBytes { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { text in
                for (index, byte) in bytes.enumerated() {
                    text.initializeElement(at: index, to: CChar(bitPattern: byte))
                }
                text.initializeElement(at: bytes.count, to: 0)
                return body(text.baseAddress, bytes.count)
            }
        }
    }
}
