extension GraphEndpoint {
    /// The service and drive that a recording is of, from the first address that says so.
    package init?(recordedIn archive: HTTPArchive) {
        let found = archive.entries.lazy.compactMap { GraphEndpoint(prefixOf: $0.request.url) }
        guard let endpoint = found.first else { return nil }
        self = endpoint
    }

    private init?(prefixOf url: String) {
        let address = CanonicalURL(url)
        let path = address.segments
        guard path.count >= 3, path[0] == "v1.0" else { return nil }
        let drive: DriveAddress
        switch path[1] {
        case "me" where path[2] == "drive": drive = .me
        case "drives": drive = .drive(DriveID(normalizing: path[2]))
        case "sites":
            guard let site = Self.site(path.dropFirst(2)) else { return nil }
            drive = .site(site)
        default: return nil
        }
        self.init(graph: address.origin, drive: drive)
    }

    /// The site of `HOST/drive/…` and of `HOST:/PATH:/drive/…`.
    private static func site(_ path: ArraySlice<String>) -> SharePointSite? {
        guard let first = path.first else { return nil }
        guard first.hasSuffix(":") else {
            guard path.dropFirst().first == "drive" else { return nil }
            return SharePointSite(host: first, path: "")
        }
        guard let last = path.firstIndex(where: { $0 != first && $0.hasSuffix(":") }),
            path[(last + 1)...].first == "drive"
        else { return nil }
        let names = path[(path.startIndex + 1)...last].joined(separator: "/").dropLast()
        return SharePointSite(host: String(first.dropLast()), path: "/" + names)
    }
}

extension RecordedExchange {
    /// Whether this is a question that a plan asks: for the root or for changes.
    ///
    /// The rest of a recording is the work of the client that was recorded.
    package var isQuestionForChanges: Bool {
        let address = CanonicalURL(request.url)
        guard request.method == "GET", address.isOfGraph, let last = address.segments.last else {
            return false
        }
        return last == "delta" || last.hasPrefix("delta(")
    }
}
