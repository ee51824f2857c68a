import Core
import Synchronization

/// The engine under its lock, with what makes its steps real.
///
/// Every step runs the same way: the engine decides under the lock; its records are queued for the
/// database in the order of the steps; the caller waits until they are written; then the effects
/// are carried out. So whatever the outside world sees of a step is already on the disk.
package final class EngineHost: Sendable {
    private let engine: Mutex<Engine>
    private let store: StateStore
    private let interpreter: Interpreter
    private let reserve: DiskReserve

    package init(
        _ engine: Engine, store: StateStore, interpreter: Interpreter, reserve: DiskReserve
    ) {
        self.engine = Mutex(engine)
        self.store = store
        self.interpreter = interpreter
        self.reserve = reserve
    }

    /// Runs one step of the engine, for which a program waits.
    ///
    /// - Parameters:
    ///   - undo: Takes back what the step gave, if the program is told that it failed: its records
    ///     cannot be written. They are written later, those of the way back behind them.
    ///   - body: The step.
    /// - Returns: What the step gives.
    /// - Throws: What the step throws; `ENOSPC` or `EIO` if its records cannot be written.
    package func step<Value: Sendable>(
        undoing undo: (inout Engine, Value, Timestamp) -> Void = { _, _, _ in },
        _ body: (inout Engine, Timestamp) throws(PosixError) -> Value
    ) throws(PosixError) -> Value {
        try step(usingReserve: true, undoing: undo, body)
    }

    private func step<Value: Sendable>(
        usingReserve mayUseReserve: Bool, undoing undo: (inout Engine, Value, Timestamp) -> Void,
        _ body: (inout Engine, Timestamp) throws(PosixError) -> Value
    ) throws(PosixError) -> Value {
        let now = Clock.now
        let (result, ticket, effects) = engine.withLock { engine in
            let result = Result { () throws(PosixError) in try body(&engine, now) }
            let output = engine.takeOutput()
            let ticket = output.records.isEmpty ? nil : store.enqueue(output.records)
            return (result, ticket, output.effects)
        }
        var failure: PosixError?
        if let ticket {
            do throws(StoreError) {
                try write(ticket, usingReserve: mayUseReserve)
            } catch {
                interpreter.storeFailed(error)
                failure = error.posixError
            }
        }
        for effect in effects { interpreter.run(effect, on: self) }
        if let failure {
            if case .success(let value) = result {
                notify { engine, now in undo(&engine, value, now) }
            }
            throw failure
        }
        return try result.get()
    }

    /// Whether content files may take more of the disk, or what is left of it is the database's.
    package var mayFill: Bool { reserve.mayFill }

    /// Waits until the records are written; what programs do may use the last room on the disk.
    private func write(
        _ ticket: CommitTicket, usingReserve mayUseReserve: Bool
    ) throws(StoreError) {
        do throws(StoreError) {
            try store.wait(for: ticket)
        } catch {
            guard mayUseReserve, error.isTransient, reserve.giveUp() else { throw error }
            try store.wait(for: ticket)
        }
    }

    /// Runs one step that no program waits for: a failure of the database is reported, not thrown,
    /// and its records are written with the next step.
    package func notify(_ body: (inout Engine, Timestamp) -> Void) {
        do throws(PosixError) {
            try step(usingReserve: false, undoing: { _, _, _ in }) {
                engine, now throws(PosixError) in
                body(&engine, now)
            }
        } catch {
            // The interpreter has reported it.
        }
    }

    /// Makes everything that was recorded survive a power failure.
    ///
    /// Returns whether it does.
    package func makeDurable() -> Bool {
        do throws(StoreError) {
            try store.sync()
            return true
        } catch {
            interpreter.storeFailed(error)
            return false
        }
    }

    /// Reads the state without changing it.
    package func read<Value: Sendable>(_ body: (borrowing Engine) -> Value) -> Value {
        engine.withLock { body($0) }
    }
}

extension StoreError {
    /// What a program is told whose change cannot be recorded.
    fileprivate var posixError: PosixError { isTransient ? .noSpace : .inputOutput }
}
