import Core

/// Reading, changing and deleting items.
extension GraphService {
    /// Answers a request whose path, from `path` on, points into a drive.
    mutating func item(
        _ exchange: Exchange, drive: Int, path: ArraySlice<Substring>
    ) throws(GraphFailure) -> SimulatedResponse {
        guard let address = try ItemAddress(path, identity: drives[drive].identity) else {
            throw .unknownResource
        }
        try checkAccess(exchange, drive, address)
        if let function = address.relation.first, let token = DeltaToken.argument(of: function) {
            guard quirks.deltaLinks != .rejectedFunction else {
                throw .invalidRequest("The function is not valid.")
            }
            var called = exchange
            called.target.query.append((name: "token", value: token))
            return try delta(called, drive, address)
        }
        if case .vault? = drives[drive].item(address.start)?.kind {
            throw .invalidRequest("ObjectHandle is Invalid")
        }
        switch (exchange.request.method, address.relation.first) {
        case ("GET", nil): return try readItem(exchange, drive, address)
        case ("PATCH", nil): return try updateItem(exchange, drive, address)
        case ("DELETE", nil): return try deleteItem(exchange, drive, address)
        case ("GET", "children"): return try listChildren(exchange, drive, address)
        case ("POST", "children"): return try createFolder(exchange, drive, address)
        case ("GET", "delta"): return try delta(exchange, drive, address)
        case ("GET", "content"): return try redirectToContent(exchange, drive, address)
        case ("GET", "thumbnails"): return try redirectToThumbnail(exchange, drive, address)
        case ("PUT", "content"): return try uploadContent(exchange, drive, address)
        case ("POST", "createUploadSession"): return try createSession(exchange, drive, address)
        case ("POST", "copy"): return try copyItem(exchange, drive, address)
        case ("POST", "checkout"), ("POST", "checkin"), ("POST", "discardCheckout"):
            return try changeLock(exchange, drive, address)
        case ("GET", "versions"): return try readVersions(exchange, drive, address)
        case ("POST", "permanentDelete"): return try deletePermanently(exchange, drive, address)
        case ("POST", "restore"): return try restoreItem(exchange, drive, address)
        case (_, nil): throw .methodNotAllowed
        case (_, .some(let relation)): throw .unsupported("The relation \(relation)")
        }
    }

    /// Returns the number of the item an address points to.
    mutating func resolve(
        _ address: ItemAddress, _ drive: Int, now: Timestamp
    ) throws(GraphFailure) -> ItemKey {
        if let oneIn = quirks.transientNotFoundOneIn, oneIn > 0, random.next() % oneIn == 0 {
            throw .itemNotFound
        }
        guard let key = drives[drive].resolve(address.names, from: address.start),
            let item = drives[drive].liveItem(key)
        else { throw .itemNotFound }
        let lag =
            address.names.isEmpty ? quirks.idReadLagMilliseconds : quirks.pathReadLagMilliseconds
        if lag > 0, key != .root, now < item.born.adding(milliseconds: lag) { throw .itemNotFound }
        return key
    }

    /// Returns the live item of that number.
    func existing(_ key: ItemKey, _ drive: Int) throws(GraphFailure) -> Item {
        guard let item = drives[drive].liveItem(key) else { throw .itemNotFound }
        return item
    }

    /// Returns what writes items for this exchange.
    ///
    /// It holds the drive: use it after all changes.
    func writer(_ exchange: Exchange, _ drive: Int, isDelta: Bool = false) -> ItemWriter {
        ItemWriter(
            drive: drives[drive], driveIndex: drive, quirks: quirks,
            properties: ItemProperties(select: exchange.target.parameter("select")),
            origin: exchange.origin, now: exchange.now, secret: secret,
            viewer: exchange.party, isDelta: isDelta)
    }

    /// The answer that shows one item.
    func itemAnswer(
        _ exchange: Exchange, _ drive: Int, _ key: ItemKey, status: Int
    ) throws(GraphFailure) -> SimulatedResponse {
        guard let item = drives[drive].item(key) else { throw .itemNotFound }
        var output = JSONOutput(capacity: 1_024)
        let writer = writer(exchange, drive)
        if item.presence == .live {
            writer.write(key, item, into: &output)
        } else {
            writer.writeTombstone(key, item, into: &output)
        }
        var response = SimulatedResponse.json(status, output.bytes)
        let tag = drives[drive].identity.entityTag(
            key, count: item.seen(by: exchange.party).entityCount)
        response.headers.append(HTTPHeader("ETag", EntityTags.quoted(tag)))
        return response
    }

