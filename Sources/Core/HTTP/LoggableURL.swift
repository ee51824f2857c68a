/// The form of a URL that a log line may show.
package enum LoggableURL {
    /// Query options of Graph that say what was asked and never hold a secret.
    private static let harmlessOptions: [String] = [
        "$select", "$expand", "$top", "$orderby", "$filter",
    ]

    /// Shows a URL without user information, and with every query value but those of harmless
    /// options replaced by `…`.
    ///
    /// - Parameters:
    ///   - url: An absolute URL, well formed or not.
    ///   - keepsPath: False replaces the path by `/…` as well.
    /// - Returns: Text that grants no access to anything.
    package static func text(_ url: String, keepsPath: Bool) -> String {
        let withoutFragment = url.prefix { $0 != "#" }
        let parts = withoutFragment.split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let location = parts.first.map(String.init) ?? ""
        guard let schemeEnd = location.firstIndexAfter("://") else { return "…" }
        let afterScheme = location[schemeEnd...]
        let authority = afterScheme.prefix { $0 != "/" }
        let path = afterScheme.dropFirst(authority.count)
        let host = authority.split(separator: "@").last ?? ""
        var text = String(location[..<schemeEnd]) + String(host)
        guard keepsPath else { return text + (path.isEmpty && parts.count < 2 ? "" : "/…") }
        text += path
        guard parts.count == 2 else { return text }
        return text + "?" + parts[1].split(separator: "&").map(loggable).joined(separator: "&")
    }

    private static func loggable(option: Substring) -> String {
        let name = option.prefix { $0 != "=" }
        guard name.count < option.count else { return "…" }
        return harmlessOptions.contains(String(name)) ? String(option) : "\(name)=…"
    }
}

extension String {
    /// Returns the index just after the first occurrence of an ASCII pattern.
    fileprivate func firstIndexAfter(_ pattern: String) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) {
                return index(start, offsetBy: pattern.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
