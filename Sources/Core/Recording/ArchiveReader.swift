/// Reads files of the form HAR 1.2 (softwareishard.com/blog/har-12-spec).
///
/// Browsers and proxies differ in what they write. So whatever is not needed may be missing or odd:
/// pseudo header fields of HTTP/2 are skipped, a redirect may be told in `redirectURL` alone, and
/// bodies may be text or base64, in messages of either direction.
enum ArchiveReader {
    static let byteCountMax = 512 << 20
    static let entryCountMax = 200_000

    static func read(_ bytes: [UInt8]) throws(ArchiveError) -> HTTPArchive {
        guard bytes.count <= byteCountMax else { throw ArchiveError(.tooLong(limit: byteCountMax)) }
        // Some programs begin text files with this mark.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        let limits = JSONLimits(byteCountMax: byteCountMax, valueCountMax: 32 << 20)
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: text, limits: limits)
        } catch {
            throw place(error, in: text)
        }
        guard let log = document.root["log"], let list = log["entries"], list.kind == .array else {
            throw ArchiveError(.noLog)
        }
        var archive = HTTPArchive(comment: log["comment"]?.string)
        for cursor in list.elements {
            guard archive.entries.count < entryCountMax else {
                throw ArchiveError(.tooManyEntries(limit: entryCountMax))
            }
            archive.entries.append(try exchange(cursor, number: archive.entries.count + 1))
        }
        return archive
    }

    /// Says in which entry the text is broken, as far as entries are told apart by their start.
    private static func place(_ error: JSONError, in text: [UInt8]) -> ArchiveError {
        let mark = Array("\"startedDateTime\"".utf8)
        var count = 0
        var index = 0
        let end = min(error.offset, text.count - mark.count)
        while index < end {
            if text[index] == mark[0], text[index..<(index + mark.count)].elementsEqual(mark) {
                count += 1
            }
            index += 1
        }
        return ArchiveError(entry: count > 0 ? count : nil, .notJSON(error))
    }

    // MARK: Entries

    private static func exchange(
        _ cursor: JSONCursor, number: Int
    ) throws(ArchiveError) -> RecordedExchange {
        guard cursor.kind == .object else {
            throw ArchiveError(entry: number, .wrongForm("entries[\(number - 1)]"))
        }
        guard let sent = cursor["request"] else {
            throw ArchiveError(entry: number, .missing("request"))
        }
        guard let method = sent["method"]?.string, !method.isEmpty else {
            throw ArchiveError(entry: number, .missing("request.method"))
        }
        guard let url = sent["url"]?.string, !url.isEmpty else {
            throw ArchiveError(entry: number, request: method, .missing("request.url"))
        }
        var request = RecordedRequest(method: method.uppercased(), url: url)
        let name = request.name
        func attempt<Value>(
            _ body: () throws(ArchiveError.Problem) -> Value
        ) throws(ArchiveError) -> Value {
            do throws(ArchiveError.Problem) {
                return try body()
            } catch {
                throw ArchiveError(entry: number, request: name, error)
            }
        }
        request.headers = headers(sent["headers"])
        request.body = try attempt { () throws(ArchiveError.Problem) in
            try requestBody(sent["postData"])
        }
        let time = cursor["time"]?.number ?? 0
        return RecordedExchange(
            started: cursor["startedDateTime"]?.string.flatMap(Timestamp.init(rfc3339:)),
            milliseconds: time > 0 && time < 1e12 ? Int64(time) : 0, request: request,
            response: try attempt { () throws(ArchiveError.Problem) in
                try response(cursor["response"])
            })
    }

    private static func headers(_ list: JSONCursor?) -> [HTTPHeader] {
        guard let list else { return [] }
        return list.elements.compactMap { field in
            guard let name = field["name"]?.string, !name.isEmpty, !name.hasPrefix(":"),
                let value = field["value"]?.string
            else { return nil }
            return HTTPHeader(name, value)
        }
    }

    private static func requestBody(
        _ data: JSONCursor?
    ) throws(ArchiveError.Problem) -> RecordedBody {
        guard let data, data.kind == .object else { return .none }
        if let count = data["_leftOut"]?.integer { return .leftOut(count: max(count, 0)) }
        if let text = data["text"]?.string, !text.isEmpty {
            return .bytes(try decoded(text, data["encoding"]?.string))
        }
        // Forms may come as their fields alone.
        let fields = (data["params"]?.elements).map(Array.init) ?? []
        let form = fields.compactMap { field in
            field["name"]?.string.map { (name: $0, value: field["value"]?.string ?? "") }
        }
        return .bytes(Array(PercentEncoding.form(form).utf8))
    }

    /// Nil where no answer came; programs write the status 0 then.
    private static func response(
        _ cursor: JSONCursor?
    ) throws(ArchiveError.Problem) -> RecordedResponse? {
        guard let cursor, cursor.kind == .object, let status = cursor["status"]?.integer else {
            return nil
        }
        guard status != 0 else { return nil }
        guard (100...599).contains(status) else { throw .wrongForm("response.status") }
        var response = RecordedResponse(
            status: Int(status), headers: headers(cursor["headers"]).filter { !isOfTransport($0) })
        if response.headers.value(named: "Location") == nil,
            let target = cursor["redirectURL"]?.string,
            !target.isEmpty, (300..<400).contains(status)
        {
            response.headers.append(HTTPHeader("Location", target))
        }
        guard let content = cursor["content"], content.kind == .object else { return response }
        if let count = content["_leftOut"]?.integer {
            response.body = .leftOut(count: max(count, 0))
        } else if let text = content["text"]?.string {
            response.body = .bytes(try decoded(text, content["encoding"]?.string))
        }
        return response
    }

    /// Fields that describe the bytes on the wire, which a recording has decoded.
    private static func isOfTransport(_ header: HTTPHeader) -> Bool {
        ["Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive"]
            .contains { header.isNamed($0) }
    }

    private static func decoded(
        _ text: String, _ encoding: String?
    ) throws(ArchiveError.Problem) -> [UInt8] {
        guard encoding?.lowercased() == "base64" else { return Array(text.utf8) }
        // Some programs break the lines.
        let digits = text.utf8.filter { $0 > 0x20 }
        guard let bytes = Base64.decode(utf8: digits) else { throw .invalidBase64 }
        return bytes
    }
}

extension ArchiveError.Problem: Error {}

extension HTTPArchive {
    /// Reads a HAR file, whoever wrote it.
    package init(parsing bytes: [UInt8]) throws(ArchiveError) {
        self = try ArchiveReader.read(bytes)
    }
}

extension RecordedRequest {
    /// The request in a few words, for messages: they say where it goes, and no secret.
    package var name: String {
        "\(method) \(LoggableURL.text(url, keepsPath: CanonicalURL(url).isOfGraph))"
    }
}
