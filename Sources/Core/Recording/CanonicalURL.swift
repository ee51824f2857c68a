/// A URL by its meaning: two spellings that a service cannot tell apart are equal.
struct CanonicalURL: Hashable, Sendable {
    struct Option: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// Scheme, host and port; the whole text where it is no URL.
    var origin: String
    /// Decoded, where that is possible.
    var segments: [String]
    /// In the order in which they are written.
    var query: [Option]

    init(_ url: String) {
        let whole = url.prefix { $0 != "#" }
        let parts = whole.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let location = parts.first ?? ""
        query =
            parts.count < 2
            ? []
            : parts[1].split(separator: "&").map { option in
                let halves = option.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return Option(
                    name: Self.decoded(halves[0]),
                    value: halves.count < 2 ? "" : Self.decoded(halves[1]))
            }
        guard let authority = URLAuthority(ofURL: String(location)) else {
            origin = String(location)
            segments = []
            return
        }
        let standard: UInt16 = authority.scheme == "https" ? 443 : 80
        var place = authority
        if place.port == standard { place.port = nil }
        origin = "\(place.scheme)://\(place.text)"
        let rest = location.dropFirst(authority.scheme.utf8.count + 3)
        segments = rest.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map(Self.decoded)
    }

    /// Options sorted by name; those of one name keep their order, which may matter.
    var sortedQuery: [Option] {
        query.enumerated().sorted {
            ($0.element.name, $0.offset) < ($1.element.name, $1.offset)
        }.map(\.element)
    }

    var path: String { "/" + segments.joined(separator: "/") }

    /// Whether the path is that of an address of Graph, which needs a token.
    var isOfGraph: Bool { segments.first == "v1.0" || segments.first == "beta" }

    private static func decoded(_ text: Substring) -> String {
        PercentEncoding.decode(text) ?? String(text)
    }
}
