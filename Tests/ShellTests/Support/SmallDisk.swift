import Foundation

/// A file system of its own in memory, with little room, unmounted when the test is over.
///
/// Only the superuser may mount one.
final class SmallDisk: Sendable {
    private let directory: TemporaryDirectory
    let path: String

    /// Whether this process may mount file systems.
    static let isAvailable: Bool = (try? SmallDisk(kibibytes: 64)) != nil

    struct NotMounted: Error {}

    /// - Parameters:
    ///   - kibibytes: The room for bytes.
    ///   - files: How many files there is room for; zero for any number.
    /// - Throws: What keeps it from being mounted.
    init(kibibytes: Int, files: Int = 0) throws {
        directory = try TemporaryDirectory()
        path = "\(directory.path)/disk"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        guard
            run(
                "mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k,nr_inodes=\(files),mode=700",
                "onedrive-test", path)
        else { throw NotMounted() }
    }

    deinit {
        _ = run("umount", "-l", path)
    }

    func makeReadOnly() throws {
        guard run("mount", "-o", "remount,ro", path) else { throw NotMounted() }
    }

    /// Makes files until there is no room for one more, however small.
    func crowd() throws {
        try? FileManager.default.createDirectory(
            atPath: "\(path)/crowd", withIntermediateDirectories: false)
        var number = 0
        while true {
            let file = open("\(path)/crowd/\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            close(file)
            number += 1
        }
    }

    func disperse() throws {
        try FileManager.default.removeItem(atPath: "\(path)/crowd")
    }

    /// Takes all the room that is left.
    func fill() throws {
        let file = open("\(path)/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        for count in [1 << 16, 4096, 1] {
            let bytes = [UInt8](repeating: 1, count: count)
            while write(file, bytes, count) == count {}
        }
    }

    func empty() throws {
        try FileManager.default.removeItem(atPath: "\(path)/filler")
    }
}

/// Runs a command without output.
private func run(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}
