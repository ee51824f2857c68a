import Core
import Dispatch
import Synchronization

/// Puts the requests of the engine on the wire and brings the answers back.
package final class RequestSender: Sendable {
    private let http: HTTPClient
    private let tokens: TokenSource
    private let content: ContentStore
    private let endpoint: GraphEndpoint
    private let transfers = Mutex<[RequestID: TransferID]>([:])
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
        guard let source = bodySource(of: request.http), let sink = sink(of: transmission, host)
        else {
            answer(transmission, .failure(.aborted), host)
            return
        }
        let transfer = http.start(
            request.http, priority: transmission.priority, bodySource: source.value, sink: sink
        ) { [self] result in
            transfers.withLock { _ = $0.removeValue(forKey: transmission.id) }
            answer(transmission, result, host)
        }
        transfers.withLock { $0[transmission.id] = transfer }
    }

    func cancel(_ id: RequestID) {
        if let transfer = transfers.withLock({ $0[id] }) { http.cancel(transfer) }
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
            let first = source.offset
            return Optionally(
                value: BodySource { offset, buffer in
                    (try? file.read(into: buffer, at: first + offset)) ?? -1
                })
        }
    }

    private func sink(of transmission: Transmission, _ host: EngineHost) -> ResponseSink? {
        switch transmission.sink {
        case .memory: return .json
        case .content(let generation, let offset):
            guard let file = try? content.open(generation) else { return nil }
            let receiver = RangeReceiver(file: file, begin: offset) { [queue] end in
                queue.async {
                    host.notify { engine, now in
                        engine.received(transmission.id, through: end, at: now)
                    }
                }
            }
            return .stream(
                ResponseStream(
                    accept: { receiver.accept($0) },
                    write: { bytes, offset in receiver.write(bytes, at: offset) }))
        }
    }
}

/// Stores the body of a ranged answer where it belongs.
private final class RangeReceiver: Sendable {
    /// How many bytes arrive between two reports.
    private static let reportingStep: Int64 = 256 << 10

    private struct State {
        /// The offset in the file of the first byte of the body.
        var start: Int64 = 0
        var reported: Int64 = 0
    }

    private let file: ContentFile
    private let begin: Int64
    private let report: @Sendable (Int64) -> Void
    private let state: Mutex<State>

    init(file: ContentFile, begin: Int64, report: @escaping @Sendable (Int64) -> Void) {
        self.file = file
        self.begin = begin
        self.report = report
        state = Mutex(State(start: begin, reported: begin))
    }

    /// Whether the body begins where it was asked to, or at the begin of the file.
    func accept(_ response: HTTPResponse) -> Bool {
        guard let part = ContentPart(response), part.start == begin || part.start == 0 else {
            return false
        }
        state.withLock { $0.start = part.start }
        return true
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        let start = state.withLock { $0.start }
        do throws(ContentError) {
            try file.write(bytes, at: start + offset)
        } catch {
            return false
        }
        let end = start + offset + Int64(bytes.count)
        let isDue = state.withLock { state in
            guard end >= state.reported + Self.reportingStep else { return false }
            state.reported = end
            return true
        }
        if isDue { report(end) }
        return true
    }
}
