import Core
import Dispatch
import Synchronization

/// What to do when a wait of the engine ends.
///
/// A wait may end before its caller gets to say so.
final class WaitTable: Sendable {
    private enum Slot: Sendable {
        case waiting(@Sendable (PosixError?) -> Void)
        case ended(PosixError?)
    }

    private let slots = Mutex<[WaitID: Slot]>([:])
    /// Calls go on here: the thread that ended the wait has other work to do.
    let queue = DispatchQueue(label: "onedrive.resume", attributes: .concurrent)

    func wait(_ id: WaitID, then resume: @escaping @Sendable (PosixError?) -> Void) {
        let ended: PosixError?? = slots.withLock { slots in
            if case .ended(let error) = slots.removeValue(forKey: id) { return .some(error) }
            slots[id] = .waiting(resume)
            return .none
        }
        if let ended { queue.async { resume(ended) } }
    }

    func end(_ id: WaitID, _ error: PosixError?) {
        let resume: (@Sendable (PosixError?) -> Void)? = slots.withLock { slots in
            if case .waiting(let resume) = slots.removeValue(forKey: id) { return resume }
            slots[id] = .ended(error)
            return nil
        }
        if let resume { queue.async { resume(error) } }
    }

    /// Forgets a wait that its caller gave up.
    ///
    /// Returns whether it was still waiting.
    @discardableResult
    func cancel(_ id: WaitID) -> Bool {
        slots.withLock { slots in
            if case .waiting = slots[id] {
                slots[id] = nil
                return true
            }
            return false
        }
    }
}
