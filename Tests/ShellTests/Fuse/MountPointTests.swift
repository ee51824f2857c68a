import Core
import Glibc
import Shell
import Testing

@Suite(
    .enabled(if: TestMount.isPossible, "/dev/fuse cannot be opened"), .timeLimit(.minutes(1)))
struct MountPointTests {
    @Test("what is in the way is said before anything is mounted")
    func obstacles() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = try directory.canonicalPath()
            let missing = "\(path)/missing"
            #expect(throws: MountError.missing(path: missing)) {
                try FuseSession(mounting: MemoryFileSystem(), at: missing)
            }
            let file = "\(path)/file"
            try Calls.write([1], to: file)
            #expect(throws: MountError.notDirectory(path: file)) {
                try FuseSession(mounting: MemoryFileSystem(), at: file)
            }
            #expect(throws: MountError.notEmpty(path: path)) {
                try FuseSession(mounting: MemoryFileSystem(), at: path)
            }
        }
    }

    @Test("a directory is mounted once")
    func alreadyMounted() async throws {
        try await TestMount.with(MemoryFileSystem()) { mount throws in
            #expect(throws: MountError.alreadyMounted(path: mount.path)) {
                try FuseSession(mounting: MemoryFileSystem(), at: mount.path + "/")
            }
            #expect(try Calls.names(in: mount.path).isEmpty)
        }
    }

    @Test(
        "a mount whose program was killed is removed, however many lie there",
        .enabled(if: geteuid() == 0, "mounting by hand needs root"), arguments: [1, 3])
    func staleMount(count: Int) async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = try directory.canonicalPath()
            defer { Self.removeMounts(at: path) }
            for _ in 0..<count { try Self.leaveStaleMount(at: path, "fuse.onedrive") }
            #expect(throws: PosixError(rawValue: ENOTCONN)) { try Calls.stat(path) }
            let session = try FuseSession(mounting: MemoryFileSystem(), at: path)
            try Calls.write([1], to: "\(path)/a")
            session.unmount()
            #expect(try Calls.names(in: path).isEmpty)
        }
    }

    @Test(
        "a stale mount of another program is left to its user",
        .enabled(if: geteuid() == 0, "mounting by hand needs root"))
    func foreignStaleMount() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = try directory.canonicalPath()
            defer { Self.removeMounts(at: path) }
            try Self.leaveStaleMount(at: path, "fuse.other")
            #expect(throws: MountError.staleMount(path: path, type: "fuse.other")) {
                try FuseSession(mounting: MemoryFileSystem(), at: path)
            }
        }
    }

    /// So that the directory can be removed, also after a failure.
    private static func removeMounts(at path: String) {
        while umount2(path, 0) == 0 {}
    }

    /// What a killed program leaves: a mount whose connection is closed.
    private static func leaveStaleMount(at path: String, _ type: String) throws {
        let device = try Calls.open("/dev/fuse", O_RDWR)
        let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0"
        let result = mount("test", path, type, 0, options)
        let code = errno
        close(device)
        guard result == 0 else { throw PosixError(rawValue: code) }
    }

    @Test("every error says what to do")
    func descriptions() {
        let refusal = SystemCallFailure(call: "call", code: EACCES)
        let errors: [MountError] = [
            .noDevice, .deviceRefused(refusal), .noMountProgram, .othersNotAllowed,
            .missing(path: "/m"), .notDirectory(path: "/m"), .notEmpty(path: "/m"),
            .notOwned(path: "/m", owner: 5), .alreadyMounted(path: "/m"),
            .staleMount(path: "/m", type: "fuse.other"), .recoveryFailed(path: "/m"),
            .unreadable(path: "/m", refusal), .refused(path: "/m"), .noThread(refusal),
        ]
        for error in errors {
            // What is wrong, then what to do.
            #expect(error.description.contains(":"), "\(error)")
        }
    }
}
