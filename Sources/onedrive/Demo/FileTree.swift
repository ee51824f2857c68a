import Glibc
import Shell

/// Trees of files.
enum FileTree {
    /// Removes a directory with everything in it; follows no link.
    ///
    /// Returns whether it is gone.
    static func remove(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT }
        guard status.st_mode & S_IFMT == S_IFDIR else { return unlink(path) == 0 }
        for name in names(in: path) where !remove(path + "/" + name) { return false }
        return rmdir(path) == 0
    }

    /// The names in a directory, sorted; none if it cannot be read.
    static func names(in path: String) -> [String] {
        ((try? SystemCalls.names(at: AT_FDCWD, path)) ?? []).sorted()
    }

    /// The bytes of a small file; nil if it cannot be read.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Writes a whole file.
    ///
    /// Returns whether that worked.
    static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        return close(descriptor) == 0 && count == bytes.count
    }
}
