import Core

/// `If-Match` and `If-None-Match` as Graph reads them.
enum EntityTags {
    /// Returns a tag as a header carries it: in quotes.
    ///
    /// Tags of SharePoint have theirs already.
    static func quoted(_ tag: String) -> String {
        tag.utf8.first == UInt8(ascii: "\"") ? tag : "\"\(tag)\""
    }

    /// Tells whether one of the tags of a header is one of `tags`.
    ///
    /// A tag without quotes is refused, as Graph does it.
    static func matches(_ header: String, _ tags: [String]) throws(GraphFailure) -> Bool {
        if header == "*" { return true }
        let expected = tags.map(quoted)
        for candidate in try list(header) where expected.contains(candidate) { return true }
        return false
    }

    /// Splits `"a", W/"b,c"` into tags with their quotes; the text between quotes may hold commas.
    private static func list(_ header: String) throws(GraphFailure) -> [String] {
        var tags: [String] = []
        var rest = Substring(header).trimmingSpaces
        while !rest.isEmpty {
            if rest.hasPrefix("W/") { rest = rest.dropFirst(2) }
            guard rest.first == "\"", let close = rest.dropFirst().firstIndex(of: "\"") else {
                throw .entityTagMalformed
            }
            tags.append(String(rest[...close]))
            rest = rest[rest.index(after: close)...].trimmingSpaces
            if rest.first == "," { rest = rest.dropFirst().trimmingSpaces }
        }
        if tags.isEmpty { throw .entityTagMalformed }
        return tags
    }
}

extension GraphService {
    /// Checks the conditional headers of a request about an item that exists: 412, or 304 for GET.
    func checkConditions(
        _ exchange: Exchange, _ drive: Int, _ key: ItemKey
    ) throws(GraphFailure) {
        let match = exchange.request.header("If-Match")
        let noneMatch = exchange.request.header("If-None-Match")
        guard match != nil || noneMatch != nil, let item = drives[drive].item(key) else { return }
        let identity = drives[drive].identity
        let tags = [
            identity.entityTag(key, count: item.entityCount),
            identity.contentTag(key, count: item.contentCount, isFolder: item.isFolder),
        ]
        if let match, try !EntityTags.matches(match, tags) {
            throw .entityTagMismatch
        }
        if let noneMatch, try EntityTags.matches(noneMatch, tags) {
            throw exchange.request.method == "GET" ? .notModified : .entityTagMismatch
        }
    }
}
