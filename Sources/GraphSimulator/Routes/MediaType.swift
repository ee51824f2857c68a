/// The media types the service tells by a file's extension.
enum MediaType {
    private static let types: [String: String] = [
        "txt": "text/plain", "md": "text/markdown", "csv": "text/csv", "html": "text/html",
        "json": "application/json", "pdf": "application/pdf", "zip": "application/zip",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "heic": "image/heic",
        "mp4": "video/mp4", "mp3": "audio/mpeg", "one": "application/msonenote",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ]

    /// Returns the media type of a file with that name.
    static func of(_ name: String) -> String {
        types[`extension`(of: name)] ?? "application/octet-stream"
    }

    /// Whether the service makes small pictures of files with that name.
    static func isPictured(_ name: String) -> Bool {
        let type = of(name)
        return type.hasPrefix("image/") || type.hasPrefix("video/")
    }

    /// Returns what follows the last dot, in lower case; empty if there is no dot.
    static func `extension`(of name: String) -> String {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(Substring(name.utf8[name.utf8.index(after: dot)...])).lowercased()
    }
}
