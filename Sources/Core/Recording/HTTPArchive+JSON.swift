/// The form in which recordings are written: HAR 1.2, as developer tools of browsers open it.
///
/// The same archive always gives the same bytes. `_leftOut` is a member of our own: the bytes of a
/// file that were not kept, in number.
extension HTTPArchive {
    package var json: JSONValue {
        var log: [JSONValue.Member] = [
            JSONValue.Member(name: "version", value: "1.2"),
            JSONValue.Member(name: "creator", value: ["name": "onedrive", "version": "1"]),
        ]
        if let comment {
            log.append(JSONValue.Member(name: "comment", value: .string(comment)))
        }
        log.append(JSONValue.Member(name: "entries", value: .array(entries.map(\.json))))
        return ["log": .object(log)]
    }

    /// The file.
    package var bytes: [UInt8] { json.serialized(pretty: true) }
}

extension RecordedExchange {
    /// One entry of a HAR file.
    package var json: JSONValue {
        let duration = JSONValue.integer(milliseconds)
        return [
            "startedDateTime": .string((started ?? .epoch).rfc3339Precise),
            "time": duration,
            "request": request.json,
            "response": (response ?? RecordedResponse(status: 0)).json,
            "cache": [:],
            "timings": ["send": 0, "wait": duration, "receive": 0],
        ]
    }
}

extension RecordedRequest {
    fileprivate var json: JSONValue {
        let options = CanonicalURL(url).query
        var members: [JSONValue.Member] = [
            JSONValue.Member(name: "method", value: .string(method)),
            JSONValue.Member(name: "url", value: .string(url)),
            JSONValue.Member(name: "httpVersion", value: "HTTP/1.1"),
            JSONValue.Member(name: "cookies", value: []),
            JSONValue.Member(name: "headers", value: headers.json),
            JSONValue.Member(
                name: "queryString",
                value: .array(
                    options.map { ["name": .string($0.name), "value": .string($0.value)] })),
        ]
        if body != .none {
            var data: [JSONValue.Member] = [
                JSONValue.Member(
                    name: "mimeType", value: .string(headers.value(named: "Content-Type") ?? ""))
            ]
            data += body.members
            members.append(JSONValue.Member(name: "postData", value: .object(data)))
        }
        members.append(JSONValue.Member(name: "headersSize", value: -1))
        members.append(JSONValue.Member(name: "bodySize", value: .integer(body.count)))
        return .object(members)
    }
}

extension RecordedResponse {
    fileprivate var json: JSONValue {
        var content: [JSONValue.Member] = [
            JSONValue.Member(name: "size", value: .integer(body.count)),
            JSONValue.Member(
                name: "mimeType", value: .string(headers.value(named: "Content-Type") ?? "")),
        ]
        if body != .none { content += body.members }
        return [
            "status": .integer(Int64(status)),
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers.json,
            "content": .object(content),
            "redirectURL": .string(headers.value(named: "Location") ?? ""),
            "headersSize": -1,
            "bodySize": .integer(body.count),
        ]
    }
}

extension RecordedBody {
    fileprivate var members: [JSONValue.Member] {
        switch self {
        case .leftOut(let count):
            [
                JSONValue.Member(name: "_leftOut", value: .integer(count)),
                JSONValue.Member(name: "comment", value: "bytes of a file, not recorded"),
            ]
        case .bytes(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                [JSONValue.Member(name: "text", value: .string(text))]
            } else {
                [
                    JSONValue.Member(name: "text", value: .string(Base64.encode(bytes))),
                    JSONValue.Member(name: "encoding", value: "base64"),
                ]
            }
        }
    }
}

extension [HTTPHeader] {
    fileprivate var json: JSONValue {
        .array(map { ["name": .string($0.name), "value": .string($0.value)] })
    }
}
