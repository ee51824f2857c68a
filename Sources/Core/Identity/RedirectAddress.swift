/// A redirect URI taken apart, for comparing and listening.
package struct RedirectAddress: Hashable, Sendable {
    package let authority: URLAuthority
    /// The path, `/` if the address has none.
    package let path: String

    /// Takes an absolute URL apart, or returns nil if it is none.
    ///
    /// A query is ignored.
    package init?(_ url: String) {
        guard let authority = URLAuthority(ofURL: url) else { return nil }
        self.authority = authority
        let rest = Self.afterAuthority(url)
        let path = rest.prefix { !"?#".contains($0) }
        self.path = path.isEmpty ? "/" : String(path)
    }

    /// Returns the query of an absolute URL, without the question mark, empty if there is none.
    package static func query(ofURL url: String) -> Substring {
        afterAuthority(url).prefix { $0 != "#" }.drop { $0 != "?" }.dropFirst()
    }

    /// True if a plain HTTP server of this program can take the redirect.
    package var isLoopback: Bool { authority.scheme == "http" && authority.isLoopback }

    /// Returns the URL with a port, for a server that took whichever was free.
    package static func url(_ url: String, withPort port: UInt16) -> String {
        guard let address = RedirectAddress(url), address.authority.port == nil else { return url }
        var authority = address.authority
        authority.port = port
        return "\(authority.scheme)://\(authority.text)\(afterAuthority(url))"
    }

    private static func afterAuthority(_ url: String) -> Substring {
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return "" }
        return parts[2].drop { !"/?#".contains($0) }
    }
}
