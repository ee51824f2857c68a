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

    @Test("a mount whose program was killed is removed")
    func staleMount() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = try directory.canonicalPath()
            defer { Self.removeMounts(at: path) }
            try Self.leaveStaleMount(at: path, "onedrive")
            #expect(throws: PosixError(rawValue: ENOTCONN)) { try Calls.stat(path) }
            let session = try FuseSession(mounting: MemoryFileSystem(), at: path)
            try Calls.write([1], to: "\(path)/a")
            session.unmount()
            #expect(try Calls.names(in: path).isEmpty)
        }
    }

    @Test("a stale mount of another program is left to its user")
    func foreignStaleMount() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = try directory.canonicalPath()
            defer { Self.removeMounts(at: path) }
            try Self.leaveStaleMount(at: path, "other")
            #expect(throws: MountError.staleMount(path: path, type: "fuse.other")) {
                try FuseSession(mounting: MemoryFileSystem(), at: path)
            }
        }
    }

    /// So that the directory can be removed, also after a failure.
    private static func removeMounts(at path: String) {
        while let child = try? Child("fusermount3 -u -z '\(path)' 2> /dev/null"), child.wait() == 0
        {}
    }

    /// What a killed program leaves: a mount whose connection is closed.
    ///
    /// fusermount3 mounts, and sends the device through a socket that nobody receives from.
    private static func leaveStaleMount(at path: String, _ subtype: String) throws {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let options = "fsname=test,subtype=\(subtype)"
        let child = try Child(
            "_FUSE_COMMFD=0 exec fusermount3 -o \(options) -- '\(path)'", input: ends[0])
        try #require(child.wait() == 0)
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
