extension Pseudonyms {
    /// An exchange that may be shown around.
    package mutating func exchange(_ exchange: RecordedExchange) -> RecordedExchange {
        var result = exchange
        learn(from: exchange)
        result.request.url = url(exchange.request.url)
        result.request.headers = headers(exchange.request.headers, Self.requestFields)
        result.request.body = body(exchange.request.body, exchange.request.headers)
        if let response = exchange.response {
            result.response?.headers = headers(response.headers, Self.responseFields)
            result.response?.body = body(response.body, response.headers)
        }
        return result
    }

    /// The ids of drives in an exchange, before any of them is written.
    private mutating func learn(from exchange: RecordedExchange) {
        for (one, two) in zip(
            CanonicalURL(exchange.request.url).segments,
            CanonicalURL(exchange.request.url).segments.dropFirst()) where one == "drives"
        {
            learn(drive: two)
        }
        for body in [exchange.request.body, exchange.response?.body ?? .none] {
            guard let document = try? JSONDocument(parsing: body.bytes) else { continue }
            learn(from: document.root)
        }
    }

    private mutating func learn(from value: JSONCursor) {
        switch value.kind {
        case .array: for element in value.elements { learn(from: element) }
        case .object:
            for member in value.members {
                if member.name == "driveId", let id = member.value.string { learn(drive: id) }
                learn(from: member.value)
            }
            // A reference to a parent has the type of its drive, too, but the id of an item.
            if value["driveType"]?.kind == .string, value["driveId"] == nil,
                let id = value["id"]?.string
            {
                learn(drive: id)
            }
        case .null, .boolean, .number, .string: return
        }
    }

    // MARK: Header fields

    private static let requestFields = [
        "Accept", "Authorization", "Content-Type", "Content-Range", "If-Match", "If-None-Match",
        "Prefer", "Range", "User-Agent",
    ]
    private static let responseFields = [
        "Accept-Ranges", "Content-Length", "Content-Range", "Content-Type", "Date", "ETag",
        "Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After",
        "X-Virus-Infected",
    ]

    private mutating func headers(_ fields: [HTTPHeader], _ kept: [String]) -> [HTTPHeader] {
        fields.compactMap { field in
            guard let name = kept.first(where: { field.isNamed($0) }) else { return nil }
            switch name {
            case "Authorization":
                return HTTPHeader(field.name, "Bearer \(self.name(.token, field.value))")
            case "Location": return HTTPHeader(field.name, url(field.value))
            case "ETag", "If-Match", "If-None-Match":
                return HTTPHeader(field.name, tag(field.value))
            default: return HTTPHeader(field.name, text(field.value))
            }
        }
    }

    /// An eTag or cTag; older Personal drives hide the id of the drive in theirs, as base64.
    package mutating func tag(_ text: String) -> String {
        let isQuoted = text.utf8.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        let inner = isQuoted ? String(text.dropFirst().dropLast()) : text
        guard inner.hasPrefix("a"),
            let bytes = Base64.decode(inner.dropFirst().prefix { $0 != "=" }, urlSafe: true),
            let plain = String(validating: bytes, as: UTF8.self)
        else { return self.text(text) }
        let changed = self.text(plain)
        guard changed != plain else { return self.text(text) }
        let result = "a" + Base64.encode(Array(changed.utf8), urlSafe: true)
        return isQuoted ? "\"\(result)\"" : result
    }

    // MARK: Addresses

    /// Options of addresses of Graph whose values are no secrets.
    private static let harmlessOptions = [
        "$select", "$expand", "$top", "$orderby", "$filter", "$count", "empty",
        "@microsoft.graph.conflictBehavior",
    ]
    private static let harmlessSignInOptions = [
        "client_id", "grant_type", "prompt", "redirect_uri", "response_mode", "response_type",
        "scope", "code_challenge_method",
    ]
    private static let commonTenants = ["common", "organizations", "consumers"]

