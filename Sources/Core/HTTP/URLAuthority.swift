/// The part of an absolute URL that says who is asked.
package struct URLAuthority: Hashable, Sendable {
    /// The scheme in lower case, such as `https`.
    package var scheme: String
    /// The host in lower case, an IPv6 address without its brackets.
    package var host: String
    /// The port, if the URL names one.
    package var port: UInt16?

    /// Reads the authority of an absolute URL, or returns nil if there is none.
    ///
    /// Blanks, control characters and bytes beyond ASCII have no place in a URL that is sent. User information is refused: no service here uses it, and it disguises the host.
    package init?(ofURL url: String) {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        var rest = Substring(url)
        let scheme = rest.prefix { $0 != ":" && $0 != "/" }
        rest = rest.dropFirst(scheme.count)
        guard !scheme.isEmpty, rest.hasPrefix("://") else { return nil }
        let authority = rest.dropFirst(3).prefix { !"/?#\\".contains($0) }
        guard !authority.contains("@") else { return nil }
        let host: Substring
        let portText: Substring
        if authority.hasPrefix("[") {
            host = authority.dropFirst().prefix { $0 != "]" }
            let after = authority.dropFirst(host.count + 1)
            guard after.hasPrefix("]") else { return nil }
            portText = after.dropFirst()
        } else {
            host = authority.prefix { $0 != ":" }
            portText = authority.dropFirst(host.count)
        }
        guard !host.isEmpty else { return nil }
        if portText.isEmpty {
            port = nil
        } else {
            guard portText.hasPrefix(":"), portText.dropFirst().utf8.allSatisfy(Self.isDigit),
                let number = UInt16(portText.dropFirst())
            else {
                return nil
            }
            port = number
        }
        self.scheme = scheme.lowercased()
        self.host = host.lowercased()
    }

    /// True if the host is this machine by its own name or address: `localhost`, `127.0.0.0/8`
    /// and `::1`.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy(Self.isDigit) }
    }

    /// The authority as text, which tells hosts and ports apart.
    package var text: String {
        (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }

    /// True if nobody on the way can read or change what is sent: TLS, or this machine itself.
    package var isPrivate: Bool {
        scheme == "https" || (scheme == "http" && isLoopback)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }
}
