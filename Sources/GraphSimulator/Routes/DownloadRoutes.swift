import Core

/// The signature of a pre-authenticated download URL; it tells for whom the URL was made.
enum DownloadTicket {
    static func signature(
        drive: Int, key: ItemKey, expires: Int64, viewer: SimulatedUser, secret: UInt64
    ) -> UInt64 {
        SplitMix64.mixed(
            SplitMix64.mixed(UInt64(drive) ^ secret ^ viewer.salt) ^ SplitMix64.mixed(key.number)
                ^ UInt64(bitPattern: expires))
    }
}

extension SimulatedUser {
    fileprivate var salt: UInt64 {
        switch self {
        case .signedInUser: 0
        case .anotherUser: 1 << 63
        }
    }
}

/// Content: the redirect from Graph, and the bytes from the download host.
extension GraphService {
    /// `GET …/content`: 302 to a URL that needs no token and serves ranges.
    mutating func redirectToContent(
        _ exchange: Exchange, _ drive: Int, _ address: ItemAddress
    ) throws(GraphFailure) -> SimulatedResponse {
        let key = try resolve(address, drive, now: exchange.now)
        try checkConditions(exchange, drive, key)
        guard let file = try existing(key, drive).file else { throw .itemNotFound }
        guard !file.isMalicious else {
            throw GraphFailure(
                403, "accessDenied", inner: "malwareDetected", "Malware detected.",
                headers: [HTTPHeader("X-Virus-Infected", "EICAR-Test-File")])
        }
        return SimulatedResponse(
            status: 302,
            headers: [
                HTTPHeader("Location", writer(exchange, drive).downloadURL(key)),
                HTTPHeader("Cache-Control", "no-store"),
            ])
    }

    /// `GET /download/{drive}/{item}/{expires}[/{version}]?tempauth={signature}`.
    ///
    /// The URL names an item, not a content: it serves what the item holds when it is asked, as the
    /// one sees it for whom it was made.
    mutating func download(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        guard exchange.request.header("Authorization") == nil else {
            throw .tokenOnPreauthenticatedURL
        }
        let fields = exchange.target.segments.dropFirst().compactMap { Int64($0) }
        guard exchange.request.method == "GET", fields.count >= 3,
            let drive = drives.indices.contains(Int(fields[0])) ? Int(fields[0]) : nil
        else { throw .itemNotFound }
        let key = ItemKey(UInt64(bitPattern: fields[1]))
        let viewer = [SimulatedUser.signedInUser, .anotherUser].first { user in
            let signature = DownloadTicket.signature(
                drive: drive, key: key, expires: fields[2], viewer: user, secret: secret)
            return exchange.target.parameter("tempauth") == Digits.hexadecimal(signature)
        }
        guard let viewer else {
            throw GraphFailure(401, "unauthenticated", inner: "invalidSignature", "Access denied.")
        }
        if quirks.downloadsToRefuse > 0 {
            quirks.downloadsToRefuse -= 1
            throw GraphFailure(401, "unauthenticated", "Access denied.")
        }
        guard exchange.now.wholeSeconds <= fields[2] else {
            throw GraphFailure(
                401, "unauthenticated", inner: "expiredToken", "The URL has expired.")
        }
        let item = try existing(key, drive).seen(by: viewer)
        guard let file = item.file else { throw .itemNotFound }
        if file.isMalicious {
            throw GraphFailure(
                403, "malwareDetected", "Malware detected.",
                headers: [HTTPHeader("X-Virus-Infected", "EICAR-Test-File")])
        }
        var content = file.content
        if fields.count == 4, Int64(file.versionNumber) != fields[3] {
            guard let version = file.versions.first(where: { Int64($0.number) == fields[3] }) else {
                throw .itemNotFound
            }
            content = version.content
        }
        return contentAnswer(exchange, content, item, drive: drive, key: key)
    }

    private func contentAnswer(
        _ exchange: Exchange, _ content: Blob, _ item: Item, drive: Int, key: ItemKey
    ) -> SimulatedResponse {
        let tag = drives[drive].identity.entityTag(key, count: item.entityCount)
        var headers = [
            HTTPHeader("Content-Type", MediaType.of(item.name)),
            HTTPHeader("Accept-Ranges", "bytes"),
            HTTPHeader("ETag", EntityTags.quoted(tag)),
            HTTPHeader("Cache-Control", "private, max-age=0"),
        ]
        let range = quirks.ignoresRange ? nil : exchange.request.header("Range")
        switch ByteRange(range, length: content.count) {
        case .whole:
            return SimulatedResponse(
                status: 200, headers: headers, body: .content(content, 0..<content.count))
        case .part(let range):
            headers.append(
                HTTPHeader(
                    "Content-Range",
                    "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.count)"))
            return SimulatedResponse(status: 206, headers: headers, body: .content(content, range))
        case .unsatisfiable:
            headers.append(HTTPHeader("Content-Range", "bytes */\(content.count)"))
            return SimulatedResponse(status: 416, headers: headers)
        }
    }
}

/// What a `Range` header asks of a content (RFC 9110, section 14).
enum ByteRange: Hashable {
    case whole
    case part(Range<UInt64>)
    case unsatisfiable

    /// Reads one range; several, or a text that is none, count as no header at all.
    init(_ header: String?, length: UInt64) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let parts = header.dropFirst(6).split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            self = .whole
            return
        }
        let last = UInt64(parts[1])
        guard let first = UInt64(parts[0]) else {
            // The last so many bytes.
            guard parts[0].isEmpty, let suffix = last else {
                self = .whole
                return
            }
            self =
                suffix == 0 || length == 0
                ? .unsatisfiable : .part((length - min(length, suffix))..<length)
            return
        }
        guard parts[1].isEmpty || (last.map { $0 >= first } ?? false) else {
            self = .whole
            return
        }
        guard first < length else {
            self = .unsatisfiable
            return
        }
        self = .part(first..<(min(length - 1, last ?? length - 1) + 1))
    }
}
