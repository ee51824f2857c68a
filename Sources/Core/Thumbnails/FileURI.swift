/// The address of a file of this machine, spelled as desktops spell it: the names of thumbnails are
/// made of it, so that one escape more or less would be another file.
package struct FileURI: Hashable, Sendable {
    package let text: String

    /// Spells a path as GLib does (`g_filename_to_uri`), the path being absolute and without `.`,
    /// `..` and needless slashes.
    package init(path: String) {
        var bytes = Array("file://".utf8)
        for byte in path.utf8 {
            if Self.isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Hexadecimal.digit(byte >> 4, uppercase: true))
                bytes.append(Hexadecimal.digit(byte & 15, uppercase: true))
            }
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Besides letters and digits: RFC 3986, `pchar` and the slash, without the semicolon.
    private static let plain = Set("!$&'()*+,-./:=@_~".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: plain.contains(byte)
        }
    }
}
