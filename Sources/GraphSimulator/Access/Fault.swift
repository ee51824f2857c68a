import Core

/// Something that goes wrong with requests that match it.
package struct Fault: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Nothing is done; this is the answer. `retryAfter` is the header's text.
        case respond(status: Int, code: String, retryAfter: String? = nil)
        /// Nothing is done; the answer is this text, as of a proxy that knows no JSON.
        case respondText(status: Int, body: String)
        /// It is done, yet the answer is this.
        case executeThenRespond(status: Int, code: String)
        /// It is done, and the connection is dropped before an answer.
        case loseReply
        /// The connection is dropped, and nothing is done.
        case dropConnection
        /// The answer comes that much later.
        case delay(milliseconds: Int)
        /// The connection is dropped after that many bytes of the answer's body.
        case cutBody(after: UInt64)
        /// Only that many bytes of an upload's fragment arrive; the answer is a status 500.
        case shortenFragment(to: Int)
        /// The entries of a delta page are listed twice.
        case duplicateEntries
        /// The entries of a delta page come in another order.
        case shuffleEntries
    }

    /// What happens to the entries of a delta page.
    enum PageSpoiling: Hashable, Sendable {
        case duplicate, shuffle
    }

    /// The method to match; `nil` for all.
    package var method: String?
    /// A part of the target to match; empty for all.
    package var targetContains: String
    /// The kind of request to match; `nil` for all.
    package var operation: Operation?
    /// How many matching requests pass before it begins.
    package var skip: Int
    /// How many requests it hits.
    package var count: Int
    package var action: Action

    package init(
        _ action: Action, method: String? = nil, targetContains: String = "",
        operation: Operation? = nil, skip: Int = 0, count: Int = 1
    ) {
        self.action = action
        self.method = method
        self.targetContains = targetContains
        self.operation = operation
        self.skip = skip
        self.count = count
    }

    fileprivate func matches(_ request: SimulatedRequest, _ kind: Operation) -> Bool {
        (method.map { $0 == request.method } ?? true) && (operation.map { $0 == kind } ?? true)
            && (targetContains.isEmpty
                || request.target.utf8.contains(sequence: targetContains.utf8))
    }
}

/// The faults still to happen.
struct FaultScript: Sendable {
    private(set) var faults: [Fault] = []

    mutating func add(_ fault: Fault) {
        guard fault.count > 0 else { return }
        faults.append(fault)
    }

    mutating func clear() {
        faults = []
    }

    /// Returns the first fault that hits this request, and counts it.
    ///
    /// The control interface is safe.
    mutating func take(_ request: SimulatedRequest, _ operation: Operation) -> Fault? {
        guard !faults.isEmpty, operation != .control else { return nil }
        for index in faults.indices where faults[index].matches(request, operation) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            let fault = faults[index]
            faults[index].count -= 1
            if faults[index].count == 0 { faults.remove(at: index) }
            return fault
        }
        return nil
    }
}

extension Fault {
    var pageSpoiling: PageSpoiling? {
        switch action {
        case .duplicateEntries: .duplicate
        case .shuffleEntries: .shuffle
        case .respond, .respondText, .executeThenRespond, .loseReply, .dropConnection, .delay,
            .cutBody, .shortenFragment:
            nil
        }
    }

    /// The answer of a fault that keeps the request from being executed.
    func answerWithoutExecuting(requestID: String, now: Timestamp) -> SimulatedResponse? {
        switch action {
        case .respond(let status, let code, let retryAfter):
            let headers = retryAfter.map { [HTTPHeader("Retry-After", $0)] } ?? []
            return GraphFailure(status, code, "A simulated fault.", headers: headers)
                .response(requestID: requestID, now: now)
        case .respondText(let status, let body):
            return SimulatedResponse(
                status: status, headers: [HTTPHeader("Content-Type", "text/html")],
                body: .bytes(Array(body.utf8)))
        case .dropConnection:
            var response = SimulatedResponse.empty(503)
            response.delivery.dropsConnection = true
            return response
        case .executeThenRespond, .loseReply, .delay, .cutBody, .shortenFragment,
            .duplicateEntries, .shuffleEntries:
            return nil
        }
    }

    /// Changes the answer of a request that was executed.
    func spoil(_ response: inout SimulatedResponse, requestID: String, now: Timestamp) {
        switch action {
        case .executeThenRespond(let status, let code):
            response = GraphFailure(status, code, "A simulated fault.")
                .response(requestID: requestID, now: now)
        case .shortenFragment:
            response = GraphFailure(500, "generalException", "A simulated fault.")
                .response(requestID: requestID, now: now)
        case .loseReply: response.delivery.dropsConnection = true
        case .delay(let milliseconds): response.delivery.delayMilliseconds = milliseconds
        case .cutBody(let count): response.delivery.cutAfter = count
        case .respond, .respondText, .dropConnection, .duplicateEntries, .shuffleEntries: break
        }
    }

    /// Returns the exchange with what arrived of its body, if this fault shortens it.
    func shortened(_ exchange: Exchange) -> Exchange? {
        switch action {
        case .shortenFragment(let length):
            var result = exchange
            result.request.body = Array(exchange.request.body.prefix(length))
            result.isShortened = true
            return result
        case .respond, .respondText, .executeThenRespond, .loseReply, .dropConnection, .delay,
            .cutBody, .duplicateEntries, .shuffleEntries:
            return nil
        }
    }
}

extension GraphService {
    /// Adds a fault to the script; several that match the same request take turns in order.
    package mutating func inject(_ fault: Fault) {
        faults.add(fault)
    }

    /// Removes all faults that are left.
    package mutating func clearFaults() {
        faults.clear()
    }

    /// The faults that did not happen yet.
    package var pendingFaults: [Fault] { faults.faults }
}
