import CFuse3
import Glibc

/// The directory that a drive is mounted on.
struct MountPoint: Equatable, Sendable {
    /// Absolute, without symbolic links.
    let path: String

    private static let type = "fuse.onedrive"

    /// Looks at a directory, and removes the mount that a killed client left there.
    init(preparing given: String) throws(MountError) {
        path = try Self.canonical(given)
        try removeStaleMount()
        try checkDirectory()
    }

    /// Checks what mounting needs from the system.
    static func checkSystem(_ options: FuseSession.Options) throws(MountError) {
        let device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard device >= 0 else {
            let isAbsent = errno == ENOENT || errno == ENODEV || errno == ENXIO
            let failure = SystemCallFailure(call: "open", code: errno)
            throw isAbsent ? .noDevice : .deviceRefused(failure)
        }
        close(device)
        guard geteuid() != 0 else { return }
        guard MountProgram.isInstalled else { throw .noMountProgram }
        if options.allowsOtherUsers, !MountProgram.allowsOtherUsers { throw .othersNotAllowed }
    }

    /// The number of the FUSE connection that is mounted here.
    func connectionNumber() -> UInt32? {
        guard let mount = MountTable.current().top(at: path), mount.type == Self.type else {
            return nil
        }
        return mount.deviceMinor
    }

    /// Unmounts, if nobody uses the mount.
    func unmount() -> Bool {
        if geteuid() == 0 { return umount2(path, 0) == 0 }
        return MountProgram.run(["-u", "-q", "--", path])
    }

    /// Takes the mount out of the tree.
    ///
    /// It lives on while programs use it.
    func detach() -> Bool {
        if geteuid() == 0 { return umount2(path, Int32(fuse_shim_umount_detach)) == 0 }
        return MountProgram.run(["-u", "-q", "-z", "--", path])
    }

    /// Ends the connection of a mount that programs still use: all their calls fail from then on.
    ///
    /// Returns whether it could be ended.
    func abort(connection: UInt32) -> Bool {
        // The kernel aborts on a forced unmounting, also where that fails with EBUSY. It may be
        // gone after that, and its number may be that of another mount already.
        if geteuid() == 0 {
            umount2(path, Int32(fuse_shim_umount_force))
            return true
        }
        guard connectionNumber() == connection else { return false }
        return SystemText.write("1", to: "/sys/fs/fuse/connections/\(connection)/abort")
    }

    /// Makes the kernel write changed pages of maps, and asks the file system something after that.
    ///
    /// When the answer is there, so are the first writes: `syncfs(2)` does not wait for them on FUSE,
    /// but what is asked later comes later, except behind more writes than the kernel sends at once.
    ///
    /// Other programs do that, coreutils' `sync` and `stat`: a process that is killed while it waits
    /// for its own mount never ends, since the kernel ends a connection only after all threads of the
    /// process have gone.
    func flush() {
        _ = ChildProcess.run(["sync", "-f", "--", path])
        _ = ChildProcess.run(["stat", "-f", "--", path])
    }

    /// Ends the connection that a process which cannot end keeps open, if it is mounted here.
    ///
    /// Nobody can use such a mount: its calls wait for a process that is dead but for a thread that
    /// waits for the mount, or for somebody who does.
    ///
    /// - Parameter path: Where it was mounted.
    static func endAbandonedConnection(at path: String) {
        guard let path = try? canonical(path) else { return }
        let point = MountPoint(resolved: path)
        guard let connection = point.connectionNumber() else { return }
        _ = point.abort(connection: connection)
    }

    private init(resolved path: String) { self.path = path }

    // MARK: Preparation

    /// Resolves all but the last component: that one may be a mount that does not answer.
    private static func canonical(_ given: String) throws(MountError) -> String {
        var bytes = Array(given.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        let trimmed = String(decoding: bytes, as: UTF8.self)
        var status = stat()
        if lstat(trimmed, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
            return try resolved(trimmed)
        }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else {
            return try resolved(".") + "/" + trimmed
        }
        let name = String(decoding: bytes[(slash + 1)...], as: UTF8.self)
        if name == "." || name == ".." || slash == 0 { return try resolved(trimmed) }
        return try resolved(String(decoding: bytes[..<slash], as: UTF8.self)) + "/" + name
    }

    private static func resolved(_ path: String) throws(MountError) -> String {
        guard let result = realpath(path, nil) else { throw unusable(path, "realpath") }
        defer { free(result) }
        return String(cString: result)
    }

    private func removeStaleMount() throws(MountError) {
        guard let mount = MountTable.current().top(at: path) else { return }
        // Attributes may be in the kernel's cache long after the end of the client: what the volume
        // holds is asked for each time.
        var statistics = statvfs()
        let isStale =
            statvfs(path, &statistics) != 0 && (errno == ENOTCONN || errno == ECONNABORTED)
        guard mount.type == Self.type else {
            if isStale { throw .staleMount(path: path, type: mount.type) }
            return
        }
        guard isStale else { throw .alreadyMounted(path: path) }
        guard detach() else { throw .recoveryFailed(path: path) }
        // What lay below may be a mount too.
        try removeStaleMount()
    }

    private func checkDirectory() throws(MountError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Self.unusable(path, "stat") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notDirectory(path: path) }
        guard geteuid() == 0 || status.st_uid == geteuid() else {
            throw .notOwned(path: path, owner: status.st_uid)
        }
        let names: [String]
        do {
            names = try SystemCalls.names(at: AT_FDCWD, path)
        } catch {
            throw .unreadable(path: path, error)
        }
        guard names.isEmpty else { throw .notEmpty(path: path) }
    }

    /// What the value of `errno` says about a path.
    private static func unusable(_ path: String, _ call: String) -> MountError {
        let failure = SystemCallFailure(call: call, code: errno)
        return failure.code == ENOENT ? .missing(path: path) : .unreadable(path: path, failure)
    }
}
