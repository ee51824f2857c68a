import Core
import Shell
import Synchronization

/// A client that trusts a secure end, which passes everything on to a server.
struct SecureScene: Sendable {
    let server: TinyServer
    let end: SecureEnd
    let client: HTTPClient
    let log: Log

    /// What the client says of its transfers.
    final class Log: Sendable {
        private let entries = Mutex<[HTTPLogEntry]>([])

        func note(_ entry: HTTPLogEntry) { entries.withLock { $0.append(entry) } }

        var all: [HTTPLogEntry] { entries.withLock { $0 } }
        var connectionCount: Int { all.count { !$0.reusedConnection } }
        var versions: Set<String?> { Set(all.map(\.version)) }
    }

    /// Runs the body, and stops everything after it.
    static func with(
        options: String = "",
        reply: @escaping @Sendable (TinyServer.Request) -> TinyServer.Reply = {
            .response(200, [], Array($0.target.utf8))
        },
        configure: (inout HTTPClientConfiguration) -> Void = { _ in },
        body: (SecureScene) async throws -> Void
    ) async throws {
        let server = try TinyServer(handler: reply)
        defer { server.stop() }
        let end = try await onThread {
            try SecureEnd(before: server.port, authority: TestAuthority(), options: options)
        }
        defer { end.kill() }
        let log = Log()
        var configuration = HTTPClientConfiguration(userAgent: "test") { log.note($0) }
        configuration.authorities.file = end.authority.certificate
        configuration.limits = TransferLimits(
            total: 20, perHost: 20, metadataReserve: 0, readerReserve: 0)
        configure(&configuration)
        let client = try HTTPClient(configuration: configuration)
        defer { client.stop() }
        try await body(SecureScene(server: server, end: end, client: client, log: log))
    }

    func response(_ path: String) async -> Result<HTTPResponse, TransportFailure> {
        await client.response(to: HTTPRequest(.get, end.baseURL + path))
    }

    /// The status of the answer to a request.
    func status(_ path: String) async -> Int? {
        try? await response(path).get().status
    }

    /// So many requests at once; how many had their own answer.
    func burst(_ count: Int) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<count {
                group.addTask {
                    let response = await response("/\(number)")
                    return (try? response.get().body) == Array("/\(number)".utf8)
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }
}
