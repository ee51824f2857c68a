import Core
import Glibc
import Shell
import Synchronization
import Testing

@Suite(
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(1)))
struct FuseSessionTests {
    // MARK: Files

    @Test("what is written is read, renamed, cut and deleted")
    func files() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            let path = mount.path
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try Calls.write(bytes, to: "\(path)/a")
            #expect(try Calls.read("\(path)/a") == bytes)
            #expect(rename("\(path)/a", "\(path)/b") == 0)
            #expect(throws: PosixError.noEntry) { try Calls.stat("\(path)/a") }
            #expect(truncate("\(path)/b", 1000) == 0)
            #expect(try Calls.read("\(path)/b") == Array(bytes[..<1000]))
            #expect(try Calls.stat("\(path)/b").st_size == 1000)
            #expect(unlink("\(path)/b") == 0)
            #expect(try Calls.names(in: path).isEmpty)
        }
    }

    @Test("directories and symbolic links")
    func directories() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            let path = mount.path
            #expect(mkdir("\(path)/d", 0o750) == 0)
            #expect(try Calls.stat("\(path)/d").st_mode == S_IFDIR | 0o750)
            try Calls.write([1], to: "\(path)/d/file")
            #expect(rmdir("\(path)/d") == -1 && errno == ENOTEMPTY)
            #expect(symlink("d/file", "\(path)/link") == 0)
            #expect(try Calls.read("\(path)/link") == [1])
            #expect(try Calls.names(in: "\(path)/d") == ["file"])
            let listing = try Child("[ \"$(ls -a '\(path)/d' | tr '\\n' ' ')\" = '. .. file ' ]")
            #expect(listing.wait() == 0)
            #expect(unlink("\(path)/d/file") == 0)
            #expect(rmdir("\(path)/d") == 0)
        }
    }

    @Test("hard links, pipes and sockets are refused")
    func refusals() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            try Calls.write([], to: "\(mount.path)/a")
            #expect(link("\(mount.path)/a", "\(mount.path)/b") == -1 && errno == EPERM)
            #expect(mkfifo("\(mount.path)/pipe", 0o600) == -1 && errno == EPERM)
            #expect(mknod("\(mount.path)/plain", S_IFREG | 0o600, 0) == 0)
        }
    }

    @Test("attributes come and go unharmed")
    func attributes() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            let path = "\(mount.path)/a"
            try Calls.write([], to: path)
            #expect(chmod(path, 0o4711) == 0)
            let times = [timespec(tv_sec: 5, tv_nsec: 7), timespec(tv_sec: -9, tv_nsec: 11)]
            #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
            let status = try Calls.stat(path)
            #expect(status.st_mode == S_IFREG | 0o4711)
            #expect(status.st_atim.tv_sec == 5 && status.st_atim.tv_nsec == 7)
            #expect(status.st_mtim.tv_sec == -9 && status.st_mtim.tv_nsec == 11)
            var volume = statvfs()
            #expect(statvfs(mount.path, &volume) == 0)
            #expect(volume.f_blocks == 1000 && volume.f_bfree == 600 && volume.f_bavail == 500)
            #expect(volume.f_files == 77 && volume.f_ffree == 33 && volume.f_namemax == 255)
        }
    }

    @Test("extended attributes, with the errors of too small buffers")
    func extendedAttributes() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            let path = "\(mount.path)/a"
            let calls = try ExtendedAttributeCalls()
            try Calls.write([], to: path)
            let create: Int32 = 1
            let replace: Int32 = 2
            #expect(calls.setxattr(path, "user.b", "value", 5, replace) == -1 && errno == ENODATA)
            #expect(calls.setxattr(path, "user.b", "value", 5, create) == 0)
            #expect(calls.setxattr(path, "user.b", "value", 5, create) == -1 && errno == EEXIST)
            #expect(calls.setxattr(path, "user.a", "", 0, 0) == 0)
            #expect(calls.getxattr(path, "user.b", nil, 0) == 5)
            var buffer = [UInt8](repeating: 0, count: 5)
            #expect(calls.getxattr(path, "user.b", &buffer, 4) == -1 && errno == ERANGE)
            #expect(calls.getxattr(path, "user.b", &buffer, 5) == 5)
            #expect(buffer == Array("value".utf8))
            var names = [CChar](repeating: 0, count: 64)
            #expect(calls.listxattr(path, &names, names.count) == 14)
            #expect(names[..<14].elementsEqual("user.a\0user.b\0".utf8.map { CChar($0) }))
            #expect(calls.removexattr(path, "user.b") == 0)
            #expect(calls.getxattr(path, "user.b", nil, 0) == -1 && errno == ENODATA)
        }
    }

    @Test("ranges: allocation, holes and durability")
    func ranges() async throws {
        let fileSystem = MemoryFileSystem()
        try await TestMount.with(fileSystem) { mount throws in
            let path = "\(mount.path)/a"
            try Calls.write([1, 2, 3], to: path)
            let descriptor = try Calls.open(path, O_RDWR)
            defer { close(descriptor) }
            #expect(posix_fallocate(descriptor, 10, 90) == 0)
            #expect(fileSystem.count(of: "allocate reserve(keepsSize: false) 10..<100") == 1)
            #expect(try Calls.stat(path).st_size == 100)
            let data: Int32 = 3
            let hole: Int32 = 4
            #expect(lseek(descriptor, 5, data) == 5)
            #expect(lseek(descriptor, 5, hole) == 100)
            #expect(lseek(descriptor, 100, data) == -1 && errno == ENXIO)
            #expect(fdatasync(descriptor) == 0 && fsync(descriptor) == 0)
            #expect(fileSystem.count(of: "synchronize data") == 1)
            #expect(fileSystem.count(of: "synchronize") == 1)
        }
    }

    @Test("a file is served from a descriptor as it is", arguments: [4096, 100_001, 1 << 20])
    func descriptors(chunk: Int) async throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<5_000_003).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 13) }
        try Calls.write(bytes, to: "\(directory.path)/content")
        let content = try Calls.open("\(directory.path)/content", O_RDONLY)
        defer { close(content) }
        let fileSystem = MemoryFileSystem()
        fileSystem.add("a", descriptor: content, size: Int64(bytes.count))
        try await TestMount.with(fileSystem) { mount throws in
            #expect(try Calls.read("\(mount.path)/a", chunk: chunk) == bytes)
        }
    }

    @Test("a descriptor that cannot be read gives its error")
    func unreadableDescriptor() async throws {
        let directory = try TemporaryDirectory()
        let content = try Calls.open("\(directory.path)/content", O_WRONLY | O_CREAT)
        defer { close(content) }
        let fileSystem = MemoryFileSystem()
        fileSystem.add("a", descriptor: content, size: 100)
        try await TestMount.with(fileSystem) { mount throws in
            #expect(throws: PosixError.badDescriptor) { try Calls.read("\(mount.path)/a") }
        }
    }

    // MARK: Directories

    @Test("a listing of 10,000 names has each once, and answers the questions about them")
    func largeDirectory() async throws {
        let fileSystem = MemoryFileSystem()
        let names = (0..<10_000).map { "file \($0)" }
        for name in names {
            fileSystem.add(try #require(Name(name)), size: Int64(name.utf8.count))
        }
        try await TestMount.with(fileSystem) { mount throws in
            let listed = try Calls.names(in: mount.path)
            #expect(listed == names.sorted())
            for name in names {
                let size = try Calls.stat("\(mount.path)/\(name)").st_size
                #expect(Int(size) == name.utf8.count)
            }
            // Attributes came with the names, from the first call on.
            #expect(fileSystem.count(of: "lookUp") == 0)
            #expect(fileSystem.count(of: "readDirectory") == 0)
        }
    }

    @Test("a long name of many bytes is listed and found")
    func longNames() async throws {
        let long = try #require(Name(String(repeating: "ü", count: 127)))
        let fileSystem = MemoryFileSystem()
        fileSystem.add(long)
        try await TestMount.with(fileSystem) { mount throws in
            #expect(try Calls.names(in: mount.path).contains(long.string))
            #expect(try Calls.stat("\(mount.path)/\(long.string)").st_size == 0)
        }
    }

    @Test("two names of one directory are looked up at the same time")
    func parallelLookups() async throws {
        let fileSystem = MemoryFileSystem()
        try await TestMount.with(fileSystem) { mount throws in
            // Neither is answered before both have come.
            let other = Semaphore()
            _ = try JoinableThread(name: "other") {
                #expect(throws: PosixError.noEntry) { try Calls.stat("\(mount.path)/meet-b") }
                other.raise()
            }
            #expect(throws: PosixError.noEntry) { try Calls.stat("\(mount.path)/meet-a") }
            other.wait()
        }
    }

    @Test("a file that came unnoticed is opened where the kernel believes that there is none")
    func unnoticed() async throws {
        let fileSystem = MemoryFileSystem()
        try await TestMount.with(fileSystem) { mount throws in
            for (name, flags) in [("a", 0), ("b", O_TRUNC), ("c", O_EXCL)] as [(Name, Int32)] {
                let path = "\(mount.path)/\(name.string)"
                #expect(throws: PosixError.noEntry) { try Calls.stat(path) }
                fileSystem.add(name, size: 100)
                if flags == O_EXCL {
                    #expect(throws: PosixError.exists) {
                        try Calls.open(path, O_WRONLY | O_CREAT | flags)
                    }
                } else {
                    let descriptor = try Calls.open(path, O_WRONLY | O_CREAT | flags)
                    var status = stat()
                    fstat(descriptor, &status)
                    close(descriptor)
                    #expect(status.st_size == (flags == O_TRUNC ? 0 : 100))
                }
            }
            // Of what must be new the kernel asks by itself.
            #expect(fileSystem.count(of: "create") >= 2)
        }
    }

    // MARK: Waiting

    /// The kernel reads ahead for the page cache, and its readers wait for pages instead of answers:
    /// the file system does not hear of those who give up.
    @Test("a signal ends a program that waits for bytes", arguments: [true, false])
    func interruption(readsDirectly: Bool) async throws {
        let fileSystem = MemoryFileSystem(readsDirectly: readsDirectly)
        fileSystem.add("stuck", size: 100)
        try await TestMount.with(fileSystem) { mount throws in
            let child = try Child("exec cat '\(mount.path)/stuck'")
            fileSystem.stuckSignal.wait()
            kill(child.process, SIGINT)
            // The status of an end by a signal is its number.
            #expect(child.wait() & 0x7f == SIGINT)
            #expect(fileSystem.count(of: "interrupted") == (readsDirectly ? 1 : 0))
            fileSystem.giveUp()
        }
    }

    @Test("a wait for a lock ends with the signal that ends the program")
    func interruptedLock() async throws {
        let fileSystem = MemoryFileSystem()
        fileSystem.add("a")
        var options = FuseSession.Options()
        options.locks = true
        try await TestMount.with(fileSystem, options: options) { mount throws in
            let descriptor = try Calls.open("\(mount.path)/a", O_RDWR)
            defer { close(descriptor) }
            #expect(flock(descriptor, LOCK_EX) == 0)
            let child = try Child("exec flock '\(mount.path)/a' true")
            fileSystem.stuckSignal.wait()
            kill(child.process, SIGINT)
            #expect(child.wait() & 0x7f == SIGINT)
            #expect(fileSystem.count(of: "interrupted") == 1)
        }
    }

    @Test("locks are asked of the file system, and wait for each other")
    func locks() async throws {
        let fileSystem = MemoryFileSystem()
        var options = FuseSession.Options()
        options.locks = true
        try await TestMount.with(fileSystem, options: options) { mount throws in
            try Calls.write([], to: "\(mount.path)/a")
            let first = try Calls.open("\(mount.path)/a", O_RDWR)
            let second = try Calls.open("\(mount.path)/a", O_RDWR)
            defer { close(second) }
            #expect(flock(first, LOCK_EX) == 0)
            #expect(flock(second, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
            let taken = Semaphore()
            _ = try JoinableThread(name: "waiter") {
                #expect(flock(second, LOCK_EX) == 0)
                taken.raise()
            }
            fileSystem.stuckSignal.wait()
            #expect(flock(first, LOCK_UN) == 0)
            taken.wait()
            close(first)
        }
    }

    @Test("a lock on a range is seen by another process, and ends with the descriptor")
    func rangeLocks() async throws {
        let fileSystem = MemoryFileSystem()
        var options = FuseSession.Options()
        options.locks = true
        try await TestMount.with(fileSystem, options: options) { mount throws in
            try Calls.write([], to: "\(mount.path)/a")
            let descriptor = try Calls.open("\(mount.path)/a", O_RDWR)
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            lock.l_start = 10
            lock.l_len = 5
            #expect(fcntl(descriptor, F_SETLK, &lock) == 0)
            let held = fileSystem.state.withLock { state in state.locks.held.map(\.lock) }
            #expect(held.map(\.range) == [10...14])
            #expect(held.map(\.kind) == [.exclusive])
            #expect(held.map(\.process) == [getpid()])
            close(descriptor)
            #expect(fileSystem.state.withLock { state in state.locks.held.isEmpty })
        }
    }

    // MARK: The end

    @Test("unmounting leaves nothing behind")
    func unmounting() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            try Calls.write([1], to: "\(mount.path)/a")
            mount.session.unmount()
            #expect(try Calls.names(in: mount.path).isEmpty)
            let table = try Calls.read("/proc/self/mountinfo")
            #expect(!String(decoding: table, as: UTF8.self).contains(mount.path))
            // Once more is no harm.
            mount.session.unmount()
        }
    }

    @Test(
        "a program that still uses the mount does not keep it from ending",
        .enabled(if: geteuid() == 0, "only root can force it everywhere"))
    func busyUnmounting() async throws {
        let fileSystem = MemoryFileSystem()
        fileSystem.add("stuck", size: 100)
        try await TestMount.with(fileSystem) { mount throws in
            let child = try Child("exec cat '\(mount.path)/stuck' 2> /dev/null")
            fileSystem.stuckSignal.wait()
            mount.session.unmount()
            #expect(child.wait() != 0)
            #expect(try Calls.names(in: mount.path).isEmpty)
            // A late answer meets a closed connection, and no other file.
            fileSystem.giveUp()
        }
    }

    @Test(
        "what was written through a map arrives before a busy mount ends",
        .enabled(if: geteuid() == 0, "only root can force it everywhere"))
    func mappedBytes() async throws {
        let fileSystem = MemoryFileSystem()
        let inode = fileSystem.add("a", bytes: Array("old".utf8))
        try await TestMount.with(fileSystem) { mount throws in
            let descriptor = try Calls.open("\(mount.path)/a", O_RDWR)
            defer { close(descriptor) }
            let map = try #require(
                mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
            defer { munmap(map, 4096) }
            map.copyMemory(from: Array("new".utf8), byteCount: 3)
            mount.session.unmount()
            #expect(fileSystem.node(inode)?.bytes == Array("new".utf8))
        }
    }

    @Test("whoever unmounts, those who wait for the end hear of it")
    func foreignUnmounting() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            let child = try Child("umount '\(mount.path)' || fusermount3 -u '\(mount.path)'")
            #expect(child.wait() == 0)
            mount.session.waitUntilUnmounted()
            #expect(try Calls.names(in: mount.path).isEmpty)
        }
    }

    // MARK: Passthrough

    @Test(
        "with passthrough the kernel reads content files without asking",
        .enabled(if: TestMount.hasPassthrough, "needs root and Linux 6.9"))
    func passthrough() async throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try Calls.write(bytes, to: "\(directory.path)/content")
        let content = try Calls.open("\(directory.path)/content", O_RDWR)
        defer { close(content) }
        let fileSystem = MemoryFileSystem(servesByPassthrough: true)
        let inode = fileSystem.add("a", descriptor: content, size: Int64(bytes.count))
        var options = FuseSession.Options()
        options.passthrough = true
        try await TestMount.with(fileSystem, options: options) { mount throws in
            let descriptor = try Calls.open("\(mount.path)/a", O_RDONLY)
            defer { close(descriptor) }
            #expect(mount.session.hasPassthrough)
            #expect(try Calls.read(descriptor) == bytes)
            // A content file on a stacked file system cannot be one: then it is served as ever.
            let isBacked = fileSystem.state.withLock { state in state.backings[inode] != nil }
            #expect((fileSystem.count(of: "read") == 0) == isBacked)
        }
    }

    @Test("without being asked for, there is no passthrough")
    func noPassthrough() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            _ = try Calls.stat("\(mount.path)")
            #expect(!mount.session.hasPassthrough)
        }
    }
}
