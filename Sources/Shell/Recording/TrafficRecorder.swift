import Core
import Dispatch
import Synchronization

/// Hands the traffic of a running client, secrets removed, to whoever asks over the control socket.
///
/// One recording runs at a time. A reader who does not keep up loses the recording, not the client.
final class TrafficRecorder: Sendable {
    /// So many exchanges may wait for a slow reader, and so many bytes of their bodies.
    private static let waitingMax = 4096
    private static let waitingBytesMax: Int64 = 256 << 20

    private struct Recording {
        var connection: ControlConnection
        var count = 0
        var waiting = 0
        var waitingBytes: Int64 = 0
        var hasOverflowed = false
    }

    private let http: HTTPClient
    private let pseudonyms: @Sendable () -> Pseudonyms
    private let recording = Mutex<Recording?>(nil)
    private let queue = DispatchQueue(label: "onedrive.recording")

    /// Prepares it.
    ///
    /// - Parameters:
    ///   - http: Whose traffic is recorded.
    ///   - pseudonyms: Those to begin with: they know what must not appear in any recording.
    init(http: HTTPClient, pseudonyms: @escaping @Sendable () -> Pseudonyms) {
        self.http = http
        self.pseudonyms = pseudonyms
    }

    /// Serves one recording: until the reader says that it is enough, or goes away.
    func serve(_ connection: ControlConnection) {
        let isFirst = recording.withLock { recording in
            guard recording == nil else { return false }
            recording = Recording(connection: connection)
            return true
        }
        guard isFirst else {
            connection.writeLine(["error": "this client is being recorded already"])
            return
        }
        let pseudonyms = PseudonymBox(pseudonyms())
        // What is seen from now on is written behind this line.
        queue.sync {
            http.observer.watch { [self] exchange in take(exchange, pseudonyms) }
            connection.writeLine(["recording": true])
        }
        // Anything that comes ends it, and so does the end of the connection.
        _ = connection.readLine(limit: ControlRequest.longest)
        http.observer.watch(nil)
        queue.sync {
            let ended = recording.withLock { recording in
                defer { recording = nil }
                return recording
            }
            guard let ended else { return }
            connection.writeLine(
                ended.hasOverflowed
                    ? ["error": "the recording was not read as fast as it grew; it is incomplete"]
                    : ["end": .integer(Int64(ended.count))])
        }
    }

    /// Ends a recording that runs.
    func stop() { recording.withLock { $0 }?.connection.shutDownReading() }

    private func take(_ exchange: RecordedExchange, _ pseudonyms: PseudonymBox) {
        let size =
            exchange.request.body.count + Int64(exchange.response?.body.bytes.count ?? 0)
        let isTaken = recording.withLock { recording in
            guard var current = recording, !current.hasOverflowed else { return false }
            current.waiting += 1
            current.waitingBytes += size
            current.hasOverflowed =
                current.waiting > Self.waitingMax || current.waitingBytes > Self.waitingBytesMax
            if current.hasOverflowed { current.connection.shutDownReading() }
            recording = current
            return true
        }
        guard isTaken else { return }
        queue.async { [self] in
            let entry = pseudonyms.exchange(exchange)
            let connection = recording.withLock { recording in
                recording?.waiting -= 1
                recording?.waitingBytes -= size
                recording?.count += 1
                return recording?.connection
            }
            connection?.writeLine(["entry": entry.json])
        }
    }
}

/// The pseudonyms of one recording, which grow with it.
private final class PseudonymBox: Sendable {
    private let pseudonyms: Mutex<Pseudonyms>

    init(_ pseudonyms: Pseudonyms) { self.pseudonyms = Mutex(pseudonyms) }

    func exchange(_ exchange: RecordedExchange) -> RecordedExchange {
        pseudonyms.withLock { $0.exchange(exchange) }
    }
}