    // MARK: Reading

    private mutating func readItem(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        if profile.isPersonal, exchange.target.parameter("includeDeletedItems") == "true",
            address.names.isEmpty, let item = drives[drive].item(address.start),
            item.presence == .recycled
        {
            return try itemAnswer(exchange, drive, address.start, status: 200)
        }
        let key = try resolve(address, drive, now: exchange.now)
        try checkConditions(exchange, drive, key)
        return try itemAnswer(exchange, drive, key, status: 200)
    }

    private mutating func listChildren(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let key = try resolve(address, drive, now: exchange.now)
        guard try existing(key, drive).holdsItems else {
            throw .invalidRequest("The item is not a folder.")
        }
        try checkConditions(exchange, drive, key)
        let isDescending = try ordering(exchange)
        let size = pageSize(exchange, standard: quirks.childrenPageSize)
        let count = drives[drive].childCount(of: key)
        // A plain position, as in the service: what is inserted or removed meanwhile shifts it.
        let skipped = exchange.target.parameter("skiptoken").flatMap { Int($0) } ?? 0
        let start = min(max(0, skipped), count)
        let end = min(count, start + size)
        var output = JSONOutput(capacity: 200 + max(0, end - start) * 1_100)
        let writer = writer(exchange, drive)
        let path = writer.parentPath(key)
        output.object { output in
            output.member(
                "@odata.context", "https://graph.microsoft.com/v1.0/$metadata#Collection(driveItem)"
            )
            output.member("@odata.count", count)
            if end < count {
                let query = keptQuery(exchange, ["select", "top", "orderby"])
                output.member(
                    "@odata.nextLink", pageLink(exchange, query + [("skiptoken", String(end))]))
            }
            output.name("value")
            output.array { array in
                for index in start..<max(start, end) {
                    let place = isDescending ? count - 1 - index : index
                    guard let child = writer.drive.child(of: key, at: place),
                        let item = writer.drive.item(child), isShown(item, exchange)
                    else { continue }
                    writer.write(child, item, into: &array, path: path)
                }
            }
        }
        return .json(200, output.bytes)
    }

    /// Returns whether children are wanted in descending order.
    ///
    /// Only names can order them.
    private func ordering(_ exchange: Exchange) throws(GraphFailure) -> Bool {
        switch exchange.target.parameter("orderby") {
        case nil, "name", "name asc": return false
        case "name desc": return true
        case .some:
            throw .invalidRequest("The orderby is not supported.", inner: "invalidQueryOption")
        }
    }

    /// Returns how many entries a page may have.
    func pageSize(_ exchange: Exchange, standard: Int) -> Int {
        guard let top = exchange.target.parameter("top").flatMap({ Int($0) }), top > 0 else {
            return standard
        }
        return min(top, quirks.pageSizeMax)
    }

    /// Returns those parameters of the query that a link to the next page repeats.
    func keptQuery(
        _ exchange: Exchange, _ names: [String]
    ) -> [(name: String, value: String)] {
        exchange.target.query.filter { names.contains($0.name) }
    }

    /// Returns a link to the same path with another query.
    func pageLink(_ exchange: Exchange, _ query: [(name: String, value: String)]) -> String {
        let parts = query.map { name, value in
            (name == "token" ? "" : "$") + "\(name)=\(RequestTarget.percentEncoded(value))"
        }
        if quirks.deltaLinks != .query, let token = query.first(where: { $0.name == "token" }) {
            let rest = parts.filter { !$0.hasPrefix("token=") }.joined(separator: "&")
            let path = exchange.target.segments.dropLast().map { "/" + $0 }.joined()
            return exchange.origin + path
                + "/microsoft.graph.delta(token='\(RequestTarget.percentEncoded(token.value))')?"
                + rest
        }
        return exchange.origin + exchange.target.segments.map { "/" + $0 }.joined() + "?"
            + parts.joined(separator: "&")
    }
}
