import Core
import Synchronization

/// Stores the body of a ranged answer where it belongs.
package final class RangeReceiver: Sendable {
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
        var isClosed = false
    }

    private let file: ContentFile
    /// What was asked, which says what may be stored.
    private let call: GraphCall
    private let report: @Sendable (ContentPart, Range<Int64>) -> Void
    private let state: Mutex<State>

    package init(
        file: ContentFile, begin: Int64, call: GraphCall,
        report: @escaping @Sendable (ContentPart, Range<Int64>) -> Void
    ) {
        self.file = file
        self.call = call
        self.report = report
        state = Mutex(State(reported: begin))
    }

    package var sink: ResponseSink {
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
        let arrival = state.withLock { state -> (part: ContentPart, end: Int64, isDue: Bool)? in
            guard let part = state.part, !state.isClosed else { return nil }
            do throws(ContentError) {
                try file.write(bytes, at: part.start + offset)
            } catch {
                state.failure = PosixError(rawValue: error.errorNumber)
                return nil
            }
            state.count = offset + Int64(bytes.count)
            let end = part.start + state.count
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
