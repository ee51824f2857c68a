import Core

/// Several requests in one.
extension GraphService {
    private static let batchMax = 20

    /// `POST /$batch`: each part is a request of its own, faults and throttling included.
    mutating func batch(_ exchange: Exchange) throws(GraphFailure) -> SimulatedResponse {
        guard exchange.request.method == "POST" else { throw .methodNotAllowed }
        guard let parts = try exchange.json()["requests"]?.array, !parts.isEmpty else {
            throw .invalidRequest("The requests member is missing.")
        }
        guard parts.count <= Self.batchMax else {
            throw .invalidRequest("A batch holds at most \(Self.batchMax) requests.")
        }
        var answers: [(id: String, response: SimulatedResponse)] = []
        for part in parts {
            guard let id = part["id"]?.string, !answers.contains(where: { $0.id == id }) else {
                throw .invalidRequest("Every request of a batch needs an id of its own.")
            }
            answers.append((id, answer(part, after: answers, exchange)))
        }
        return .json(200, Self.body(of: answers))
    }

    private mutating func answer(
        _ part: JSONValue, after answers: [(id: String, response: SimulatedResponse)],
        _ exchange: Exchange
    ) -> SimulatedResponse {
        for needed in part["dependsOn"]?.array ?? [] {
            let earlier = answers.first { $0.id == needed.string }
            guard let earlier, earlier.response.status < 400 else {
                return GraphFailure(424, "FailedDependency", "A request this one needs has failed.")
                    .response(requestID: requestID(), now: exchange.now)
            }
        }
        guard let method = part["method"]?.string, let url = part["url"]?.string,
            !url.utf8.contains(sequence: "$batch".utf8)
        else {
            return GraphFailure.invalidRequest("A method and a url are required.")
                .response(requestID: requestID(), now: exchange.now)
        }
        var headers = (part["headers"]?.members ?? []).compactMap { member in
            member.value.string.map { HTTPHeader(member.name, $0) }
        }
        for name in ["Authorization", "X-Forwarded-Proto"] {
            guard let value = exchange.request.header(name) else { continue }
            headers.append(HTTPHeader(name, value))
        }
        let separator = url.utf8.first == UInt8(ascii: "/") ? "" : "/"
        return handle(
            SimulatedRequest(
                method: method, target: "/v1.0" + separator + url, host: exchange.request.host,
                headers: headers, body: part["body"]?.serialized() ?? []),
            now: exchange.now)
    }

    private static func body(
        of answers: [(id: String, response: SimulatedResponse)]
    ) -> [UInt8] {
        JSONOutput.object(capacity: 4_096) { output in
            output.name("responses")
            output.array { array in
                for (id, response) in answers {
                    array.object { part in
                        part.member("id", id)
                        part.member("status", response.status)
                        part.name("headers")
                        part.raw(headers(of: response))
                        let bytes = response.bytes
                        guard !bytes.isEmpty else { return }
                        part.name("body")
                        if response.header("Content-Type")
                            == SimulatedResponse.jsonContentType.value
                        {
                            part.raw(bytes)
                        } else {
                            part.string(Base64.encode(bytes))
                        }
                    }
                }
            }
        }
    }

    private static func headers(of response: SimulatedResponse) -> [UInt8] {
        JSONValue.object(
            response.headers.map { JSONValue.Member(name: $0.name, value: .string($0.value)) }
        ).serialized()
    }
}
