import Core
import Glibc
import Synchronization

/// Records a running client into a file, for the command line.
package final class RecordingSession: Sendable {
    private let path: String
    private let connection: ControlConnection
    private let lines: Mutex<ControlLines>
    private let file: Descriptor
    private let end = Mutex<Int64>(0)

    /// Connects to the client and makes the file.
    ///
    /// - Parameters:
    ///   - path: The HAR file, which must not exist.
    ///   - socket: The control socket of the client.
    /// - Throws: Why nothing can be recorded; no file is left then.
    package init(to path: String, socket: String) throws(ClientError) {
        self.path = path
        connection = try Client.attempt(.unavailable) { () throws(ControlError) in
            try ControlConnection(path: socket)
        }
        connection.writeLine(ControlRequest.record.json)
        lines = Mutex(ControlLines(connection))
        do throws(SystemCallFailure) {
            file = try Descriptor(
                opening: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        } catch {
            throw ClientError(
                .cannotWrite,
                error.code == EEXIST
                    ? "\(path): exists already; choose another name or remove it"
                    : "\(path): cannot be made: \(error)")
        }
        do throws(ClientError) {
            if let problem = try answer()["error"]?.string {
                throw ClientError(.unavailable, problem)
            }
            try write(ArchiveStream.head)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Tells the client that it is enough; what is on its way still arrives.
    package func finish() { connection.shutDownWriting() }

    /// Writes what arrives, until the recording ends.
    ///
    /// Returns how many exchanges were recorded.
    package func run() throws(ClientError) -> Int {
        var count = 0
        while true {
            let line = try answer()
            guard let entry = line["entry"] else {
                try write(ArchiveStream.tail)
                if let problem = line["error"]?.string {
                    throw ClientError(.other, "\(path): \(problem)")
                }
                return count
            }
            try write(ArchiveStream.entry(entry, isFirst: count == 0))
            count += 1
        }
    }

    /// The next line; where the client went away, the recording ends there.
    private func answer() throws(ClientError) -> JSONValue {
        guard let line = lines.withLock({ $0.next(limit: 256 << 20) }) else {
            return ["error": "the client ended before the recording did; it is whole up to there"]
        }
        guard let json = try? JSONValue(parsing: line) else {
            throw ClientError(.other, "\(path): the client says something that is not understood")
        }
        return json
    }

    private func write(_ bytes: [UInt8]) throws(ClientError) {
        let offset = end.withLock { end in
            defer { end += Int64(bytes.count) }
            return end
        }
        try Client.attempt(.cannotWrite) { () throws(SystemCallFailure) in
            try file.write(bytes, at: offset)
        }
    }
}
