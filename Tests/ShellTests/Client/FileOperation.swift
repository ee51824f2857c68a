import Core
import Glibc
import Shell

/// One thing that a program does with files, the same on a mount and in a plain directory.
///
/// Names and handles are small numbers, so that many operations meet each other.
enum FileOperation: Sendable {
    case write(file: String, at: Int, bytes: [UInt8])
    case append(file: String, bytes: [UInt8])
    case truncate(file: String, to: Int)
    case allocate(file: String, mode: Int32, at: Int, count: Int)
    case writeMap(file: String, at: Int, bytes: [UInt8])
    case copyRange(from: String, to: String, at: Int, into: Int, count: Int)
    case open(handle: Int, file: String, flags: Int32)
    case writeHandle(handle: Int, at: Int, bytes: [UInt8])
    case readHandle(handle: Int, at: Int, count: Int)
    case truncateHandle(handle: Int, to: Int)
    case synchronize(handle: Int)
    case close(handle: Int)
    case rename(from: String, to: String, flags: UInt32)
    case remove(String)
    case makeDirectory(String)
    case removeDirectory(String)
    case link(target: String, at: String)
    case setMode(String, mode_t)
    case setTime(String, Int)

    /// What came of an operation: an error number, or what was read.
    enum Outcome: Hashable {
        case failed(Int32)
        case done([UInt8])
    }
}

/// A directory in which operations are done, with the files that are open there.
final class OperationTarget {
    let root: String
    private var handles: [Int: Int32] = [:]

    init(_ root: String) { self.root = root }

    deinit { for handle in handles.values { close(handle) } }

    func perform(_ operation: FileOperation) -> FileOperation.Outcome {
        do throws(PosixError) {
            return .done(try run(operation))
        } catch {
            return .failed(error.rawValue)
        }
    }

    private func run(_ operation: FileOperation) throws(PosixError) -> [UInt8] {
        switch operation {
        case .write(let file, let offset, let bytes):
            try with(file, O_WRONLY | O_CREAT) { descriptor throws(PosixError) in
                try check(pwrite(descriptor, bytes, bytes.count, offset))
            }
        case .append(let file, let bytes):
            try with(file, O_WRONLY | O_CREAT | O_APPEND) { descriptor throws(PosixError) in
                try check(Glibc.write(descriptor, bytes, bytes.count))
            }
        case .truncate(let file, let size): try check(Glibc.truncate(path(file), size))
        case .allocate(let file, let mode, let offset, let count):
            try with(file, O_RDWR) { descriptor throws(PosixError) in
                try LinuxCalls.allocate(descriptor, mode: mode, offset, count)
            }
        case .writeMap(let file, let offset, let bytes):
            try with(file, O_RDWR) { descriptor throws(PosixError) in
                try Self.writeMap(descriptor, offset, bytes)
            }
        case .copyRange(let source, let target, let offset, let into, let count):
            return try with(source, O_RDONLY) { from throws(PosixError) in
                try with(target, O_WRONLY | O_CREAT) { to throws(PosixError) in
                    Array("\(try LinuxCalls.copy(from, offset, to, into, count))".utf8)
                }
            }
        case .open(let handle, let file, let flags):
            if let old = handles.removeValue(forKey: handle) { Glibc.close(old) }
            handles[handle] = try Calls.open(path(file), flags)
        case .writeHandle(let handle, let offset, let bytes):
            try check(pwrite(handles[handle] ?? -1, bytes, bytes.count, offset))
        case .readHandle(let handle, let offset, let count):
            var buffer = [UInt8](repeating: 0, count: count)
            let done = try Calls.check(pread(handles[handle] ?? -1, &buffer, count, offset))
            return Array(buffer[..<done])
        case .truncateHandle(let handle, let size):
            try check(ftruncate(handles[handle] ?? -1, size))
        case .synchronize(let handle): try check(fsync(handles[handle] ?? -1))
        case .close(let handle): try check(Glibc.close(handles.removeValue(forKey: handle) ?? -1))
        case .rename(let source, let target, let flags):
            try LinuxCalls.rename(path(source), path(target), flags: flags)
        case .remove(let file): try check(unlink(path(file)))
        case .makeDirectory(let directory): try check(mkdir(path(directory), 0o755))
        case .removeDirectory(let directory): try check(rmdir(path(directory)))
        case .link(let target, let place): try check(symlink(target, path(place)))
        case .setMode(let file, let mode): try check(chmod(path(file), mode))
        case .setTime(let file, let seconds):
            let times = [
                timespec(tv_sec: seconds, tv_nsec: 5), timespec(tv_sec: seconds, tv_nsec: 5),
            ]
            try check(utimensat(AT_FDCWD, path(file), times, 0))
        }
        return []
    }

    private func path(_ name: String) -> String { "\(root)/\(name)" }

    private func with<Value>(
        _ file: String, _ flags: Int32, _ body: (Int32) throws(PosixError) -> Value
    ) throws(PosixError) -> Value {
        let descriptor = try Calls.open(path(file), flags)
        defer { Glibc.close(descriptor) }
        return try body(descriptor)
    }

    /// Writes what fits into the file through a shared map.
    private static func writeMap(
        _ descriptor: Int32, _ offset: Int, _ bytes: [UInt8]
    ) throws(PosixError) {
        var status = stat()
        try check(fstat(descriptor, &status))
        let size = Int(status.st_size)
        guard offset < size else { return }
        guard let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            map != MAP_FAILED
        else { throw PosixError(rawValue: errno) }
        defer { munmap(map, size) }
        let count = min(bytes.count, size - offset)
        (map + offset).copyMemory(from: bytes, byteCount: count)
        try check(msync(map, size, MS_SYNC))
    }

    /// What can be seen of the tree, a line for each file, sorted.
    ///
    /// Of directories only the mode: their size, links and times are those of each file system.
    func state() throws -> [String] {
        var lines: [String] = []
        try add(to: &lines, root, "")
        return lines
    }

    private func add(to lines: inout [String], _ directory: String, _ prefix: String) throws {
        for name in try SystemCalls.names(at: AT_FDCWD, directory).sorted() {
            let path = "\(directory)/\(name)"
            let status = try Calls.stat(path)
            let mode = String(status.st_mode, radix: 8)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                lines.append("\(prefix)\(name)/ \(mode)")
                try add(to: &lines, path, "\(prefix)\(name)/")
            case S_IFLNK: lines.append("\(prefix)\(name) -> \(try Calls.linkTarget(path))")
            default:
                let bytes = try Calls.read(path)
                let time = status.st_mtim.tv_nsec == 5 ? "at \(status.st_mtim.tv_sec)" : ""
                lines.append(
                    "\(prefix)\(name) \(mode) \(status.st_size) \(status.st_nlink) "
                        + "\(QuickXorHash.hash(of: bytes)) \(time)")
            }
        }
    }
}

private func check(_ result: Int32) throws(PosixError) { _ = try Calls.check(Int(result)) }

private func check(_ result: Int) throws(PosixError) { _ = try Calls.check(result) }
