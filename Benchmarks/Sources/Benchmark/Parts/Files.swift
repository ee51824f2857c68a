import Glibc

/// File system calls, made without anything in between.
enum Files {
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Problem.system("open", path) }
        return descriptor
    }

    /// `O_DIRECT`, which the headers of C show to GNU programs only.
    #if arch(arm64) || arch(arm)
        static let direct: Int32 = 0o200000
    #else
        static let direct: Int32 = 0o40000
    #endif

    static func make(_ path: String, size: Int) throws {
        let file = try open(path, O_CREAT | O_WRONLY | O_TRUNC)
        defer { close(file) }
        guard ftruncate(file, off_t(size)) == 0 else { throw Problem.system("ftruncate", path) }
    }

    /// Reads a file from begin to end; returns the count of bytes.
    @discardableResult
    static func read(_ path: String, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let file = try open(path, O_RDONLY)
        defer { close(file) }
        var total = 0
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            guard count >= 0 else { throw Problem.system("read", path) }
            if count == 0 { return total }
            total += count
        }
    }

    static func write(_ path: String, size: Int, _ buffer: UnsafeMutableRawBufferPointer) throws {
        let file = try open(path, O_CREAT | O_WRONLY | O_TRUNC)
        defer { close(file) }
        var total = 0
        while total < size {
            let count = Glibc.write(file, buffer.baseAddress, min(buffer.count, size - total))
            guard count > 0 else { throw Problem.system("write", path) }
            total += count
        }
    }

    /// Reads a page at each offset.
    static func readPages(
        _ path: String, at offsets: [Int], flags: Int32, _ buffer: UnsafeMutableRawBufferPointer
    ) throws {
        let file = try open(path, O_RDONLY | flags)
        defer { close(file) }
        for offset in offsets {
            guard pread(file, buffer.baseAddress, 4096, off_t(offset)) == 4096 else {
                throw Problem.system("pread", path)
            }
        }
    }

    /// Makes the kernel forget the clean pages of a file.
    static func dropPages(_ path: String) throws {
        let file = try open(path, O_RDONLY)
        defer { close(file) }
        fdatasync(file)
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    }

    /// Asks for the attributes of each path; `isThere` says what must come out.
    static func stat(_ paths: [String], areThere: Bool) throws {
        var status = Glibc.stat()
        for path in paths {
            guard (lstat(path, &status) == 0) == areThere else {
                throw Problem.system("stat", path)
            }
        }
    }

    /// Locks or unlocks a range by `fcntl(2)`.
    static func lock(_ file: Int32, _ kind: Int32, _ first: Int, count: Int) throws {
        var lock = flock()
        lock.l_type = Int16(kind)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(first)
        lock.l_len = off_t(count)
        guard fcntl(file, F_SETLK, &lock) == 0 else { throw Problem.system("fcntl") }
    }

    /// Memory aligned for direct reads, kept for the whole run.
    static func buffer(_ size: Int) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        // Not zeros: some file systems store those as holes.
        for index in stride(from: 0, to: size, by: 8) {
            bytes.storeBytes(
                of: UInt64(index) &* 0x9e37_79b9_7f4a_7c15,
                toByteOffset: index, as: UInt64.self)
        }
        return bytes
    }
}
