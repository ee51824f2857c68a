import Core
import Synchronization

/// Sends requests through libcurl on one thread of its own.
///
/// It carries out and decides nothing: no retries, no redirects, no tokens. Connections are kept
/// and shared, TLS is always verified, and plain `http` is refused except to this machine.
package final class HTTPClient: Sendable {
    private let mailbox: HTTPMailbox
    private let thread: JoinableThread
    private let lastNumber = Atomic<UInt64>(0)
    /// Sees what is sent and what comes back.
    package let observer = HTTPObserver()

    /// Starts the thread.
    ///
    /// - Parameter configuration: Limits, timeouts and the log.
    /// - Throws: The reason why there is no client.
    package init(configuration: HTTPClientConfiguration) throws(HTTPClientFailure) {
        let limits = configuration.limits
        let most = limits.total + limits.metadataReserve + limits.readerReserve
        guard let multi = CurlMulti(connectionLimit: most * 2) else { throw .libcurl }
        let mailbox = HTTPMailbox(multi: multi)
        self.mailbox = mailbox
        do {
            thread = try JoinableThread(name: "http") {
                TransferLoop(mailbox: mailbox, configuration: configuration).run()
            }
        } catch {
            throw .thread(error)
        }
    }

    deinit {
        stop()
    }

    /// Queues a request.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - priority: Which requests it may overtake.
    ///   - bodySource: Reads the bytes of a `content` body; without one such a request is aborted.
    ///   - sink: Where the body of a success goes.
    ///   - completion: Called exactly once, on the client's thread, and must not block for long.
    ///     After ``stop()`` it is called at once on the caller's thread, with `aborted`.
    /// - Returns: The name by which the transfer can be cancelled.
    @discardableResult
    package func start(
        _ request: HTTPRequest, priority: RequestPriority, bodySource: BodySource? = nil,
        sink: ResponseSink = .json,
        completion: @escaping @Sendable (Result<HTTPResponse, TransportFailure>) -> Void
    ) -> TransferID {
        let id = nextID()
        start(
            Submission(
                id: id, request: request, priority: priority, bodySource: bodySource, sink: sink,
                completion: completion))
        return id
    }

    /// Sends a request and waits for what comes of it.
    ///
    /// A cancelled task aborts its transfer.
    package func response(
        to request: HTTPRequest, priority: RequestPriority = .foreground,
        bodySource: BodySource? = nil, sink: ResponseSink = .json
    ) async -> Result<HTTPResponse, TransportFailure> {
        let id = nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                start(
                    Submission(
                        id: id, request: request, priority: priority, bodySource: bodySource,
                        sink: sink, completion: { continuation.resume(returning: $0) }))
                // The task may have been cancelled before there was a transfer.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Ends a transfer, which then completes with `aborted` unless it is over already.
    package func cancel(_ id: TransferID) {
        // After a stop every transfer is aborted anyway.
        _ = mailbox.post(.cancel(id))
    }

    /// Aborts all transfers and waits until the last completion has returned.
    ///
    /// Called from a completion, it does not wait.
    package func stop() {
        mailbox.stop()
        thread.join()
    }

    private func start(_ unwatched: Submission) {
        let submission = observer.watching(unwatched)
        if !mailbox.post(.start(submission)) { submission.completion(.failure(.aborted)) }
    }

    private func nextID() -> TransferID {
        TransferID(number: lastNumber.add(1, ordering: .relaxed).newValue)
    }
}

/// Why there is no HTTP client.
package enum HTTPClientFailure: Error, Hashable, Sendable {
    /// libcurl cannot start.
    case libcurl
    /// The system gives no thread.
    case thread(ThreadFailure)
}
