/// A file of the mount for which a thumbnail may be wanted, as the command line finds it.
package struct ThumbnailRequest: Hashable, Sendable {
    /// As the file manager names it.
    package var uri: FileURI
    /// When the bytes last changed, as programs see it.
    package var modified: Timestamp
    /// Nil for what is not on a mount of ours.
    package var state: NodeState?
    /// The notes of the thumbnail that is there; nil if there is none.
    package var notes: [String: String]?

    package init(
        uri: FileURI, modified: Timestamp, state: NodeState?, notes: [String: String]?
    ) {
        self.uri = uri
        self.modified = modified
        self.state = state
        self.notes = notes
    }

    /// Why no thumbnail is fetched.
    package enum Obstacle: String, Hashable, Sendable {
        /// File managers make one by themselves, of the file as it is here.
        case isHere = "the file is here"
        case isLocal = "the cloud does not have this version"
        case isUpToDate = "its thumbnail is up to date"
        case isElsewhere = "not on a mount of onedrive"
    }

    /// Why nothing is to be done; nil if a thumbnail is to be fetched.
    package var obstacle: Obstacle? {
        switch state {
        case nil: .isElsewhere
        case .here: .isHere
        case .pending, .localOnly: .isLocal
        case .partial, .placeholder:
            isUpToDate ? .isUpToDate : nil
        }
    }

    /// What a thumbnail says of the file that it shows, for programs to see whether it still does
    /// (Thumbnail Managing Standard 0.9, "Thumbnail Attributes").
    package var ownNotes: [(keyword: String, text: String)] {
        [
            ("Software", "onedrive"), ("Thumb::MTime", String(modified.wholeSeconds)),
            ("Thumb::URI", uri.text),
        ]
    }

    /// Whoever made the thumbnail.
    private var isUpToDate: Bool {
        guard let notes else { return false }
        return ownNotes.allSatisfy { $0.keyword == "Software" || notes[$0.keyword] == $0.text }
    }

    /// Whether the name is that of a picture or a video: of these, file managers show thumbnails, and
    /// the service has them.
    package static func isPictured(_ name: String) -> Bool {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else {
            return false
        }
        return extensions.contains(name[name.utf8.index(after: dot)...].lowercased())
    }

    private static let extensions: Set<String> = [
        // Pictures, those of cameras too.
        "arw", "avif", "bmp", "cr2", "cr3", "crw", "dng", "gif", "heic", "heif", "jfif", "jpe",
        "jpeg", "jpg", "nef", "nrw", "orf", "pef", "png", "raf", "rw2", "srw", "tif", "tiff",
        "webp",
        // Videos.
        "3g2", "3gp", "asf", "avi", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts",
        "webm", "wmv",
    ]
}
