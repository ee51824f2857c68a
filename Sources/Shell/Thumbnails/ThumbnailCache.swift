import Core
import Crypto
import Glibc

/// The thumbnails that all programs of a desktop share (freedesktop.org, Thumbnail Managing Standard
/// 0.9): those of at most 256 pixels, the largest that every file manager knows.
package struct ThumbnailCache: Sendable {
    /// The longest edge of a thumbnail, in pixels.
    package static let edge = 256

    private let directory: String

    package init(environment variables: [String: String]) {
        let cache = variables["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        directory = (cache ?? variables["HOME", default: ""] + "/.cache") + "/thumbnails/large"
    }

    /// Where the thumbnail of a file lies.
    package func path(of uri: FileURI) -> String {
        let digest = Insecure.MD5.hash(data: Array(uri.text.utf8))
        return "\(directory)/\(Hexadecimal.encode(digest)).png"
    }

    /// What the thumbnail of a file says of it; nil if there is none.
    package func notes(of uri: FileURI) -> [String: String]? {
        guard let bytes = try? Self.bytes(of: path(of: uri)) else { return nil }
        return PNGFile(bytes)?.notes
    }

    /// Puts a thumbnail in place at once: nobody ever reads half of one.
    package func store(_ file: PNGFile, for uri: FileURI) throws(SystemCallFailure) {
        try SystemCalls.makeDirectories(directory, mode: 0o700)
        let target = path(of: uri)
        let word = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = "\(directory)/.onedrive-\(word)"
        do throws(SystemCallFailure) {
            try Descriptor(
                opening: temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600
            ).write(file.bytes, at: 0)
            _ = try SystemCalls.run("rename") { rename(temporary, target) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// The whole of a file that is no longer than a thumbnail can be.
    static func bytes(of path: String) throws(SystemCallFailure) -> [UInt8] {
        let descriptor = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
        let status = try descriptor.status()
        guard status.isRegular, status.size <= longest else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(status.size))
        let count = try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemCallFailure) in try descriptor.read(into: buffer, at: 0) }
        }.get()
        return Array(bytes.prefix(count))
    }

    /// In bytes: four for each pixel, and as much again.
    private static let longest: Int64 = Int64(edge * edge * 4 * 2)
}
