import Foundation
import Shell
import Testing

@Suite("The system directory")
struct SystemDirectoryTests {
    @Test("is made with those above it, for the user alone")
    func made() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a/b/c"
        let system = try SystemDirectory(preparing: path)
        #expect(system.repaired == [])
        for name in ["a", "a/b", "a/b/c"] {
            #expect(try directory.permissions(of: name) == 0o700)
        }
        #expect(try SystemDirectory(preparing: path) == system)
        #expect(try SystemDirectory(preparing: path + "/").path == path + "/")
    }

    @Test("takes the permissions of others away and says from what")
    func repaired() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/system"
        _ = try SystemDirectory(preparing: path)
        try directory.write([1], to: "system/credentials.json")
        try directory.write([1], to: "system/other")
        try FileManager.default.createDirectory(
            atPath: "\(path)/content", withIntermediateDirectories: false)
        for (name, permissions) in [
            ("system", 0o755), ("system/content", 0o750), ("system/credentials.json", 0o604),
            ("system/other", 0o644),
        ] {
            try FileManager.default.setAttributes(
                [.posixPermissions: permissions], ofItemAtPath: "\(directory.path)/\(name)")
        }
        let system = try SystemDirectory(preparing: path)
        #expect(system.repaired == [path, "\(path)/content", "\(path)/credentials.json"])
        #expect(try directory.permissions(of: "system") == 0o700)
        #expect(try directory.permissions(of: "system/content") == 0o700)
        #expect(try directory.permissions(of: "system/credentials.json") == 0o600)
        #expect(try directory.permissions(of: "system/other") == 0o644)
        #expect(try SystemDirectory(preparing: path).repaired == [])
    }

    @Test("that is a file is refused")
    func file() throws {
        let directory = try TemporaryDirectory()
        try directory.write([], to: "file")
        let path = "\(directory.path)/file"
        #expect(throws: SystemDirectoryError.notDirectory(path: path)) {
            _ = try SystemDirectory(preparing: path)
        }
    }

    @Test("that is not there is not made for a reader")
    func existing() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/none"
        #expect(throws: SystemDirectoryError.missing(path: path)) {
            _ = try SystemDirectory(existing: path)
        }
        #expect(try directory.names() == [])
    }

    @Test(
        "of another user is refused",
        .enabled(if: geteuid() == 0, "only the superuser can give a directory away"))
    func foreign() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.setAttributes(
            [.ownerAccountID: 4711], ofItemAtPath: directory.path)
        #expect(throws: SystemDirectoryError.foreign(path: directory.path, owner: 4711)) {
            _ = try SystemDirectory(preparing: directory.path)
        }
    }

    @Test(
        "on a disk that is read only is refused",
        .enabled(if: SmallDisk.isAvailable, "only the superuser can mount a disk"))
    func readOnlyDisk() throws {
        let disk = try SmallDisk(kibibytes: 64)
        try disk.makeReadOnly()
        for path in [disk.path, "\(disk.path)/new"] {
            let error = #expect(throws: SystemDirectoryError.self) {
                _ = try SystemDirectory(preparing: path)
            }
            guard case .notWritable(path, let failure)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(failure.code == EROFS)
        }
    }

    @Test(
        "where an ordinary user may not write is refused",
        .enabled(if: geteuid() == 0, "only the superuser can become another user"))
    func notAllowed() async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: directory.path)
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            #expect(seteuid(65534) == 0)
            let error = #expect(throws: SystemDirectoryError.self) {
                _ = try SystemDirectory(preparing: "\(path)/new")
            }
            guard case .notWritable("\(path)/new", let failure)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(failure.code == EACCES)
        }
    }
}

@Suite("The lock of a system directory")
struct InstanceLockTests {
    @Test("is given once, says who has it, and is free again afterwards")
    func twice() throws {
        let directory = try TemporaryDirectory()
        let system = try directory.system()
        do {
            let lock = try InstanceLock(in: system)
            let held = InstanceLockError.held(
                path: "\(directory.path)/onedrive.lock", process: getpid())
            #expect(throws: held) { _ = try InstanceLock(in: system) }
            #expect("\(held)".contains("process \(getpid())"))
            lock.release()
        }
        let lock = try InstanceLock(in: system)
        #expect(try directory.permissions(of: "onedrive.lock") == 0o600)
        lock.release()
    }

    @Test("is not inherited by programs that are started")
    func notInherited() throws {
        let directory = try TemporaryDirectory()
        let system = try directory.system()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["cat"]
        let input = Pipe()
        process.standardInput = input
        let lock = try InstanceLock(in: system)
        try process.run()
        lock.release()
        // The program still runs, and the lock is free.
        let again = try InstanceLock(in: system)
        again.release()
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    @Test("of different directories are different locks")
    func different() throws {
        let first = try TemporaryDirectory()
        let second = try TemporaryDirectory()
        let lock = try InstanceLock(in: first.system())
        let other = try InstanceLock(in: second.system())
        lock.release()
        other.release()
    }
}
