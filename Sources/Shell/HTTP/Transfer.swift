import CCurl
import Core

/// The name of a transfer, never used twice by one client.
package struct TransferID: Hashable, Comparable, Sendable {
    /// Counts up from one.
    package let number: UInt64

    package static func < (left: TransferID, right: TransferID) -> Bool {
        left.number < right.number
    }
}

/// What a client was asked to do.
struct Submission: Sendable {
    let id: TransferID
    let request: HTTPRequest
    let priority: RequestPriority
    let bodySource: BodySource?
    let sink: ResponseSink
    let completion: @Sendable (Result<HTTPResponse, TransportFailure>) -> Void
}

/// One running transfer: what libcurl's callbacks read and write.
///
/// Only the client's thread touches it.
final class Transfer {
    /// The most bytes kept of a body that is not that of a success.
    static let errorBodyLimit = 1 << 20
    /// The most bytes of header fields, names and values together.
    static let headerLimit = 256 << 10

    let submission: Submission
    let easy: CurlEasy
    private let rates: TransferRates
    private var status = 0
    private var headers: [HTTPHeader] = []
    private var headerCount = 0
    private var headersAreComplete = false
    private var body: [UInt8] = []
    private var receivedCount: Int64 = 0
    private var sentCount: Int64 = 0
    /// True once the request was about to be sent on some connection.
    private var hasBegun = false
    /// Set when a callback ends the transfer, since libcurl then only says that one did.
    private var refusal: Refusal?
    /// True while a rate limit holds its body back.
    private(set) var sendingIsPaused = false
    /// True while a rate limit holds the body of its response back.
    private(set) var receivingIsPaused = false

    /// Why a callback ended the transfer.
    private enum Refusal {
        case failure(TransportFailure)
        /// The body of an error response is longer than anybody reads; its start is enough.
        case enough
    }

    init(_ submission: Submission, easy: CurlEasy, rates: TransferRates) {
        self.submission = submission
        self.easy = easy
        self.rates = rates
    }

    // MARK: Callbacks

    /// Takes one header line with its line break.
    ///
    /// Returns less than its length to end the transfer.
    func received(headerLine line: UnsafeRawBufferPointer) -> Int {
        var text = line[...]
        while let last = text.last, last == 0x0A || last == 0x0D { text = text.dropLast() }
        if text.starts(with: "HTTP/".utf8) {
            // A new response: what came before was a 1xx.
            status = Self.status(ofLine: text)
            headers = []
            headersAreComplete = false
            return line.count
        }
        guard !headersAreComplete else { return line.count }
        guard !text.isEmpty else {
            headersAreComplete = status >= 200
            return headersAreComplete && !acceptsHead() ? 0 : line.count
        }
        headerCount += text.count
        guard headerCount <= Self.headerLimit else { return refuse(.bodyTooLarge) }
        if let colon = text.firstIndex(of: 0x3A) {
            headers.append(
                HTTPHeader(
                    String(decoding: text[..<colon], as: UTF8.self),
                    String(decoding: Self.trimmed(text[(colon + 1)...]), as: UTF8.self)))
        }
        return line.count
    }

    /// Takes bytes of the response body.
    ///
    /// Returns less than their count to end the transfer.
    func received(body bytes: UnsafeRawBufferPointer) -> Int {
        guard !bytes.isEmpty else { return 0 }
        guard rates.mayReceive(bytes.count) else {
            receivingIsPaused = true
            return onedrive_curl_writefunc_pause
        }
        defer { receivedCount += Int64(bytes.count) }
        guard (200..<300).contains(status) else {
            let room = Self.errorBodyLimit - body.count
            body.append(contentsOf: bytes.prefix(room))
            guard bytes.count <= room else {
                refusal = .enough
                return 0
            }
            return bytes.count
        }
        switch submission.sink {
        case .memory(let limit):
            guard body.count + bytes.count <= limit else { return refuse(.bodyTooLarge) }
            body.append(contentsOf: bytes)
        case .stream(let stream):
            guard stream.write(bytes, receivedCount) else { return refuse(.aborted) }
        }
        return bytes.count
    }

