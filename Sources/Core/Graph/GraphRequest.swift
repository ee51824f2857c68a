/// A call in the form in which it is sent.
package struct GraphRequest: Hashable, Sendable {
    package var http: HTTPRequest
    /// Whether the shell adds the token.
    ///
    /// It decides nothing itself.
    package var authorization: Authorization
}

extension GraphEndpoint {
    /// Members of items that are asked for in pages.
    ///
    /// The service leaves out everything else, facets too: without `deleted` a removal would look
    /// like a nameless item. All of these are known to be accepted by every kind of drive.
    private static let selection =
        "$select=id,name,eTag,cTag,size,createdDateTime,lastModifiedDateTime,fileSystemInfo,"
        + "parentReference,file,folder,package,root,deleted,remoteItem"

    /// How many items a page should have; the service may send fewer.
    private static let pageSize = "$top=1000"

    /// Without it shortcuts to shared folders are missing on Personal drives, and the Vault, which
    /// no client can read, is shown (onedrive-api-docs#1891).
    private static let preference = HTTPHeader("Prefer", "Include-Feature=AddToOneDrive")

    /// Spells a call as a request to this drive.
    package func request(for call: GraphCall) -> GraphRequest {
        let http = httpRequest(for: call)
        switch call.authorization {
        case .none: return GraphRequest(http: http, authorization: .none)
        case .bearer:
            // Only a link that the service gave can lead elsewhere.
            return GraphRequest(http: http, authorization: isOwn(http.url) ? .bearer : .none)
        }
    }

    private func httpRequest(for call: GraphCall) -> HTTPRequest {
        switch call {
        case .drive: HTTPRequest(.get, drivePrefix)
        case .libraries(let site): HTTPRequest(.get, version + site.address(of: "drives"))
        case .rootItem: HTTPRequest(.get, drivePrefix + "/root")
        case .delta(let position): deltaRequest(position)
        case .children(let position): childrenRequest(position)
        case .item(let id): HTTPRequest(.get, address(of: id))
        case .child(let parent, let name): HTTPRequest(.get, address(of: name, in: parent))
        case .createDirectory(let parent, let name):
            HTTPRequest(
                .post, json: ["name": .string(name), "folder": [:], Self.onConflict: "fail"],
                address(of: parent) + "/children")
        case .uploadSmall(let target, let generation, let size):
            uploadRequest(target, generation, size)
        case .createSession(let target, let size, let modified):
            sessionRequest(target, size, modified)
        case .fragment(let url, let generation, let range, let total):
            fragmentRequest(url, generation, range, total)
        case .sessionStatus(let url): HTTPRequest(.get, url)
        case .cancelSession(let url): HTTPRequest(.delete, url)
        case .change(let id, let change): changeRequest(id, change)
        case .delete(let id, let tag):
            HTTPRequest(.delete, address(of: id), headers: Self.condition(tag))
        case .checkoutState(let id):
            HTTPRequest(.get, "\(address(of: id))?\(Self.selection),publication")
        case .checkOut(let id): HTTPRequest(.post, json: [:], address(of: id) + "/checkout")
        case .checkIn(let id):
            HTTPRequest(
                .post, json: ["checkInAs": "published", "comment": ""], address(of: id) + "/checkin"
            )
        case .discardCheckout(let id):
            HTTPRequest(.post, json: [:], address(of: id) + "/discardCheckout")
        case .contentLocation(let id): HTTPRequest(.get, address(of: id) + "/content")
        case .thumbnailLocation(let id):
            HTTPRequest(.get, address(of: id) + "/thumbnails/0/large/content")
        case .content(let url, let range, _): contentRequest(url, range)
        }
    }

    // MARK: Reading

    private func deltaRequest(_ position: DeltaPosition) -> HTTPRequest {
        let url =
            switch position {
            case .initial: "\(drivePrefix)/root/delta?\(Self.selection)&\(Self.pageSize)"
            case .latest: "\(drivePrefix)/root/delta?token=latest&\(Self.selection)"
            case .link(let link): link
            }
        return HTTPRequest(.get, url, headers: [Self.preference])
    }

    private func childrenRequest(_ position: ChildrenPosition) -> HTTPRequest {
        let options = "/children?\(Self.selection)&\(Self.pageSize)"
        let url =
            switch position {
            case .first(let id): address(of: id) + options
            case .firstOfRoot: drivePrefix + "/root" + options
            case .link(let link): link
            }
        return HTTPRequest(.get, url, headers: [Self.preference])
    }

