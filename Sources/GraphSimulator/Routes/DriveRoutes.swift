import Core

/// Users, sites, drives and their lists.
extension GraphService {
    /// Returns the drive a path begins with and what follows, or `nil` if it begins with none.
    func driveAddress(
        _ path: ArraySlice<Substring>
    ) throws(GraphFailure) -> (drive: Int, rest: ArraySlice<Substring>)? {
        var rest = path
        switch rest.popFirst() {
        case "me" where rest.first == "drive":
            return (0, rest.dropFirst())
        case "drive":
            return (0, rest)
        case "drives":
            guard let raw = rest.popFirst() else { return nil }
            let id = RequestTarget.percentDecoded(raw) ?? String(raw)
            guard let drive = drives.firstIndex(where: { $0.identity.isNamed(id) }) else {
                throw .itemNotFound
            }
            return (drive, rest)
        case "sites":
            guard let (_, tail) = try siteAddress(path.dropFirst()), tail.first == "drive",
                let drive = drives.firstIndex(where: { $0.sitePath != nil })
            else { return nil }
            return (drive, tail.dropFirst())
        default:
            return nil
        }
    }

    /// Answers paths that list drives or name a site; `nil` if the path is about one drive.
    func driveListing(
        _ exchange: Exchange, path: ArraySlice<Substring>
    ) throws(GraphFailure) -> SimulatedResponse? {
        if path.elementsEqual(["me", "drives"]) || path.elementsEqual(["drives"]) {
            if quirks.drivesForbidden { throw .accessDenied }
            return drivesAnswer(
                drives.filter { $0.sitePath == nil && $0.shared == nil },
                withPhantoms: quirks.phantomDrives)
        }
        guard path.first == "sites", let (site, tail) = try siteAddress(path.dropFirst()) else {
            return nil
        }
        if tail.isEmpty { return site }
        if tail.elementsEqual(["drives"]) {
            return drivesAnswer(drives.filter { $0.sitePath != nil }, withPhantoms: false)
        }
        return nil
    }

    /// Reads `{hostname}:/{path}[:]` or `{site-id}` or `root`, and returns the site's answer.
    private func siteAddress(
        _ path: ArraySlice<Substring>
    ) throws(GraphFailure) -> (site: SimulatedResponse, tail: ArraySlice<Substring>)? {
        guard !profile.isPersonal else {
            throw .invalidRequest("This API is not supported for MSA accounts")
        }
        var rest = path
        guard let head = rest.popFirst() else { return nil }
        if head.utf8.last == UInt8(ascii: ":") {
            var names: [Substring] = []
            while let segment = rest.popFirst() {
                let isLast = segment.utf8.last == UInt8(ascii: ":")
                names.append(isLast ? segment.dropLast() : segment)
                if isLast { break }
            }
            let text = RequestTarget.percentDecoded(Substring(names.joined(separator: "/"))) ?? ""
            guard text.lowercased() == Self.sitePath.lowercased() else { throw .itemNotFound }
        } else {
            let text = RequestTarget.percentDecoded(head) ?? ""
            guard text == siteID || text == "root" else { throw .itemNotFound }
        }
        return (siteAnswer(), rest)
    }

    private static let siteHost = "contoso.sharepoint.com"

    /// Host, collection and web, as Graph joins them.
    private var siteID: String {
        let guid = drives.last { $0.sitePath != nil }?.identity.guid(.root).lowercased() ?? ""
        return "\(Self.siteHost),\(guid),\(guid)"
    }

    private func siteAnswer() -> SimulatedResponse {
        .json(
            200,
            JSONOutput.object { output in
                output.member("id", siteID)
                output.member("displayName", "Team")
                output.member("name", "Team")
                output.member("webUrl", "https://\(Self.siteHost)/\(Self.sitePath)")
                output.member("createdDateTime", "2020-01-01T00:00:00Z")
                output.member("lastModifiedDateTime", "2020-01-01T00:00:00Z")
            })
    }

    func user() -> SimulatedResponse {
        .json(
            200,
            JSONOutput.object { output in
                output.member(
                    "@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users/$entity")
                output.member("id", Self.userID)
                output.member("displayName", Self.userName)
                output.member("userPrincipalName", "user@contoso.example")
            })
    }

    static let userID = "00000000-0000-0000-0000-00000000000a"
    static let userName = "Signed-in User"

    func driveAnswer(_ drive: Int) -> SimulatedResponse {
        .json(200, JSONOutput.object { write(drives[drive], into: &$0) })
    }

    private func drivesAnswer(_ listed: [Drive], withPhantoms: Bool) -> SimulatedResponse {
        .json(
            200,
            JSONOutput.object { output in
                output.member(
                    "@odata.context", "https://graph.microsoft.com/v1.0/$metadata#drives")
                output.name("value")
                output.array { array in
                    if withPhantoms {
                        array.object { phantom in
                            phantom.member("id", "b!phantom" + String(repeating: "A", count: 57))
                            phantom.member("driveType", listed.first?.identity.kind.rawValue ?? "")
                            phantom.member("name", "PersonalCacheLibrary")
                        }
                    }
                    for drive in listed {
                        array.object { write(drive, into: &$0) }
                    }
                }
            })
    }

    private func write(_ drive: Drive, into output: inout JSONOutput) {
        output.member("id", drive.identity.id)
        output.member("driveType", drive.identity.kind.rawValue)
        output.member("name", drive.name)
        output.member("webUrl", "https://contoso.example/drives/\(drive.identity.id)")
        output.member("owner") { owner in
            owner.member("user") { user in
                user.member("id", Self.userID)
                user.member("displayName", Self.userName)
            }
        }
        // Of somebody else's drive the service tells no quota.
        if drive.shared != nil { return }
        switch quirks.quota {
        case .absent: break
        case .zero:
            output.member("quota") {
                Self.writeQuota(total: 0, used: 0, deleted: 0, remaining: 0, into: &$0)
            }
        case .full, .negativeRemaining:
            let total = drive.quotaTotal
            let used = drive.usedSize
            let remaining =
                quirks.quota == .negativeRemaining ? -1 : Int64(total) - Int64(min(used, total))
            output.member("quota") { quota in
                Self.writeQuota(
                    total: total, used: used, deleted: drive.recycledSize, remaining: remaining,
                    into: &quota)
            }
        }
    }

    private static func writeQuota(
        total: UInt64, used: UInt64, deleted: UInt64, remaining: Int64,
        into output: inout JSONOutput
    ) {
        let state =
            remaining < 0
            ? "exceeded"
            : UInt64(remaining) < total / 100
                ? "critical" : UInt64(remaining) < total / 10 ? "nearing" : "normal"
        output.member("deleted", deleted)
        output.member("remaining", remaining)
        output.member("state", state)
        output.member("total", total)
        output.member("used", used)
    }
}
