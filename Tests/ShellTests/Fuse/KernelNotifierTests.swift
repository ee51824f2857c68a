import Core
import Glibc
import Shell
import Synchronization
import Testing

@Suite(
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(1)))
struct KernelNotifierTests {
    @Test("attributes are asked again only when the kernel is told to")
    func attributes() async throws {
        let fileSystem = MemoryFileSystem()
        let inode = fileSystem.add("a", bytes: [1, 2, 3])
        try await TestMount.with(fileSystem) { mount throws in
            #expect(try Calls.stat("\(mount.path)/a").st_size == 3)
            fileSystem.replace(inode, with: [4, 5])
            #expect(try Calls.stat("\(mount.path)/a").st_size == 3)
            mount.notifier.post(.inode(inode, data: false))
            mount.notifier.drained()
            #expect(try Calls.stat("\(mount.path)/a").st_size == 2)
        }
    }

    @Test("pages are read again only when the kernel is told to")
    func data() async throws {
        let fileSystem = MemoryFileSystem()
        let inode = fileSystem.add("a", bytes: Array("old".utf8))
        try await TestMount.with(fileSystem) { mount throws in
            #expect(try Calls.read("\(mount.path)/a") == Array("old".utf8))
            fileSystem.replace(inode, with: Array("new".utf8))
            #expect(try Calls.read("\(mount.path)/a") == Array("old".utf8))
            #expect(fileSystem.count(of: "read") == 1)
            mount.notifier.post(.inode(inode, data: true))
            mount.notifier.drained()
            #expect(try Calls.read("\(mount.path)/a") == Array("new".utf8))
        }
    }

    @Test("a new modification time alone drops no pages")
    func timesKeepPages() async throws {
        let fileSystem = MemoryFileSystem()
        let inode = fileSystem.add("a", bytes: Array("old".utf8))
        try await TestMount.with(fileSystem) { mount throws in
            _ = try Calls.read("\(mount.path)/a")
            fileSystem.state.withLock { state in
                state.nodes[inode]?.attributes.modified = Timestamp(seconds: 9)
            }
            mount.notifier.post(.inode(inode, data: false))
            mount.notifier.drained()
            #expect(try Calls.stat("\(mount.path)/a").st_mtim.tv_sec == 9)
            _ = try Calls.read("\(mount.path)/a")
            #expect(fileSystem.count(of: "read") == 1)
        }
    }

    enum Way: CaseIterable { case entry, deletion }

    @Test("a name is gone when the kernel is told so", arguments: Way.allCases)
    func removal(way: Way) async throws {
        let fileSystem = MemoryFileSystem()
        let inode = fileSystem.add("a")
        try await TestMount.with(fileSystem) { mount throws in
            _ = try Calls.stat("\(mount.path)/a")
            fileSystem.remove("a")
            #expect(try Calls.stat("\(mount.path)/a").st_ino == ino_t(inode.rawValue))
            switch way {
            case .entry: mount.notifier.post(.entry(parent: .root, name: "a"))
            case .deletion:
                mount.notifier.post(.deletion(parent: .root, child: inode, name: "a"))
            }
            mount.notifier.drained()
            #expect(throws: PosixError.noEntry) { try Calls.stat("\(mount.path)/a") }
        }
    }

    @Test("that nothing has a name is remembered until the kernel is told otherwise")
    func negativeEntries() async throws {
        let fileSystem = MemoryFileSystem()
        try await TestMount.with(fileSystem) { mount throws in
            for _ in 0..<3 {
                #expect(throws: PosixError.noEntry) { try Calls.stat("\(mount.path)/a") }
            }
            #expect(fileSystem.count(of: "lookUp") == 1)
            fileSystem.add("a")
            mount.notifier.post(.entry(parent: .root, name: "a"))
            mount.notifier.drained()
            #expect(try Calls.stat("\(mount.path)/a").st_size == 0)
        }
    }

    @Test("a flood makes all names be looked up again")
    func flood() async throws {
        let fileSystem = MemoryFileSystem()
        let notifier = KernelNotifier(capacity: 10)
        let names = (0..<50).compactMap { Name("file \($0)") }
        for name in names { fileSystem.add(name) }
        // What is posted before the mount waits for it, so that it comes in one piece.
        for name in names.dropFirst(10) { notifier.post(.entry(parent: .root, name: name)) }
        try await TestMount.with(fileSystem, notifier: notifier) { mount throws in
            notifier.drained()
            for name in names { _ = try Calls.stat("\(mount.path)/\(name.string)") }
            #expect(fileSystem.count(of: "lookUp") == names.count)
            for name in names {
                fileSystem.remove(name)
                notifier.post(.entry(parent: .root, name: name))
            }
            notifier.drained()
            for name in names {
                #expect(throws: PosixError.noEntry) {
                    try Calls.stat("\(mount.path)/\(name.string)")
                }
            }
        }
    }

    @Test("what the kernel does not know is no error, and nobody waits after the end")
    func unknown() async throws {
        let fileSystem = MemoryFileSystem()
        try await TestMount.with(fileSystem) { mount throws in
            mount.notifier.post(.inode(InodeNumber(rawValue: 99), data: true))
            mount.notifier.post(.entry(parent: .root, name: "nothing"))
            mount.notifier.post(
                .deletion(parent: .root, child: InodeNumber(rawValue: 99), name: "nothing"))
            mount.notifier.drained()
            mount.session.unmount()
            mount.notifier.post(.entry(parent: .root, name: "late"))
            mount.notifier.drained()
        }
    }
}