    /// An address: those of Graph stay readable; those that grant access by themselves are replaced
    /// as a whole.
    package mutating func url(_ url: String) -> String {
        let address = CanonicalURL(url)
        let isOfSignIn = address.segments.contains("oauth2")
        guard !address.segments.isEmpty, address.isOfGraph || isOfSignIn else {
            if url.hasPrefix("https://transfer.invalid/") { return url }
            return "https://transfer.invalid/\(number(.transfer, url))"
        }
        let whole = url.prefix { $0 != "#" }
        let parts = whole.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var result = address.origin
        if let authority = URLAuthority(ofURL: String(parts[0])) {
            result = "\(authority.scheme)://\(text(authority.text))"
        }
        var previous = ""
        for (index, segment) in address.segments.enumerated() {
            result += "/"
            if isOfSignIn, index == 0 {
                result += Self.commonTenants.contains(segment) ? segment : tenant(segment)
            } else {
                result += self.segment(segment, after: previous, in: parts[0], at: index)
            }
            previous = segment
        }
        guard parts.count == 2 else { return result }
        return result + "?" + query(parts[1], isOfSignIn)
    }

    private mutating func tenant(_ text: String) -> String {
        let changed = self.text(text)
        return changed != text ? changed : name(.tenant, text)
    }

    private mutating func segment(
        _ segment: String, after previous: String, in location: Substring, at index: Int
    ) -> String {
        if previous == "personal" {
            let end = segment.hasSuffix(":") ? ":" : ""
            return name(.identity, segment.hasSuffix(":") ? String(segment.dropLast()) : segment)
                + end
        }
        // The form delta(token='…').
        if segment.hasPrefix("delta("), let quote = segment.firstIndex(of: "'") {
            let token = segment[segment.index(after: quote)...].prefix { $0 != "'" }
            return "delta(token='\(token == "latest" ? "latest" : name(.token, String(token)))')"
        }
        let changed = text(segment)
        let spelled = location.split(separator: "/", omittingEmptySubsequences: false)
            .dropFirst(3 + index).first
        return changed == segment ? spelled.map(String.init) ?? segment : Self.spelled(changed)
    }

    /// As few escapes as a path allows: those of Graph hold colons and quotes.
    private static func spelled(_ segment: String) -> String {
        segment.split(separator: ":", omittingEmptySubsequences: false)
            .map(\.percentEncodedSegment).joined(separator: ":")
    }

    private mutating func query(_ query: Substring, _ isOfSignIn: Bool) -> String {
        let options = query.split(separator: "&").map { option -> String in
            let halves = option.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { return text(String(option)) }
            let name = PercentEncoding.decode(halves[0]) ?? String(halves[0])
            let value = PercentEncoding.decode(halves[1]) ?? String(halves[1])
            let harmless = isOfSignIn ? Self.harmlessSignInOptions : Self.harmlessOptions
            if harmless.contains(name) {
                let changed = text(value)
                return changed == value
                    ? String(option) : "\(halves[0])=\(changed.percentEncodedSegment)"
            }
            if value == "latest" { return String(option) }
            return "\(halves[0])=\(self.name(isOfSignIn ? .secret : .token, value))"
        }
        return options.joined(separator: "&")
    }

    // MARK: Bodies

    private mutating func body(_ body: RecordedBody, _ headers: [HTTPHeader]) -> RecordedBody {
        guard case .bytes(let bytes) = body, !bytes.isEmpty else { return body }
        if let value = try? JSONValue(parsing: bytes) {
            return .bytes(json(value).serialized())
        }
        let type = headers.value(named: "Content-Type")?.lowercased() ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") {
            return .bytes(Array(form(String(decoding: bytes, as: UTF8.self)).utf8))
        }
        // A page of something in between; what it says is nobody's business, but that it is one
        // matters.
        let first = bytes.first { $0 > 0x20 }
        return first == UInt8(ascii: "<")
            ? .bytes(Array("<html></html>".utf8)) : .leftOut(count: Int64(bytes.count))
    }

    private mutating func form(_ text: String) -> String {
        let fields = PercentEncoding.decodeForm(text) ?? []
        return PercentEncoding.form(
            fields.map { field in
                let isHarmless = Self.harmlessSignInOptions.contains(field.name)
                let value = isHarmless ? self.text(field.value) : name(.secret, field.value)
                return (name: field.name, value: value)
            })
    }
}
