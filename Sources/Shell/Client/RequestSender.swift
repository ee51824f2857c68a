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
        let transfer = http.start(
            request.http, priority: transmission.priority, bodySource: source.value,
            sink: receiver?.sink ?? .json
        ) { [self] result in
            transfers.withLock { _ = $0.removeValue(forKey: transmission.id) }
            answer(transmission, receiver?.judge(result) ?? result, host)
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

/// Stores the body of a ranged answer where it belongs.
private final class RangeReceiver: Sendable {
    /// How many bytes arrive between two reports.
    private static let reportingStep: Int64 = 256 << 10

    private struct State {
        /// What the body holds; nil before its head has come.
        var part: ContentPart?
        /// The offset in the file behind the last byte that was reported.
        var reported: Int64
        /// How many bytes of the body were stored.
        var count: Int64 = 0
        /// The head of an answer of which nothing may be stored.
        var refused: HTTPResponse?
        var failure: PosixError?
    }

    private let file: ContentFile
    /// What was asked, which says what may be stored.
    private let call: GraphCall
    private let report: @Sendable (ContentPart, Range<Int64>) -> Void
    private let state: Mutex<State>

    init(
        file: ContentFile, begin: Int64, call: GraphCall,
        report: @escaping @Sendable (ContentPart, Range<Int64>) -> Void
    ) {
        self.file = file
        self.call = call
        self.report = report
        state = Mutex(State(reported: begin))
    }

    var sink: ResponseSink {
        .stream(
            ResponseStream(
                accept: { self.accept($0) },
                write: { bytes, offset in self.write(bytes, at: offset) }))
    }

    /// What came of the transfer, given what was stored of it.
    func judge(
        _ result: Result<HTTPResponse, TransportFailure>
    ) -> Result<HTTPResponse, TransportFailure> {
        state.withLock { state in
            if let failure = state.failure { return .failure(.notStored(failure)) }
            if let refused = state.refused { return .success(refused) }
            guard case .success = result, let count = state.part?.count, state.count < count else {
                return result
            }
            return .failure(.connectionLost(sentEverything: true))
        }
    }

    /// Whether the body is what was asked for.
    func accept(_ response: HTTPResponse) -> Bool {
        state.withLock { state in
            guard case .content(let part) = GraphAnswer(to: call, response) else {
                state.refused = response
                return false
            }
            state.part = part
            return true
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        guard let part = state.withLock({ $0.part }) else { return false }
        do throws(ContentError) {
            try file.write(bytes, at: part.start + offset)
        } catch {
            state.withLock { $0.failure = PosixError(rawValue: error.errorNumber) }
            return false
        }
        let end = part.start + offset + Int64(bytes.count)
        let isDue = state.withLock { state in
            state.count = offset + Int64(bytes.count)
            guard end >= state.reported + Self.reportingStep else { return false }
            state.reported = end
            return true
        }
        if isDue { report(part, part.start..<end) }
        return true
    }
}
