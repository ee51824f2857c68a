/// What an item promises of the bytes behind its address.
///
/// Whatever comes is compared with it before the first byte is stored: the page of a proxy or of the
/// sign-in of a network is a success, too.
package struct PromisedContent: Hashable, Sendable {
    /// How many bytes the file has.
    package var size: Int64
    /// Another size, under which the service serves this very version.
    package var servedSize: Int64?
    /// The tag of answers with bytes of this version, without quotes; nil while it is not known.
    package var tag: String?
    /// Whether the file itself is a web page.
    package var isWebPage: Bool

    package init(
        size: Int64, servedSize: Int64? = nil, tag: String? = nil, isWebPage: Bool = false
    ) {
        self.size = size
        self.servedSize = servedSize
        self.tag = tag
        self.isWebPage = isWebPage
    }

    /// Whether an answer says that it holds bytes of this version, or does not say otherwise.
    func isKept(by part: ContentPart) -> Bool {
        if let total = part.total, total != size, total != servedSize { return false }
        guard let tag, let other = part.tag else { return true }
        return tag == other
    }

    /// Whether a file of this name is a web page.
    package static func isWebPage(_ name: Name) -> Bool {
        guard let text = name.utf8String, let dot = text.lastIndex(of: ".") else { return false }
        return webPages.contains(text[text.index(after: dot)...].lowercased())
    }

    private static let webPages: Set = ["htm", "html", "xhtml", "shtml", "aspx", "mht", "mhtml"]
}
