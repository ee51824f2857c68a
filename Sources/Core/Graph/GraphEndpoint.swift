/// Where Graph is, and which drive of it is meant.
package struct GraphEndpoint: Hashable, Sendable {
    /// The root of Graph, without version and without a slash at the end, such as
    /// `https://graph.microsoft.com`.
    package var graph: String
    package var drive: DriveAddress

    package init(graph: String, drive: DriveAddress) {
        self.graph = graph
        self.drive = drive
    }

    /// The version that every address begins with.
    var version: String { graph + "/v1.0" }

    /// The prefix of all addresses inside the drive.
    var drivePrefix: String {
        switch drive {
        case .me: version + "/me/drive"
        case .drive(let id): version + "/drives/" + id.rawValue.percentEncodedSegment
        case .site(let site): version + site.address(of: "drive")
        }
    }

    /// Whether a link that the service gave leads back to Graph itself.
    ///
    /// Links are followed byte for byte, and a token must never follow one to another host.
    func isOwn(_ link: String) -> Bool {
        guard let own = URLAuthority(ofURL: graph) else { return false }
        return URLAuthority(ofURL: link) == own
    }
}

/// How a drive is named before, and after, its id is known.
package enum DriveAddress: Hashable, Sendable {
    /// The drive of the signed-in user.
    case me
    case drive(DriveID)
    /// The default library of a site.
    case site(SharePointSite)
}

/// A SharePoint site by the address that its users see.
package struct SharePointSite: Hashable, Sendable {
    /// Such as `contoso.sharepoint.com`.
    package var host: String
    /// Relative to the host, beginning with a slash; empty for the root site.
    package var path: String

    package init(host: String, path: String) {
        self.host = host
        self.path = path
    }

    /// The path, below the version, of something that belongs to the site.
    func address(of relation: String) -> String {
        let segments = path.split(separator: "/").map(\.percentEncodedSegment)
        let site = "/sites/" + host.percentEncodedSegment
        if segments.isEmpty { return "\(site)/\(relation)" }
        return "\(site):/\(segments.joined(separator: "/")):/\(relation)"
    }
}
