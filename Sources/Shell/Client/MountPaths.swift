import Core
import Glibc

/// The mount of a running client, as a program sees it that works with its files.
package struct MountPaths: Sendable {
    let root: String

    package init(_ mountDirectory: String) {
        root = mountDirectory.hasSuffix("/") ? String(mountDirectory.dropLast()) : mountDirectory
    }

    /// A path as the user gave it, from the root of the mount.
    ///
    /// Paths below the mount directory and relative ones are meant as they are; others count from
    /// the root of the mount, as listings show them.
    package func inside(_ path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : Self.workingDirectory + "/" + path
        if let real = Self.realPath(absolute), let realRoot = Self.realPath(root) {
            if real == realRoot { return "/" }
            if real.hasPrefix(realRoot + "/") { return String(real.dropFirst(realRoot.count)) }
        }
        return path.hasPrefix("/") ? path : "/" + path
    }

    package func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(root + path, &status) == 0
    }

    /// The node behind a path, which must be on the mount.
    package func node(_ path: String) throws(MountFailure) -> NodeID {
        var status = stat()
        guard lstat(root + path, &status) == 0 else {
            throw MountFailure("\(path): \(String(cString: strerror(errno)))")
        }
        var top = stat()
        var above = stat()
        guard stat(root, &top) == 0, stat(root + "/..", &above) == 0, top.st_dev != above.st_dev
        else { throw MountFailure("\(root): nothing is mounted here") }
        guard status.st_dev == top.st_dev else {
            throw MountFailure("\(path): not on the mount \(root)")
        }
        return NodeID(rawValue: UInt64(status.st_ino))
    }

    /// Six letters or digits that no other program will choose just now.
    package var temporaryWord: String {
        String(UInt64.random(in: 0..<(36 * 36 * 36 * 36 * 36)) + 36 * 36 * 36 * 36 * 36, radix: 36)
    }

    package func perform(_ step: ConflictStep) throws(MountFailure) {
        switch step {
        case .copy(let from, let to):
            try attempt(to) { () throws(SystemCallFailure) in try copy(root + from, root + to) }
        case .rename(let from, let to, replaces: true):
            try attempt(to) { () throws(SystemCallFailure) in
                _ = try SystemCalls.run("rename") { rename(root + from, root + to) }
            }
        case .rename(let from, let to, replaces: false):
            try attempt(to) { () throws(SystemCallFailure) in
                try SystemCalls.renameExclusively(
                    at: AT_FDCWD, root + from, to: AT_FDCWD, root + to)
            }
        case .remove(let path):
            try attempt(path) { () throws(SystemCallFailure) in
                _ = try SystemCalls.run("unlink") { unlink(root + path) }
            }
        }
    }

    private func copy(_ from: String, _ to: String) throws(SystemCallFailure) {
        let source = try Descriptor(opening: from, flags: O_RDONLY)
        let target = try Descriptor(opening: to, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        do throws(SystemCallFailure) {
            var offset: Int64 = 0
            while true {
                let count = try SystemCalls.copyRange(
                    source.rawValue, target.rawValue, at: offset, count: 1 << 30)
                if count == 0 { break }
                offset += count
            }
            try SystemCalls.synchronize(target.rawValue)
        } catch {
            unlink(to)
            throw error
        }
    }

    private func attempt(
        _ path: String, _ body: () throws(SystemCallFailure) -> Void
    ) throws(MountFailure) {
        do throws(SystemCallFailure) {
            try body()
        } catch {
            throw MountFailure("\(path): \(error)")
        }
    }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}

/// Why something on the mount could not be done.
package struct MountFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