    private func contentRequest(_ url: String, _ range: Range<Int64>) -> HTTPRequest {
        guard !range.isEmpty else { return HTTPRequest(.get, url) }
        let bytes = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        return HTTPRequest(.get, url, headers: [HTTPHeader("Range", bytes)])
    }

    // MARK: Changing

    private func uploadRequest(
        _ target: UploadTarget, _ generation: GenerationID, _ size: Int64
    ) -> HTTPRequest {
        let body = HTTPBody(generation, 0..<size)
        let type = HTTPHeader("Content-Type", "application/octet-stream")
        switch target {
        case .new(let parent, let name):
            let url = address(of: name, in: parent) + ":/content?" + Self.onConflict + "=fail"
            return HTTPRequest(.put, url, headers: [type], body: body)
        case .replacing(let id, let tag):
            return HTTPRequest(
                .put, address(of: id) + "/content", headers: [type] + Self.condition(tag),
                body: body)
        }
    }

    private func sessionRequest(
        _ target: UploadTarget, _ size: Int64, _ modified: Timestamp
    ) -> HTTPRequest {
        // The size lets Personal drives refuse at once what does not fit.
        let common: [JSONValue.Member] = [
            JSONValue.Member(name: "fileSize", value: .integer(size)),
            JSONValue.Member(name: "fileSystemInfo", value: Self.times(modified)),
        ]
        switch target {
        case .new(let parent, let name):
            let item = [JSONValue.Member(name: Self.onConflict, value: "fail")] + common
            return HTTPRequest(
                .post, json: ["item": .object(item)],
                address(of: name, in: parent) + ":/createUploadSession")
        case .replacing(let id, let tag):
            let item = [JSONValue.Member(name: Self.onConflict, value: "replace")] + common
            return HTTPRequest(
                .post, json: ["item": .object(item)], address(of: id) + "/createUploadSession",
                headers: Self.condition(tag))
        }
    }

    private func fragmentRequest(
        _ url: String, _ generation: GenerationID, _ range: Range<Int64>, _ total: Int64
    ) -> HTTPRequest {
        let bytes = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(total)"
        return HTTPRequest(
            .put, url, headers: [HTTPHeader("Content-Range", bytes)],
            body: HTTPBody(generation, range))
    }

    private func changeRequest(_ id: ItemID, _ change: ItemChange) -> HTTPRequest {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) {
            members.append(JSONValue.Member(name: name, value: value))
        }
        if let name = change.name { add("name", .string(name)) }
        if let parent = change.parent {
            add("parentReference", ["id": .string(parent.withinDrive)])
        }
        if let modified = change.modified { add("fileSystemInfo", Self.times(modified)) }
        if change.name != nil || change.parent != nil { add(Self.onConflict, "fail") }
        return HTTPRequest(
            .patch, json: .object(members), address(of: id),
            headers: Self.condition(change.ifMatch))
    }

    // MARK: Parts

    private static let onConflict = "@microsoft.graph.conflictBehavior"

    private func address(of item: ItemID) -> String {
        let drive = item.foreignDrive.map {
            "\(version)/drives/" + $0.rawValue.percentEncodedSegment
        }
        return (drive ?? drivePrefix) + "/items/" + item.withinDrive.percentEncodedSegment
    }

    private func address(of name: String, in parent: ItemID) -> String {
        address(of: parent) + ":/" + name.percentEncodedSegment
    }

    /// Whole seconds: most drives keep no more.
    private static func times(_ modified: Timestamp) -> JSONValue {
        ["lastModifiedDateTime": .string(modified.rfc3339)]
    }

    /// The precondition that an item still has its tag.
    ///
    /// The tag must stand in quotes (a bare one is answered with 400 `malformedEntityTag`), and only
    /// some drives send it with quotes.
    private static func condition(_ tag: Tag?) -> [HTTPHeader] {
        guard let text = tag?.rawValue else { return [] }
        let isQuoted = text.hasSuffix("\"") && (text.hasPrefix("\"") || text.hasPrefix("W/\""))
        return [HTTPHeader("If-Match", isQuoted ? text : "\"\(text)\"")]
    }
}

extension HTTPRequest {
    fileprivate init(
        _ method: HTTPMethod, json: JSONValue, _ url: String, headers: [HTTPHeader] = []
    ) {
        self.init(
            method, url, headers: [HTTPHeader("Content-Type", "application/json")] + headers,
            body: .bytes(json.serialized()))
    }
}

extension HTTPBody {
    fileprivate init(_ generation: GenerationID, _ range: Range<Int64>) {
        self =
            range.isEmpty
            ? .none
            : .content(
                GenerationSource(
                    generation: generation.rawValue, offset: range.lowerBound,
                    count: range.upperBound - range.lowerBound))
    }
}
