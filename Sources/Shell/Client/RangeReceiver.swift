import Core
import Synchronization

/// Stores the body of a ranged answer where it belongs.
package final class RangeReceiver: Sendable {
    /// How many bytes arrive between two reports.
    private static let reportingStep: Int64 = 256 << 10

    private struct State {
        var content: ReceivedContent
        /// The offset in the file behind the last byte that was reported.
        var reported: Int64
        var isClosed = false
    }

    private let file: ContentFile
    private let report: @Sendable (ContentPart, Range<Int64>) -> Void
    private let state: Mutex<State>

    package init(
        file: ContentFile, begin: Int64, call: GraphCall,
        report: @escaping @Sendable (ContentPart, Range<Int64>) -> Void
    ) {
        self.file = file
        self.report = report
        state = Mutex(State(content: ReceivedContent(for: call), reported: begin))
    }

    package var sink: ResponseSink {
        .stream(
            ResponseStream(
                accept: { self.accept($0) },
                write: { bytes, offset in self.write(bytes, at: offset) }))
    }

    /// What came of the request, given what was stored of the answer.
    func outcome(
        _ result: Result<HTTPResponse, TransportFailure>
    ) -> Result<HTTPResponse, TransportFailure> {
        state.withLock { $0.content.outcome(result) }
    }

    /// Whether the body is what was asked for.
    private func accept(_ response: HTTPResponse) -> Bool {
        state.withLock { $0.content.begin(response) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        let arrival = state.withLock { state -> (part: ContentPart, end: Int64, isDue: Bool)? in
            guard let part = state.content.part, !state.isClosed else { return nil }
            do throws(ContentError) {
                try file.write(bytes, at: part.start + offset)
            } catch {
                state.content.notStored(PosixError(rawValue: error.errorNumber))
                return nil
            }
            state.content.stored(offset + Int64(bytes.count))
            let end = part.start + state.content.count
            let isDue = end >= state.reported + Self.reportingStep
            if isDue { state.reported = end }
            return (part, end, isDue)
        }
        guard let arrival else { return false }
        if arrival.isDue { report(arrival.part, arrival.part.start..<arrival.end) }
        return true
    }

    /// Stores nothing any more; waits for what is just being stored.
    package func close() { state.withLock { $0.isClosed = true } }
}
