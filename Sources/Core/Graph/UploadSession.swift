/// A place at the service that takes the bytes of one file, piece by piece.
package struct UploadSession: Hashable, Sendable {
    /// Pre-authenticated: a secret, used byte for byte.
    package var url: String
    /// When it ends.
    ///
    /// Business extends it with every fragment; but its address has a life of its own, of about a
    /// day, that nothing extends (onedrive-api-docs#1570).
    package var expires: Timestamp?
    /// Where the service wants to go on, in bytes; nil if it does not say.
    package var nextOffset: Int64?

    package init(url: String, expires: Timestamp? = nil, nextOffset: Int64? = nil) {
        self.url = url
        self.expires = expires
        self.nextOffset = nextOffset
    }

    /// Nil where there is no address.
    init?(_ json: JSONCursor) {
        guard let url = json["uploadUrl"]?.string, !url.isEmpty else { return nil }
        self.init(
            url: url,
            expires: json["expirationDateTime"]?.string.flatMap(Timestamp.init(rfc3339:)),
            nextOffset: Self.nextOffset(json))
    }

    /// The begin of the first range of `nextExpectedRanges`: `"26-"` or `"12345-55232"`.
    ///
    /// The list may leave out later ranges, but not the first.
    static func nextOffset(_ json: JSONCursor) -> Int64? {
        var ranges = json["nextExpectedRanges"]?.elements
        guard let text = ranges?.next()?.string else { return nil }
        let digits = text.prefix { $0 != "-" }
        guard digits.count < text.count, digits.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int64(digits)
    }
}
