import CFuse3
import Core
import Glibc
import Synchronization

/// One call of a program, waiting for its answer.
///
/// It is answered exactly once, from any thread. Debug builds check that.
package struct FuseRequest: Sendable {
    /// Where an answer went.
    package enum Delivery: Hashable, Sendable {
        case delivered
        /// The program was killed while it waited: an entry does not count as a reference, and for
        /// an opened handle no release will come.
        case callerGone
    }

    /// The connection to the kernel that the call came through.
    package let connection: FuseConnection
    /// libfuse's request.
    ///
    /// It lives until it is answered, and may be used by one thread after another.
    nonisolated(unsafe) private let raw: fuse_req_t
    #if DEBUG
        private let watch: ReplyWatch
    #endif

    init(raw: fuse_req_t, connection: FuseConnection) {
        self.raw = raw
        self.connection = connection
        #if DEBUG
            watch = ReplyWatch(connection: connection)
        #endif
    }

    /// Who makes the call.
    package var caller: CallerIdentity {
        guard let context = fuse_req_ctx(raw) else {
            return CallerIdentity(user: 0, group: 0, process: 0)
        }
        return CallerIdentity(
            user: context.pointee.uid, group: context.pointee.gid, process: context.pointee.pid)
    }

    /// Tells the file system with this token if the program stops waiting.
    ///
    /// If it already has, ``FileSystem/interrupted(_:)`` is called at once, in this thread: so hold
    /// no lock that it takes. Ends with the answer.
    package func onInterrupt(_ token: InterruptToken) {
        fuse_req_interrupt_func(
            raw,
            { request, data in
                guard let request, let connection = FuseConnection.of(request) else { return }
                connection.fileSystem.interrupted(
                    InterruptToken(rawValue: UInt64(UInt(bitPattern: data))))
            }, UnsafeMutableRawPointer(bitPattern: UInt(token.rawValue)))
    }

    /// Whether the program stopped waiting.
    package var isInterrupted: Bool { fuse_req_interrupted(raw) != 0 }
}

// MARK: Answers

extension FuseRequest {
    @discardableResult
    package func reply(error: PosixError) -> Delivery {
        deliver { fuse_reply_err($0, error.rawValue) }
    }

    @discardableResult
    package func replySuccess() -> Delivery {
        deliver { fuse_reply_err($0, 0) }
    }

    /// The name stands for this file.
    @discardableResult
    package func reply(entry: Attributes, lifetime: CacheLifetime) -> Delivery {
        var parameters = fuse_entry_param(entry, lifetime)
        return deliver { fuse_reply_entry($0, &parameters) }
    }

    /// Nothing has the name, and the kernel may say so by itself for that long.
    @discardableResult
    package func replyNoEntry(lifetime: Duration) -> Delivery {
        var parameters = fuse_entry_param()
        parameters.entry_timeout = lifetime.fuseSeconds
        return deliver { fuse_reply_entry($0, &parameters) }
    }

    @discardableResult
    package func reply(attributes: Attributes, lifetime: Duration) -> Delivery {
        var status = stat(attributes)
        let lifetime = connection.isExplored ? lifetime : .zero
        return deliver { fuse_reply_attr($0, &status, lifetime.fuseSeconds) }
    }

    /// The target of a symbolic link.
    ///
    /// It cannot be longer than 4095 bytes: `symlink(2)` takes no more.
    @discardableResult
    package func reply(linkTarget: some Collection<UInt8>) -> Delivery {
        Array(linkTarget).withUnsafeBytes { reply(bytes: $0) }
    }

    @discardableResult
    package func reply(opened: OpenReply) -> Delivery {
        switch opened.pages {
        case .passthrough(let backing):
            return deliver {
                fuse_shim_reply_open_backed($0, opened.handle.rawValue, backing.rawValue)
            }
        case .cached, .direct:
            var information = fuse_file_info(opened)
            return deliver { fuse_reply_open($0, &information) }
        }
    }

    /// A file was made and opened.
    @discardableResult
    package func reply(
        created: Attributes, lifetime: CacheLifetime, opened: OpenReply
    ) -> Delivery {
        var parameters = fuse_entry_param(created, lifetime)
        switch opened.pages {
        case .passthrough(let backing):
            return deliver {
                fuse_shim_reply_create_backed(
                    $0, &parameters, opened.handle.rawValue, backing.rawValue)
            }
        case .cached, .direct:
            var information = fuse_file_info(opened)
            return deliver { fuse_reply_create($0, &parameters, &information) }
        }
    }

