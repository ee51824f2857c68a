import Core

/// Where the answers that an ``EngineWorld`` gets come from, and where they go besides.
enum Wire {
    /// From the simulated service alone.
    case service
    /// From the simulated service, and into a recording.
    case recording(Pseudonyms, [RecordedExchange])
    /// From a recording alone.
    case replay(Replay)
    /// From nowhere, since the recording did not hold what was asked.
    case failed(ReplayFailure)

    var failure: ReplayFailure? {
        guard case .failed(let failure) = self else { return nil }
        return failure
    }

    /// The recorded answer; nil where there is no recording to ask.
    mutating func replayed(_ request: RecordedRequest) -> RecordedExchange? {
        switch self {
        case .service, .recording: return nil
        case .failed: return RecordedExchange(started: nil, request: request, response: nil)
        case .replay(var replay):
            self = .service
            do throws(ReplayFailure) {
                let exchange = try replay.exchange(for: request)
                self = .replay(replay)
                return exchange
            } catch {
                self = .failed(error)
                return RecordedExchange(started: nil, request: request, response: nil)
            }
        }
    }

    mutating func record(_ request: RecordedRequest, _ answer: HTTPResponse?, at time: Timestamp) {
        guard case .recording(var pseudonyms, var entries) = self else { return }
        self = .service
        let response = answer.map {
            RecordedResponse(status: $0.status, headers: $0.headers, body: .bytes($0.body))
        }
        entries.append(
            pseudonyms.exchange(
                RecordedExchange(
                    started: time, milliseconds: 1, request: request, response: response)))
        self = .recording(pseudonyms, entries)
    }
}