    /// Fills a buffer with the next bytes of the request body.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let left = submission.request.body.count - sentCount
        let wanted = Int(min(Int64(min(buffer.count, rates.sendLimit)), left))
        guard wanted > 0 else { return 0 }
        guard rates.maySend(wanted) else {
            sendingIsPaused = true
            return onedrive_curl_readfunc_pause
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        switch submission.request.body {
        case .none:
            return 0
        case .bytes(let bytes):
            let start = Int(sentCount)
            target.copyBytes(from: bytes[start..<(start + wanted)])
        case .content(let source):
            // A file that became shorter must not be sent as if it were whole.
            guard
                let read = submission.bodySource?.read(source.offset + sentCount, target),
                read > 0
            else {
                refusal = .failure(.aborted)
                return onedrive_curl_readfunc_abort
            }
            sentCount += Int64(min(read, wanted))
            return min(read, wanted)
        }
        sentCount += Int64(wanted)
        return wanted
    }

    /// Tells whether the request may be sent on the connection that there is now.
    ///
    /// Where an old connection is closed without an answer, libcurl makes a new one and repeats the
    /// request. The server may have acted on it, and what to do then about a change is not for this
    /// layer to decide.
    func mayBegin() -> Bool {
        guard hasBegun, submission.request.method != .get else {
            hasBegun = true
            return true
        }
        refusal = .failure(lost)
        return false
    }

    // MARK: For the loop

    /// Tries again what a rate limit held back.
    func resume() {
        sendingIsPaused = false
        receivingIsPaused = false
        easy.resume()
    }

    /// Tells what came of the transfer once libcurl is done with it.
    func result(_ code: CURLcode) -> Result<HTTPResponse, TransportFailure> {
        switch refusal {
        case .failure(let failure): return .failure(failure)
        case .enough: break
        case nil:
            guard code == CURLE_OK else { return .failure(failure(code)) }
        }
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    /// Describes the finished transfer for the log.
    func logEntry(_ result: Result<HTTPResponse, TransportFailure>) -> HTTPLogEntry {
        HTTPLogEntry(
            id: submission.id, method: submission.request.method,
            url: submission.request.loggableURL, priority: submission.priority,
            outcome: result.map(\.status), sentCount: easy.offset(CURLINFO_SIZE_UPLOAD_T),
            receivedCount: easy.offset(CURLINFO_SIZE_DOWNLOAD_T),
            duration: .microseconds(easy.offset(CURLINFO_TOTAL_TIME_T)),
            reusedConnection: easy.number(CURLINFO_NUM_CONNECTS) == 0, version: easy.version,
            requestID: headers.value(named: "request-id"))
    }

    private var bodyCount: Int64 { submission.request.body.count }

    private func failure(_ code: CURLcode) -> TransportFailure {
        let failure = TransportFailure(code, of: easy, lost: lost)
        switch failure {
        case .cannotResolve, .cannotConnect, .tls:
            // Only the connection on which libcurl meant to repeat it was not made.
            return hasBegun ? lost : failure
        case .timedOut, .connectionLost, .bodyTooLarge, .aborted, .notStored, .other:
            return failure
        }
    }

    /// The failure of a request of which something may have been sent.
    private var lost: TransportFailure {
        .connectionLost(
            sentEverything:
                // In doubt the request has reached the server.
                sentCount >= bodyCount && easy.number(CURLINFO_REQUEST_SIZE) > 0)
    }

    private func refuse(_ failure: TransportFailure) -> Int {
        refusal = .failure(failure)
        return 0
    }

    /// Shows the head of a success to a streaming reader, and makes room for a body in memory.
    private func acceptsHead() -> Bool {
        guard (200..<300).contains(status) else { return true }
        switch submission.sink {
        case .memory(let limit):
            if let count = headers.value(named: "Content-Length").flatMap(Int.init), count <= limit
            {
                body.reserveCapacity(count)
            }
        case .stream(let stream):
            guard stream.accept(HTTPResponse(status: status, headers: headers)) else {
                refusal = .failure(.aborted)
                return false
            }
        }
        return true
    }

    private static func status(ofLine line: Slice<UnsafeRawBufferPointer>) -> Int {
        let parts = line.split(separator: 0x20, maxSplits: 2)
        guard parts.count > 1 else { return 0 }
        return Int(String(decoding: parts[1], as: UTF8.self)) ?? 0
    }

    private static func trimmed(
        _ bytes: Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer> {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
        return bytes
    }
}