    /// A directory was opened.
    ///
    /// With `keepsListing` the kernel may answer later listings from this one. It drops it when it
    /// hears of a change in the directory.
    @discardableResult
    package func reply(openedDirectory handle: HandleID, keepsListing: Bool) -> Delivery {
        var information = fuse_file_info()
        information.fh = handle.rawValue
        information.keep_cache = keepsListing ? 1 : 0
        information.cache_readdir = keepsListing ? 1 : 0
        return deliver { fuse_reply_open($0, &information) }
    }

    @discardableResult
    package func reply(bytes: UnsafeRawBufferPointer) -> Delivery {
        deliver {
            fuse_reply_buf($0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    /// A range of a content file; ends early where the file does.
    ///
    /// An error while reading becomes the answer.
    @discardableResult
    package func reply(descriptor: Int32, offset: Int64, count: Int) -> Delivery {
        let buffer = ReadBuffer.ofThisThread(capacity: count)
        defer { buffer.release() }
        var done = 0
        while done < count {
            let result = pread(
                descriptor, buffer.bytes + done, count - done, off_t(offset) + off_t(done))
            if result == 0 { break }
            if result > 0 {
                done += result
            } else if errno != EINTR {
                return reply(error: PosixError(rawValue: errno))
            }
        }
        return reply(bytes: UnsafeRawBufferPointer(start: buffer.bytes, count: done))
    }

    /// How many bytes were written or copied.
    @discardableResult
    package func reply(written count: Int) -> Delivery {
        deliver { fuse_reply_write($0, count) }
    }

    /// The value of an extended attribute, or the names of all.
    ///
    /// `capacity` is what the call was given: 0 asks for the size only, and too little makes the
    /// call fail with ERANGE.
    @discardableResult
    package func reply(extendedAttribute value: [UInt8], capacity: Int) -> Delivery {
        if capacity == 0 { return deliver { fuse_reply_xattr($0, value.count) } }
        guard value.count <= capacity else { return reply(error: .outOfRange) }
        return value.withUnsafeBytes { reply(bytes: $0) }
    }

    /// Where `lseek(2)` found what it looked for.
    @discardableResult
    package func reply(offset: Int64) -> Delivery {
        deliver { fuse_reply_lseek($0, off_t(offset)) }
    }

    /// A lock in the way, or nil.
    @discardableResult
    package func reply(lock: FileLock?) -> Delivery {
        var description = flock(lock)
        return deliver { fuse_reply_lock($0, &description) }
    }

    @discardableResult
    package func reply(statistics: VolumeStatistics) -> Delivery {
        var description = statvfs(statistics)
        return deliver { fuse_reply_statfs($0, &description) }
    }

    /// Makes room for the entries of a listing.
    package func makeDirectoryBuffer(
        _ listing: DirectoryListing, lifetime: CacheLifetime
    ) -> DirectoryBuffer {
        DirectoryBuffer(listing, lifetime: lifetime)
    }

    /// The entries of a listing; none is its end.
    ///
    /// If the listing has attributes and the caller is gone, no entry counts as a reference.
    @discardableResult
    package func reply(listing: consuming DirectoryBuffer) -> Delivery {
        listing.withBytes { reply(bytes: $0) }
    }

    /// Sends the answer by one of libfuse's functions, which say ENOENT if nobody waits for it.
    private func deliver(_ send: (fuse_req_t) -> Int32) -> Delivery {
        #if DEBUG
            watch.noteReply()
        #endif
        return send(raw) == 0 ? .delivered : .callerGone
    }
}

#if DEBUG
    /// Traps if a request is answered twice, or is lost while somebody waits for it.
    private final class ReplyWatch: Sendable {
        private let isAnswered = Atomic(false)
        private let connection: FuseConnection

        init(connection: FuseConnection) { self.connection = connection }

        func noteReply() {
            let wasAnswered = isAnswered.exchange(true, ordering: .relaxed)
            precondition(!wasAnswered, "a request was answered twice")
        }

        deinit {
            let isFine = isAnswered.load(ordering: .relaxed) || connection.hasEnded
            precondition(isFine, "a request was never answered")
        }
    }
#endif
