/// What has come of the answer to a request for content, and what that makes of the request.
package struct ReceivedContent: Sendable {
    /// What was asked, which says what may be stored.
    private let call: GraphCall
    /// What the body holds; nil before its head has come.
    package private(set) var part: ContentPart?
    /// How many bytes of the body were stored.
    package private(set) var count: Int64 = 0
    /// The head of an answer of which nothing may be stored.
    private var refused: HTTPResponse?
    private var failure: PosixError?

    package init(for call: GraphCall) { self.call = call }

    /// The head has come; returns whether the body is what was asked for.
    package mutating func begin(_ response: HTTPResponse) -> Bool {
        guard case .content(let part) = GraphAnswer(to: call, response) else {
            refused = response
            return false
        }
        self.part = part
        return true
    }

    /// So many bytes of the body are stored by now.
    package mutating func stored(_ count: Int64) { self.count = count }

    /// Bytes of the body could not be stored.
    package mutating func notStored(_ error: PosixError) { failure = error }

    /// What came of the request, given how the transfer ended.
    ///
    /// A body that ends before its head says counts as a connection that was lost.
    package func outcome(
        _ result: Result<HTTPResponse, TransportFailure>
    ) -> Result<HTTPResponse, TransportFailure> {
        if let failure { return .failure(.notStored(failure)) }
        if let refused { return .success(refused) }
        guard case .success = result, let expected = part?.count, count < expected else {
            return result
        }
        return .failure(.connectionLost(sentEverything: true))
    }
}
