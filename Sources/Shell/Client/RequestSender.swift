import Core
import Dispatch
import Synchronization

/// Puts the requests of the engine on the wire and brings the answers back.
package final class RequestSender: Sendable {
    private let http: HTTPClient
    private let tokens: TokenSource
    private let content: ContentStore
    private let endpoint: GraphEndpoint
    private let transfers = Mutex(RunningTransfers())
    /// Answers are taken in here: the client's thread has bytes to move.
    private let queue = DispatchQueue(label: "onedrive.answers")

    package init(
        http: HTTPClient, tokens: TokenSource, content: ContentStore, endpoint: GraphEndpoint
    ) {
        self.http = http
        self.tokens = tokens
        self.content = content
        self.endpoint = endpoint
    }

    func send(_ transmission: Transmission, for host: EngineHost) {
        var request = endpoint.request(for: transmission.call)
        switch request.authorization {
        case .none: break
        case .bearer:
            guard let token = tokens.current else {
                // As the service would answer, without asking it.
                answer(transmission, .success(HTTPResponse(status: 401)), host)
                return
            }
            request.http.headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        }
        guard let source = bodySource(of: request.http) else {
            answer(transmission, .failure(.aborted), host)
            return
        }
        let receiver: RangeReceiver?
        do throws(PosixError) {
            receiver = try rangeReceiver(transmission, host)
        } catch {
            answer(transmission, .failure(.notStored(error)), host)
            return
        }
        guard transfers.withLock({ $0.begin(transmission.id, receiver) }) else { return }
        let transfer = http.start(
            request.http, priority: transmission.priority, bodySource: source.value,
            sink: receiver?.sink ?? .json
        ) { [self] result in
            transfers.withLock { $0.end(transmission.id) }
            answer(transmission, receiver?.outcome(result) ?? result, host)
        }
        let isWanted = transfers.withLock { $0.began(transmission.id, as: transfer) }
        if !isWanted { http.cancel(transfer) }
    }

    /// Stops a request; when this returns, no byte of its answer is stored any more.
    ///
    /// What it was to fetch may have come in another way, and be changed by a program from now on.
    func cancel(_ id: RequestID) {
        let (transfer, receiver) = transfers.withLock { $0.cancel(id) }
        receiver?.close()
        if let transfer { http.cancel(transfer) }
    }

    func obtainToken(for host: EngineHost) {
        tokens.renew { [queue] outcome in
            queue.async {
                host.notify { engine, now in engine.tokenAnswered(outcome, at: now) }
            }
        }
    }

    private func answer(
        _ transmission: Transmission, _ result: Result<HTTPResponse, TransportFailure>,
        _ host: EngineHost
    ) {
        queue.async {
            // What it means is found out before the engine is stopped for it.
            let outcome = result.map { GraphAnswer(to: transmission.call, $0) }
            let random = UInt64.random(in: .min ... .max)
            host.notify { engine, now in
                engine.responded(transmission.id, outcome, random: random, at: now)
            }
        }
    }

    // MARK: Bodies

    /// A value that may be absent, where absence is fine.
    private struct Optionally<Value> {
        var value: Value?
    }

    private func bodySource(of request: HTTPRequest) -> Optionally<BodySource>? {
        switch request.body {
        case .none, .bytes: return Optionally(value: nil)
        case .content(let source):
            guard let file = try? content.open(GenerationID(rawValue: source.generation)) else {
                return nil
            }
            return Optionally(
                value: BodySource { offset, buffer in
                    (try? file.read(into: buffer, at: offset)) ?? -1
                })
        }
    }

    /// What takes the body of an answer, where it does not stay in memory.
    private func rangeReceiver(
        _ transmission: Transmission, _ host: EngineHost
    ) throws(PosixError) -> RangeReceiver? {
        switch transmission.sink {
        case .memory: return nil
        case .content(let generation, let offset):
            let call = transmission.call
            let file = try posix { () throws(ContentError) in
                try content.provide(generation, size: 0)
            }
            return RangeReceiver(file: file, begin: offset, call: call) { [queue] part, stored in
                queue.async {
                    host.notify { engine, now in
                        engine.received(transmission.id, part, stored, at: now)
                    }
                }
            }
        }
    }
}
