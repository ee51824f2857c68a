import Core
import Glibc
import Shell
import Synchronization

/// Threads that do the same things over and over until they are told to stop, while somebody watches
/// that all of them get on.
final class Crew: Sendable {
    private struct Member {
        let name: String
        let thread: JoinableThread
        let ended: Semaphore
    }

    private struct State {
        var members: [Member] = []
        var turns: [String: Int] = [:]
        var problems: [String] = []
    }

    /// Raised after each turn of anybody.
    private let turned = Semaphore()
    private let stops = Atomic(false)
    private let state = Mutex(State())

    /// Only a thread that hangs takes so long for one turn, in seconds, on the slowest machine.
    static let patience = 120

    var isOver: Bool { stops.load(ordering: .relaxed) }

    /// What went wrong; nothing of that may.
    var problems: [String] { state.withLock { $0.problems } }

    /// How many have turns.
    var size: Int { state.withLock { $0.members.count } }

    /// How many turns each has had.
    var turns: [String: Int] { state.withLock { $0.turns } }

    /// Something is not as it must be: all stop.
    func complain(_ text: String) {
        state.withLock { state in
            if state.problems.count < 20 { state.problems.append(text) }
        }
        stops.store(true, ordering: .relaxed)
    }

    /// Lets a thread have turns until all stop.
    ///
    /// An error that is not expected is a problem.
    func add(
        _ name: String, expecting expected: Set<PosixError> = [],
        _ turn: @escaping @Sendable (_ number: Int) throws -> Void
    ) throws {
        let ended = Semaphore()
        let thread = try JoinableThread(name: name) { [self] in
            var number = 0
            while !isOver {
                do {
                    try turn(number)
                } catch let error as PosixError where expected.contains(error) {
                } catch {
                    complain("\(name): \(error)")
                }
                number += 1
                state.withLock { $0.turns[name] = number }
                turned.raise()
            }
            ended.raise()
        }
        state.withLock { $0.members.append(Member(name: name, thread: thread, ended: ended)) }
    }

    /// Waits until something holds, as long as everybody is patient; else that is a problem.
    func wait(for what: String, until holds: () throws -> Bool) rethrows {
        let start = Self.seconds
        while !isOver {
            if try holds() { return }
            guard Self.seconds - start < Self.patience else {
                return complain("waited in vain for \(what); turns: \(turns)")
            }
            _ = turned.wait(seconds: 1)
        }
    }

    /// Tells all to stop, and waits until they have.
    ///
    /// - Parameter breakUp: Called if somebody hangs, to set him free.
    func stop(breakUp: () -> Void = {}) {
        stops.store(true, ordering: .relaxed)
        let members = state.withLock { state in
            defer { state.members = [] }
            return state.members
        }
        let hanging = members.filter { !$0.ended.wait(seconds: Self.patience) }
        if !hanging.isEmpty {
            complain("\(hanging.map(\.name)) hang; turns: \(turns)")
            breakUp()
        }
        for member in members { member.thread.join() }
    }

    private static var seconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
