import Foundation
import Synchronization

/// Where the measurements take place: a directory of their own, and what runs and is mounted there.
///
/// ``clear()`` takes all of it away; so does Ctrl-C.
///
/// One thread measures, another one may take everything away: from then on nothing starts any more.
final class Stage {
    let options: Options
    let directory: String
    private var children: [ChildProcess] = []
    private var mounts: [String] = []
    private var counter = 0
    /// Held while something is made, and while that is forbidden.
    private let gate = NSLock()
    private var isRemoved = false
    /// A directory in memory, where the system has one.
    private let memory = "/dev/shm/onedrive-benchmark-\(getpid())"

    init(_ options: Options) throws {
        self.options = options
        directory = options.scratch + "/\(getpid())"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    /// Makes a directory that nothing else has.
    func makeDirectory(_ name: String) throws -> String {
        gate.lock()
        defer { gate.unlock() }
        try checkThatItLasts()
        counter += 1
        let path = "\(directory)/\(counter)-\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Makes a directory in memory; nil where the system has no place for it.
    func makeMemoryDirectory(_ name: String) -> String? {
        counter += 1
        let path = "\(memory)/\(counter)-\(name)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            return path
        } catch {
            return nil
        }
    }

    /// Starts a program that ends with the stage.
    func start(_ program: String, _ arguments: [String], named name: String) throws -> ChildProcess
    {
        counter += 1
        gate.lock()
        defer { gate.unlock() }
        try checkThatItLasts()
        let child = try ChildProcess(
            program, arguments, output: "\(directory)/\(counter)-\(name).log")
        children.append(child)
        return child
    }

    private func checkThatItLasts() throws {
        guard !isRemoved else { throw Problem("the measurements are being ended") }
    }

    /// Remembers a mount, and waits until it is there.
    func awaitMount(at path: String, by child: ChildProcess) throws {
        mounts.append(path)
        try wait(for: "the mount \(path)", within: .seconds(120)) {
            guard child.isRunning else {
                throw Problem("no mount at \(path): \(child.text.suffix(400))")
            }
            // What a killed process left behind is a mount too, but answers nothing.
            var status = statvfs()
            return Self.isMounted(path) && statvfs(path, &status) == 0
        }
    }

    static func isMounted(_ path: String) -> Bool {
        let table = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        return table.contains(" \(path) ")
    }

    /// Ends programs and mounts of one mark, and removes its files.
    func clear() {
        for child in children.reversed() { child.stop() }
        children = []
        for mount in mounts where Self.isMounted(mount) {
            _ = try? ChildProcess.run("fusermount3", ["-u", "-z", "-q", mount])
        }
        mounts = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names { try? FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
        try? FileManager.default.removeItem(atPath: memory)
    }

    /// Takes everything away, the directory too.
    func remove() {
        gate.withLock { isRemoved = true }
        clear()
        try? FileManager.default.removeItem(atPath: directory)
        // Goes only if no other run uses it.
        rmdir(options.scratch)
    }
}
