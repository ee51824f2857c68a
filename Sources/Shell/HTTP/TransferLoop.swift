import CCurl
import Core

/// Runs the transfers of an ``HTTPClient`` on the client's own thread.
final class TransferLoop {
    /// Handles kept for reuse; each holds a buffer or two.
    private static let idleLimit = 32
    /// The longest wait for anything, in milliseconds.
    ///
    /// Submissions end it at once.
    private static let longestWait: Int64 = 60_000

    private let mailbox: HTTPMailbox
    private let configuration: HTTPClientConfiguration
    private let rates: TransferRates
    private var queue: TransferQueue
    private var waiting: [UInt64: Submission] = [:]
    private var running: [UInt64: Transfer] = [:]
    private var idle: [CurlEasy] = []

    init(mailbox: HTTPMailbox, configuration: HTTPClientConfiguration) {
        self.mailbox = mailbox
        self.configuration = configuration
        rates = TransferRates(
            uploadLimit: configuration.uploadLimit, downloadLimit: configuration.downloadLimit)
        queue = TransferQueue(limits: configuration.limits)
    }

    /// Works until the client is told to stop; then every transfer fails as aborted.
    func run() {
        while true {
            let orders = mailbox.takeOrders()
            orders.commands.forEach(obey)
            guard !orders.stops else { return abortAll() }
            startWaiting()
            resumePaused()
            mailbox.multi.perform()
            if finishTransfers() { continue }
            mailbox.multi.wait(milliseconds: waitingTime())
        }
    }

    // MARK: Orders

    private func obey(_ command: HTTPMailbox.Command) {
        switch command {
        case .start(let submission): accept(submission)
        case .cancel(let id): cancel(id)
        }
    }

    private func accept(_ submission: Submission) {
        guard queue.waitingCount < configuration.waitingLimit else {
            return submission.completion(
                .failure(
                    .other(
                        code: Int32(CURLE_AGAIN.rawValue), message: "too many requests are waiting")
                ))
        }
        let id = submission.id.number
        waiting[id] = submission
        let authority = URLAuthority(ofURL: submission.request.url)
        queue.add(id, host: authority?.text ?? "", priority: submission.priority)
    }

    private func cancel(_ id: TransferID) {
        if let submission = waiting.removeValue(forKey: id.number) {
            queue.remove(id.number)
            submission.completion(.failure(.aborted))
        } else if let transfer = running[id.number] {
            finish(transfer, with: .failure(.aborted))
        }
    }

    private func abortAll() {
        for id in running.keys.sorted() { cancel(TransferID(number: id)) }
        for id in waiting.keys.sorted() { cancel(TransferID(number: id)) }
    }

    // MARK: Transfers

    private func startWaiting() {
        while let id = queue.startNext() {
            guard let submission = waiting.removeValue(forKey: id) else { continue }
            if let failure = start(submission) {
                queue.remove(id)
                submission.completion(.failure(failure))
            }
        }
    }

    /// Starts a transfer, or says why it cannot be.
    private func start(_ submission: Submission) -> TransportFailure? {
        if let defect = submission.request.defect { return defect }
        guard let authority = URLAuthority(ofURL: submission.request.url) else {
            return .other(
                code: Int32(CURLE_URL_MALFORMAT.rawValue), message: "the URL is malformed")
        }
        guard authority.isPrivate else {
            return .tls("\(authority.scheme)://\(authority.text) is not protected by TLS")
        }
        let outOfMemory = TransportFailure.other(
            code: Int32(CURLE_OUT_OF_MEMORY.rawValue), message: "libcurl has no memory left")
        guard let easy = idle.popLast() ?? CurlEasy() else { return outOfMemory }
        easy.reset()
        let transfer = Transfer(submission, easy: easy, rates: rates)
        transfer.configure(configuration, authority: authority)
        guard mailbox.multi.add(easy) else { return outOfMemory }
        running[submission.id.number] = transfer
        return nil
    }

    /// Completes what libcurl is done with, and tells whether there was any.
    private func finishTransfers() -> Bool {
        var didFinish = false
        while let (transfer, code) = mailbox.multi.nextFinished() {
            finish(transfer, with: transfer.result(code))
            didFinish = true
        }
        return didFinish
    }

    private func finish(
        _ transfer: Transfer, with result: Result<HTTPResponse, TransportFailure>
    ) {
        let id = transfer.submission.id.number
        configuration.log?(transfer.logEntry(result))
        mailbox.multi.remove(transfer.easy)
        running[id] = nil
        queue.remove(id)
        if idle.count < Self.idleLimit { idle.append(transfer.easy) }
        transfer.submission.completion(result)
    }

    // MARK: Rate limits

    private var paused: [Transfer] {
        running.values.filter { $0.sendingIsPaused || $0.receivingIsPaused }
    }

    /// Lets transfers that a rate limit held back try again, the most urgent first.
    private func resumePaused() {
        let urgentFirst = paused.sorted {
            ($1.submission.priority, $0.submission.id) < ($0.submission.priority, $1.submission.id)
        }
        for transfer in urgentFirst where delay(of: transfer) == 0 { transfer.resume() }
    }

    /// Milliseconds until a paused transfer may go on, or the longest wait.
    private func waitingTime() -> Int32 {
        let nanoseconds = paused.map(delay).min() ?? .max
        return Int32(min(nanoseconds / 1_000_000 + 1, Self.longestWait))
    }

    private func delay(of transfer: Transfer) -> Int64 {
        rates.delay(sending: transfer.sendingIsPaused, receiving: transfer.receivingIsPaused)
    }
}
