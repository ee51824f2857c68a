import CLinux
import Glibc

/// The one place where files are worked on by system call.
///
/// Every function turns `errno` into a ``SystemCallFailure`` and repeats a call that a signal
/// interrupted. Descriptors are plain numbers here; ``Descriptor`` owns them.
package enum SystemCalls {
    /// Runs a call until no signal interrupts it.
    @inline(__always)
    static func run<Value: FixedWidthInteger & SignedInteger>(
        _ name: StaticString, _ call: () -> Value
    ) throws(SystemCallFailure) -> Value {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemCallFailure(call: "\(name)", code: code) }
        }
    }

    /// Opens a file relative to a directory; the descriptor never survives `execve(2)`.
    static func open(
        at directory: Int32, _ path: String, _ flags: Int32, mode: mode_t = 0
    ) throws(SystemCallFailure) -> Int32 {
        try run("openat") { Glibc.openat(directory, path, flags | O_CLOEXEC, mode) }
    }

    static func close(_ descriptor: Int32) {
        // Not repeated on EINTR: Linux has released the descriptor all the same, close(2).
        _ = Glibc.close(descriptor)
    }

    /// Reads at most as many bytes as fit; zero at the end of the file.
    static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(SystemCallFailure) -> Int {
        try run("pread") { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    /// Writes some of the bytes and says how many.
    static func write(
        _ descriptor: Int32, _ buffer: UnsafeRawBufferPointer, at offset: Int64
    ) throws(SystemCallFailure) -> Int {
        try run("pwrite") { pwrite(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    /// Makes everything durable that was written to the file system of this file, `syncfs(2)`.
    static func synchronizeFileSystem(_ descriptor: Int32) throws(SystemCallFailure) {
        _ = try run("syncfs") { linux_synchronize_file_system(descriptor) }
    }

    static func truncate(_ descriptor: Int32, to size: Int64) throws(SystemCallFailure) {
        _ = try run("ftruncate") { ftruncate(descriptor, off_t(size)) }
    }

    static func punchHole(
        _ descriptor: Int32, at offset: Int64, count: Int64
    ) throws(SystemCallFailure) {
        _ = try run("fallocate") { linux_punch_hole(descriptor, offset, count) }
    }

    /// The first offset at or behind this one that holds data; nil if there is none.
    static func nextData(_ descriptor: Int32, from offset: Int64) throws(SystemCallFailure)
        -> Int64?
    {
        try seek(descriptor, offset, Int32(linux_seek_data))
    }

    /// The first offset at or behind this one that lies in a hole, which may be the end of the
    /// file; nil if the offset lies behind the end.
    static func nextHole(_ descriptor: Int32, from offset: Int64) throws(SystemCallFailure)
        -> Int64?
    {
        try seek(descriptor, offset, Int32(linux_seek_hole))
    }

    private static func seek(
        _ descriptor: Int32, _ offset: Int64, _ whence: Int32
    ) throws(SystemCallFailure) -> Int64? {
        do {
            return Int64(try run("lseek") { lseek(descriptor, off_t(offset), whence) })
        } catch {
            // ENXIO says that there is nothing more, lseek(2).
            if error.code == ENXIO { return nil }
            throw error
        }
    }

    static func synchronize(_ descriptor: Int32) throws(SystemCallFailure) {
        _ = try run("fsync") { fsync(descriptor) }
    }

    static func synchronizeData(_ descriptor: Int32) throws(SystemCallFailure) {
        _ = try run("fdatasync") { fdatasync(descriptor) }
    }

    static func status(_ descriptor: Int32) throws(SystemCallFailure) -> FileStatus {
        var raw = stat()
        _ = try run("fstat") { fstat(descriptor, &raw) }
        return FileStatus(raw)
    }

    /// The status of a file; a symbolic link is followed unless told otherwise.
    static func status(
        at directory: Int32, _ path: String, followingLinks: Bool = true
    ) throws(SystemCallFailure) -> FileStatus {
        var raw = stat()
        let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
        _ = try run("fstatat") { fstatat(directory, path, &raw, flags) }
        return FileStatus(raw)
    }

    static func changePermissions(
        _ descriptor: Int32, _ permissions: mode_t
    ) throws(SystemCallFailure) {
        _ = try run("fchmod") { fchmod(descriptor, permissions) }
    }

    static func changePermissions(
        at directory: Int32, _ path: String, _ permissions: mode_t
    ) throws(SystemCallFailure) {
        _ = try run("fchmodat") { fchmodat(directory, path, permissions, 0) }
    }

    static func makeDirectory(
        at directory: Int32, _ path: String, mode: mode_t
    ) throws(SystemCallFailure) {
        _ = try run("mkdirat") { mkdirat(directory, path, mode) }
    }

    static func remove(at directory: Int32, _ path: String) throws(SystemCallFailure) {
        _ = try run("unlinkat") { unlinkat(directory, path, 0) }
    }

    /// Renames a file and fails with `EEXIST` rather than replace another.
    static func renameExclusively(
        at source: Int32, _ name: String, to target: Int32, _ newName: String
    ) throws(SystemCallFailure) {
        _ = try run("renameat2") { linux_rename_exclusively(source, name, target, newName) }
    }

    /// Whether the effective user may make files in a directory.
    static func checkWritable(_ path: String) throws(SystemCallFailure) {
        _ = try run("faccessat") { faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) }
    }

    /// Makes a directory, and those above it that are missing.
    ///
    /// - Parameters:
    ///   - path: An absolute path. A stale mount at it, which answers ENOTCONN, counts as there.
    ///   - mode: Of those that are made.
    /// - Throws: What `mkdir(2)` reports.
    static func makeDirectories(_ path: String, mode: mode_t) throws(SystemCallFailure) {
        var partial = ""
        for component in path.split(separator: "/") {
            partial += "/" + component
            guard mkdir(partial, mode) != 0, errno != EEXIST else { continue }
            let code = errno
            var status = stat()
            if stat(partial, &status) == 0 || errno == ENOTCONN { continue }
            throw SystemCallFailure(call: "mkdir", code: code)
        }
    }

    /// An extended attribute of a file.
    ///
    /// - Parameters:
    ///   - path: The path of the file; links are followed.
    ///   - name: The name of the attribute, with its name space.
    ///   - longest: The most bytes that it may have.
    /// - Returns: Its bytes.
    /// - Throws: What `getxattr(2)` reports, for instance that there is none.
    static func attribute(
        of path: String, _ name: String, longest: Int
    ) throws(SystemCallFailure) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: longest)
        let count = try run("getxattr") {
            linux_get_attribute(path, name, &value, UInt64(longest))
        }
        return Array(value.prefix(Int(count)))
    }

    /// The names in a directory, without `.` and `..`, in no particular order.
    ///
    /// None if the path is not a directory.
    package static func names(
        at directory: Int32, _ path: String
    ) throws(SystemCallFailure) -> [String] {
        let descriptor: Int32
        do {
            descriptor = try open(at: directory, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            if error.code == ENOTDIR || error.code == ENOENT { return [] }
            throw error
        }
        // Takes the descriptor over, fdopendir(3).
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw SystemCallFailure(call: "fdopendir", code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // Null is the end as well as an error, told apart by errno, readdir(3).
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemCallFailure(call: "readdir", code: errno) }
                return names
            }
            let name = String(cString: linux_entry_name(entry))
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Takes an exclusive lock of the whole file, `flock(2)`, without waiting for it.
    ///
    /// - Returns: False if somebody else holds it.
    static func lock(_ descriptor: Int32) throws(SystemCallFailure) -> Bool {
        do {
            _ = try run("flock") { flock(descriptor, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            if error.code == EWOULDBLOCK { return false }
            throw error
        }
    }

    /// Makes the target share all blocks of the source, where the file system can.
    static func shareBlocks(of source: Int32, with target: Int32) throws(SystemCallFailure) {
        _ = try run("ioctl(FICLONE)") { linux_clone_file(source, target) }
    }

    /// Copies within the kernel and says how many bytes.
    static func copyRange(
        _ source: Int32, _ target: Int32, at offset: Int64, count: Int64
    ) throws(SystemCallFailure) -> Int64 {
        var from = offset
        var to = offset
        return try run("copy_file_range") {
            linux_copy_file_range(source, &from, target, &to, UInt64(count))
        }
    }

    /// How many bytes an ordinary user may still write to the file system.
    static func freeSpace(_ descriptor: Int32) throws(SystemCallFailure) -> Int64 {
        var raw = statvfs()
        _ = try run("fstatvfs") { fstatvfs(descriptor, &raw) }
        return Int64(raw.f_bavail) * Int64(raw.f_frsize)
    }
}
