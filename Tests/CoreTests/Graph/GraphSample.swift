import Core

/// A published or observed answer of the service, from `Fixtures/graph-samples`.
enum GraphSample {
    /// Reads the answer in the file of that name.
    static func response(_ name: String) throws -> HTTPResponse {
        let envelope = try JSONValue(parsing: Fixture.bytes("graph-samples/\(name).json"))
        let headers = envelope["headers"]?.members ?? []
        let body = envelope["body"] ?? .null
        return HTTPResponse(
            status: Int(envelope["status"]?.integer ?? 0),
            headers: headers.map { HTTPHeader($0.name, $0.value.string ?? "") },
            body: body.isNull ? [] : body.serialized())
    }

    /// The item of an answer that holds one.
    static func item(_ name: String) throws -> RemoteItem? {
        guard case .item(let item) = try GraphAnswer(to: .rootItem, response(name)) else {
            return nil
        }
        return item
    }

    /// The page of changes of an answer that holds one.
    static func page(_ name: String) throws -> RemotePage? {
        guard case .page(let page) = try GraphAnswer(to: .delta(.initial), response(name)) else {
            return nil
        }
        return page
    }
}

extension HTTPResponse {
    /// A response with JSON, or whatever the text is, as body.
    init(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) {
        self.init(
            status: status,
            headers: headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) },
            body: Array(body.utf8))
    }
}
