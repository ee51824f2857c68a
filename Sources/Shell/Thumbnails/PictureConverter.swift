import Core
import Glibc

/// Makes a thumbnail of a picture of any format, by the program that desktops have for that.
///
/// Pictures come from outside: whatever is wrong with one, it meets a process that holds nothing.
package struct PictureConverter: Sendable {
    package static let program = "gdk-pixbuf-thumbnailer"

    private let folder: String

    /// Makes a folder for pictures on their way.
    ///
    /// - Throws: What keeps it from being made.
    package init(environment variables: [String: String]) throws(SystemCallFailure) {
        let temporary = variables["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        var template = Array("\(temporary)/onedrive-thumbnails-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SystemCallFailure(call: "mkdtemp", code: errno)
        }
        let bytes = template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        folder = String(decoding: bytes, as: UTF8.self)
    }

    /// Removes the folder.
    package func end() { rmdir(folder) }

    /// Whether the program is there.
    package static var isInstalled: Bool { ChildProcess.path(of: program) != nil }

    /// A picture as a PNG file of at most that many pixels in each direction; nil for what is none.
    ///
    /// May be called by several threads at once.
    package func thumbnail(
        of picture: [UInt8], edge: Int
    ) throws(SystemCallFailure) -> PNGFile? {
        let word = String(UInt64.random(in: .min ... .max), radix: 36)
        let source = "\(folder)/\(word)"
        let target = "\(folder)/\(word).png"
        defer {
            unlink(source)
            unlink(target)
        }
        try Descriptor(opening: source, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            .write(picture, at: 0)
        guard ChildProcess.run([Self.program, "--size", String(edge), source, target]) == 0 else {
            return nil
        }
        return PNGFile(try ThumbnailCache.bytes(of: target))
    }
}
