import Glibc

/// The small text files of the system, such as those of proc(5).
enum SystemText {
    /// The longest that is read, in bytes.
    private static let countMax = 16 << 20

    /// The bytes of a file; nil if it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let chunk = 1 << 16
        while bytes.count < countMax {
            // Their sizes are unknown before the end.
            let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress, chunk))
            }
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }

    /// Writes to a file that is there; returns whether it worked.
    static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
