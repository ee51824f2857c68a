/// Compares a request with a recorded one, by what they mean.
enum ExchangeComparison {
    /// Header fields that change what a request means.
    ///
    /// All others depend on who sends it.
    private static let meaningful = ["If-Match", "If-None-Match", "Range", "Content-Range"]

    /// What differs, most telling first; empty where the recorded answer is the answer.
    static func differences(
        _ asked: RecordedRequest, from recorded: RecordedRequest
    ) -> [String] {
        var lines: [String] = []
        func compare(_ what: String, _ recorded: String?, _ asked: String?) {
            if !same(recorded, asked) {
                lines.append("\(what): recorded \(quoted(recorded)), asked \(quoted(asked))")
            }
        }
        compare("method", recorded.method, asked.method)
        let (one, two) = (CanonicalURL(recorded.url), CanonicalURL(asked.url))
        compare("host", one.origin, two.origin)
        compare("path", one.path, two.path)
        lines += queryDifferences(one.sortedQuery, two.sortedQuery)
        // A recording without header fields says nothing about them.
        if !recorded.headers.isEmpty {
            for name in meaningful {
                compare(
                    name, recorded.headers.value(named: name), asked.headers.value(named: name))
            }
        }
        if let line = bodyDifference(asked, recorded) { lines.append(line) }
        return lines
    }

    private static func queryDifferences(
        _ recorded: [CanonicalURL.Option], _ asked: [CanonicalURL.Option]
    ) -> [String] {
        let names = (recorded + asked).map(\.name).reduce(into: [String]()) { names, name in
            if !names.contains(where: { same($0, name) }) { names.append(name) }
        }
        return names.sorted().compactMap { name in
            let one = recorded.filter { same($0.name, name) }.map(\.value)
            let two = asked.filter { same($0.name, name) }.map(\.value)
            guard one.count != two.count || !zip(one, two).allSatisfy({ same($0, $1) }) else {
                return nil
            }
            return "query option \(name): recorded \(quoted(one)), asked \(quoted(two))"
        }
    }

    // MARK: Bodies

    private static func bodyDifference(
        _ asked: RecordedRequest, _ recorded: RecordedRequest
    ) -> String? {
        switch (recorded.body, asked.body) {
        case (.leftOut, _), (_, .leftOut):
            let (one, two) = (recorded.body.count, asked.body.count)
            return one == two ? nil : "body: recorded \(one) bytes, asked \(two) bytes"
        case (.bytes(let one), .bytes(let two)):
            if one == two { return nil }
            if let one = try? JSONValue(parsing: one), let two = try? JSONValue(parsing: two) {
                return JSONDifference.first(one, two).map { "body, \($0)" }
            }
            if isForm(recorded), isForm(asked) { return formDifference(one, two) }
            let place = zip(one, two).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            return
                "body: recorded \(one.count) bytes, asked \(two.count) bytes, different from byte "
                + "\(place ?? min(one.count, two.count)) on"
        }
    }

    private static func isForm(_ request: RecordedRequest) -> Bool {
        request.headers.value(named: "Content-Type")?.lowercased()
            .hasPrefix("application/x-www-form-urlencoded") == true
    }

    private static func formDifference(_ recorded: [UInt8], _ asked: [UInt8]) -> String? {
        func fields(_ bytes: [UInt8]) -> [CanonicalURL.Option] {
            let text = String(decoding: bytes, as: UTF8.self)
            let fields = PercentEncoding.decodeForm(text) ?? [(name: text, value: "")]
            return fields.enumerated().sorted {
                ($0.element.name, $0.offset) < ($1.element.name, $1.offset)
            }.map { CanonicalURL.Option(name: $0.element.name, value: $0.element.value) }
        }
        let names = queryDifferences(fields(recorded), fields(asked)).map {
            // The values of a form may be secrets.
            $0.split(separator: ":").first.map(String.init) ?? ""
        }
        return names.isEmpty ? nil : "body: " + names.joined(separator: ", ") + " differs"
    }

    // MARK: Texts

    /// Byte for byte: two spellings of one name are two names.
    static func same(_ one: String?, _ two: String?) -> Bool {
        switch (one, two) {
        case (nil, nil): true
        case (let one?, let two?): one.utf8.elementsEqual(two.utf8)
        case (nil, _), (_, nil): false
        }
    }

    private static let textLengthMax = 120

    static func quoted(_ text: String?) -> String {
        guard let text else { return "nothing" }
        let start = text.prefix(textLengthMax)
        return "'\(start)\(start.endIndex == text.endIndex ? "" : "…")'"
    }

    private static func quoted(_ values: [String]) -> String {
        values.isEmpty ? "nothing" : values.map { quoted($0) }.joined(separator: " ")
    }
}

/// The first difference of two JSON values by what they mean: the order of members does not count,
/// nor does the form of a number.
enum JSONDifference {
    static func first(
        _ recorded: JSONValue, _ asked: JSONValue, at path: String = ""
    ) -> String? {
        switch (recorded, asked) {
        case (.object(let one), .object(let two)):
            let names = (one + two).map(\.name).reduce(into: [String]()) { names, name in
                if !names.contains(where: { ExchangeComparison.same($0, name) }) {
                    names.append(name)
                }
            }
            for name in names {
                let place = path.isEmpty ? name : "\(path).\(name)"
                switch (recorded[name], asked[name]) {
                case (let one?, let two?):
                    if let found = first(one, two, at: place) { return found }
                case (nil, _?): return "\(place): not recorded"
                case (_?, nil): return "\(place): recorded, not asked"
                case (nil, nil): continue
                }
            }
            return nil
        case (.array(let one), .array(let two)):
            guard one.count == two.count else {
                return "\(path): recorded \(one.count) elements, asked \(two.count)"
            }
            for (index, pair) in zip(one, two).enumerated() {
                if let found = first(pair.0, pair.1, at: "\(path)[\(index)]") { return found }
            }
            return nil
        case (.string(let one), .string(let two)):
            return ExchangeComparison.same(one, two) ? nil : text(recorded, asked, path)
        case (.integer, .number), (.number, .integer):
            return recorded.number == asked.number ? nil : text(recorded, asked, path)
        case (.null, _), (.boolean, _), (.integer, _), (.number, _), (.string, _), (.array, _),
            (.object, _):
            return recorded == asked ? nil : text(recorded, asked, path)
        }
    }

    private static func text(_ recorded: JSONValue, _ asked: JSONValue, _ path: String) -> String {
        "\(path): recorded \(ExchangeComparison.quoted(recorded.text)), asked "
            + ExchangeComparison.quoted(asked.text)
    }
}
