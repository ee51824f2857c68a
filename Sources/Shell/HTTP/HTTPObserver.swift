import Core
import Synchronization

/// Sees every exchange of an ``HTTPClient`` when it is over.
///
/// What it sees holds secrets.
package final class HTTPObserver: Sendable {
    package typealias Watcher = @Sendable (RecordedExchange) -> Void

    private let watcher = Mutex<Watcher?>(nil)

    /// Calls back, on the thread of the client, after each exchange; nil ends that.
    package func watch(_ watcher: Watcher?) { self.watcher.withLock { $0 = watcher } }

    /// The submission with its end being seen.
    func watching(_ submission: Submission) -> Submission {
        let started = Clock.now
        return Submission(
            id: submission.id, request: submission.request, priority: submission.priority,
            bodySource: submission.bodySource, sink: submission.sink,
            completion: { [self] result in
                if let watcher = watcher.withLock({ $0 }) {
                    watcher(Self.exchange(submission, result, since: started))
                }
                submission.completion(result)
            })
    }

    private static func exchange(
        _ submission: Submission, _ result: Result<HTTPResponse, TransportFailure>,
        since started: Timestamp
    ) -> RecordedExchange {
        var exchange = RecordedExchange(
            started: started,
            milliseconds: max(Clock.now.nanoseconds - started.nanoseconds, 0) / 1_000_000,
            request: RecordedRequest(submission.request), response: nil)
        guard case .success(let response) = result else { return exchange }
        var body = RecordedBody.bytes(response.body)
        if case .stream = submission.sink, response.isSuccess {
            body = .leftOut(count: response.header("Content-Length").flatMap { Int64($0) } ?? 0)
        }
        exchange.response = RecordedResponse(
            status: response.status, headers: response.headers, body: body)
        return exchange
    }
}
