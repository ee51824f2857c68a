import Core
import Synchronization

/// Hands orders to the thread of an ``HTTPClient`` and wakes it up.
final class HTTPMailbox: Sendable {
    /// One thing to do.
    enum Command: Sendable {
        case start(Submission)
        case cancel(TransferID)
    }

    /// What was ordered since the last look.
    struct Orders: Sendable {
        var commands: [Command] = []
        var stops = false
    }

    /// Driven by the client's thread; others only wake it up.
    let multi: CurlMulti
    private let orders = Mutex(Orders())

    init(multi: consuming CurlMulti) {
        self.multi = multi
    }

    /// Passes a command on, or returns false if the client was told to stop.
    func post(_ command: Command) -> Bool {
        let (isOpen, wasEmpty) = orders.withLock { orders in
            guard !orders.stops else { return (false, false) }
            orders.commands.append(command)
            return (true, orders.commands.count == 1)
        }
        // Whoever posted first already wakes the thread up.
        if wasEmpty { multi.wakeUp() }
        return isOpen
    }

    func stop() {
        orders.withLock { $0.stops = true }
        multi.wakeUp()
    }

    /// Takes what was ordered.
    ///
    /// Once the client was told to stop, nothing more comes.
    func takeOrders() -> Orders {
        orders.withLock { orders in
            let taken = orders
            orders.commands = []
            return taken
        }
    }
}
