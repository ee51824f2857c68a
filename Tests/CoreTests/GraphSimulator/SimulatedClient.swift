import Core
import GraphSimulator

/// A client without a network: keeps a service, a token and the time, and sends requests.
struct SimulatedClient {
    var service: GraphService
    var now: Timestamp
    var token: String

    init(
        _ profile: AccountProfile = .business, seed: UInt64 = 7, quirks: Quirks = Quirks(),
        quota: UInt64 = 1 << 40
    ) {
        now = Timestamp(seconds: 1_768_000_000)
        service = GraphService(profile: profile, seed: seed, quirks: quirks, quota: quota, now: now)
        token = service.issueTokens(now: now).access
    }

    /// Sends a request to Graph; `target` is what follows the version.
    @discardableResult
    mutating func send(
        _ method: String, _ target: String, _ body: JSONValue? = nil,
        headers: [HTTPHeader] = []
    ) -> SimulatedResponse {
        send(method, target, bytes: body?.serialized() ?? [], headers: headers)
    }

    /// Sends a request to Graph with these bytes as body.
    @discardableResult
    mutating func send(
        _ method: String, _ target: String, bytes: [UInt8], headers: [HTTPHeader] = []
    ) -> SimulatedResponse {
        sendRaw(
            method, "/v1.0" + target, bytes: bytes,
            headers: [HTTPHeader("Authorization", "Bearer " + token)] + headers)
    }

    /// Sends a request as it is, without a token.
    @discardableResult
    mutating func sendRaw(
        _ method: String, _ target: String, bytes: [UInt8] = [], headers: [HTTPHeader] = []
    ) -> SimulatedResponse {
        // Links come back with the host; only their path goes into a request.
        let path =
            target.hasPrefix(Self.origin) ? String(target.dropFirst(Self.origin.count)) : target
        return service.handle(
            SimulatedRequest(
                method: method, target: path, host: Self.host, headers: headers, body: bytes),
            now: now)
    }

    /// Follows a link of an answer with the token.
    @discardableResult
    mutating func follow(_ link: String) -> SimulatedResponse {
        sendRaw("GET", link, headers: [HTTPHeader("Authorization", "Bearer " + token)])
    }

    mutating func advance(seconds: Int64) {
        now = Timestamp(seconds: now.wholeSeconds + seconds)
    }

    static let host = "graph.example"
    static let origin = "http://graph.example"

    // MARK: Delta

    /// One whole round of delta.
    struct Round {
        var items: [JSONValue] = []
        var deltaLink = ""
        var pageCount = 0
        var status = 200

        /// The last state of each item, by name; deleted ones are left out.
        var liveNames: [String] {
            var states: [String: JSONValue] = [:]
            for item in items { states[item["id"]?.string ?? ""] = item }
            return states.values.filter { $0["deleted"] == nil }.compactMap { $0["name"]?.string }
                .sorted()
        }

        var deletedIDs: [String] {
            items.filter { $0["deleted"] != nil }.compactMap { $0["id"]?.string }
        }
    }

    /// Runs delta from a link, or from nothing, to its delta link.
    mutating func delta(
        from link: String? = nil, query: String = "", pagesMax: Int = 10_000
    ) -> Round {
        var round = Round()
        var next = link ?? "/v1.0/me/drive/root/delta" + query
        while round.pageCount < pagesMax {
            let response = follow(next)
            round.pageCount += 1
            round.status = response.status
            guard let page = response.json else { return round }
            round.items += page["value"]?.array ?? []
            if let deltaLink = page["@odata.deltaLink"]?.string {
                round.deltaLink = deltaLink
                return round
            }
            guard let nextLink = page["@odata.nextLink"]?.string else { return round }
            next = nextLink
        }
        return round
    }
}

extension SimulatedResponse {
    /// The body as JSON; `nil` if it is none.
    var json: JSONValue? { try? JSONValue(parsing: bytes) }

    /// The outer and inner code of an error.
    var errorCodes: [String] {
        let error = json?["error"]
        return [error?["code"]?.string, error?["innerError"]?["code"]?.string].compactMap { $0 }
    }
}
