import Core

/// The requests on the wire.
package struct RunningTransfers {
    private struct Running {
        let receiver: RangeReceiver?
        /// Nil until it has begun.
        var transfer: TransferID?
        var isCancelled = false
    }

    private var running: [RequestID: Running] = [:]
    /// Requests that were taken back before they were sent: steps of the engine are carried out by
    /// several threads.
    ///
    /// Among them are those that had ended just then, so the oldest are forgotten. Only so many as
    /// the threads have in hand at one moment matter, which are far fewer.
    private var unsent: [RequestID] = []
    private static let unsentMax = 256

    package init() {}

    /// Returns whether the request is to be sent.
    package mutating func begin(_ id: RequestID, _ receiver: RangeReceiver?) -> Bool {
        if let index = unsent.firstIndex(of: id) {
            unsent.remove(at: index)
            return false
        }
        running[id] = Running(receiver: receiver)
        return true
    }

    /// Returns whether the request is still wanted.
    package mutating func began(_ id: RequestID, as transfer: TransferID) -> Bool {
        running[id]?.transfer = transfer
        return running[id]?.isCancelled != true
    }

    package mutating func end(_ id: RequestID) { running[id] = nil }

    /// What is to be stopped.
    package mutating func cancel(_ id: RequestID) -> (TransferID?, RangeReceiver?) {
        guard let found = running[id] else {
            if unsent.count == Self.unsentMax { unsent.removeFirst() }
            unsent.append(id)
            return (nil, nil)
        }
        running[id]?.isCancelled = true
        return (found.transfer, found.receiver)
    }
}
