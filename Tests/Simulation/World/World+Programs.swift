import Core
import GraphSimulator

/// Programs at work on the mounts.
extension World {
    mutating func begin(_ step: Step) {
        trace.note("> \(step)")
        switch step.actor {
        case .browser, .origin: browse(step.deed)
        case .client(let number):
            devices[number].programs.append(Program(step.deed, age: newAge()))
        }
    }

    /// What became of a system call.
    enum CallOutcome {
        case done
        case wait(WaitID)
        case failed(PosixError)
        /// The client ended, and the program with it.
        case ended
    }

    /// Lets a program do its next call.
    mutating func advance(_ number: Int, _ index: Int) {
        var program = devices[number].programs.remove(at: index)
        program.age = newAge()
        program.pauseEnd = nil
        if let wait = program.wait {
            program.wait = nil
            defer { program.awaitsLock = false }
            if program.awaitsLock, case .lock(let kind, let family)? = program.calls.first {
                // The end of this wait is the lock itself.
                program.handle?.lock = kind
                program.calls.removeFirst()
                if let handle = program.handle { checkExclusion(handle, kind, family, number) }
            }
            if case .some(.some(let error)) = devices[number].woken.removeValue(forKey: wait) {
                giveUp(program, error, number)
                return
            }
        }
        guard !program.calls.isEmpty else { return }
        let call = program.calls.removeFirst()
        // While it runs it counts among the programs: the client may end under it.
        devices[number].programs.append(program)
        var copy = program
        let result = run(call, &copy, number)
        if case .ended = result { return }
        devices[number].programs.removeLast()
        switch result {
        case .done:
            if case .pause(let seconds) = call {
                copy.pauseEnd = now.advanced(byNanoseconds: seconds * 1_000_000_000)
            }
            if !copy.calls.isEmpty { devices[number].programs.append(copy) }
        case .wait(let wait):
            copy.calls.insert(call, at: 0)
            copy.wait = wait
            devices[number].programs.append(copy)
        case .failed(let error): giveUp(copy, error, number)
        case .ended: return
        }
    }

    /// A call failed: the program ends, which closes its file.
    private mutating func giveUp(_ program: Program, _ error: PosixError, _ number: Int) {
        trace.note("client \(number): \(program.deed.kind.rawValue) fails: \(error)")
        guard program.handle != nil else { return }
        var program = program
        program.calls = []
        devices[number].programs.append(program)
        let result = close(&program, number)
        if case .ended = result { return }
        devices[number].programs.removeLast()
    }

    private mutating func run(
        _ call: Program.Call, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        switch call {
        case .open(let path, let access): open(path, access, &program, number)
        case .put(let position): put(position, &program, number)
        case .truncate(let size): truncate(to: size, &program, number)
        case .readAll: readAll(&program, number)
        case .fsync: fsync(&program, number)
        case .close: close(&program, number)
        case .rename(let from, let to, let mode): rename(from, to, mode, number)
        case .unlink(let path): unlink(path, number)
        case .makeDirectory(let path): makeDirectory(path, number)
        case .removeDirectory(let path): removeDirectory(path, number)
        case .touch(let path): touch(path, number)
        case .list(let path): list(path, number)
        case .removeTree(let path): removeTree(path, &program, number)
        case .retype(let path): retype(path, &program, number)
        case .lock(let kind, let family): lock(kind, family, &program, number)
        case .unlock(let family): unlock(family, &program, number)
        case .pin(let path):
            change(path, number) { engine, id, now throws(PosixError) in
                try engine.pin(id, at: now)
            }
        case .unpin(let path):
            change(path, number) { engine, id, now throws(PosixError) in
                try engine.unpin(id, at: now)
            }
        case .free(let path):
            change(path, number) { engine, id, now throws(PosixError) in
                _ = try engine.free(id, at: now)
            }
        case .synchronize:
            result(of: step(number) { $0.synchronize(at: $1) }, number)
        case .pause: .done
        }
    }

    private func result<Value>(of outcome: Outcome<Value>, _ number: Int) -> CallOutcome {
        switch outcome {
        case .value: .done
        case .error(let error): .failed(error)
        case .ended: .ended
        }
    }

    /// Unwraps the answer of a call that may wait.
    private func settle<Value>(
        _ outcome: Outcome<Answer<Value>>, _ use: (Value) -> CallOutcome
    ) -> CallOutcome {
        switch outcome {
        case .value(.ready(let value)): use(value)
        case .value(.wait(let wait)): .wait(wait)
        case .error(let error): .failed(error)
        case .ended: .ended
        }
    }

    private mutating func change(
        _ path: String, _ number: Int,
        _ body: (inout Engine, NodeID, Timestamp) throws(PosixError) -> Void
    ) -> CallOutcome {
        let found = find(path, number)
        guard case .node(let id) = found else { return found.result }
        return result(
            of: step(number) { engine, now throws(PosixError) in try body(&engine, id, now) },
            number)
    }

    // MARK: Paths

    enum Found {
        case node(NodeID)
        case not(CallOutcome)
    }

    mutating func find(_ path: String, _ number: Int) -> Found {
        var current = NodeID.root
        for part in path.split(separator: "/") {
            guard let name = Name(String(part)) else { return .not(.failed(.invalidArgument)) }
            let parent = current
            let outcome = step(number) { engine, now throws(PosixError) in
                try engine.lookup(parent, name, at: now)
            }
            switch outcome {
            case .value(.ready(let entry)): current = entry.node
            case .value(.wait(let wait)): return .not(.wait(wait))
            case .error(let error): return .not(.failed(error))
            case .ended: return .not(.ended)
            }
        }
        return .node(current)
    }

    private mutating func findParent(_ path: String, _ number: Int) -> (Found, Name) {
        let parts = path.split(separator: "/")
        let name = parts.last.flatMap { Name(String($0)) } ?? "none"
        return (find(parts.dropLast().joined(separator: "/"), number), name)
    }

    // MARK: Names

    private mutating func rename(
        _ from: String, _ to: String, _ mode: RenameMode, _ number: Int
    ) -> CallOutcome {
        let (parent, name) = findParent(from, number)
        guard case .node(let parent) = parent else { return parent.result }
        let (newParent, newName) = findParent(to, number)
        guard case .node(let newParent) = newParent else { return newParent.result }
        let tree = devices[number].engine.tree
        let source = tree.child(of: parent, named: name)
        let target = tree.child(of: newParent, named: newName)
        let victim = target.flatMap {
            mode == .replace && source != $0 ? content(of: $0, number) : nil
        }
        let outcome = step(number) { engine, now throws(PosixError) in
            try engine.rename(name, in: parent, to: newName, in: newParent, mode: mode, at: now)
        }
        if case .value(.ready) = outcome { release(victim) }
        // A call that ended midway may have happened.
        if case .ended = outcome { release(victim) }
        return settle(outcome) { _ in .done }
    }

    private mutating func unlink(_ path: String, _ number: Int) -> CallOutcome {
        let (parent, name) = findParent(path, number)
        guard case .node(let parent) = parent else { return parent.result }
        let victim = devices[number].engine.tree.child(of: parent, named: name)
            .flatMap { content(of: $0, number) }
        let outcome = step(number) { engine, now throws(PosixError) in
            try engine.unlink(parent, name, at: now)
        }
        switch outcome {
        case .value(.ready), .ended: release(victim)
        case .value(.wait), .error: break
        }
        return settle(outcome) { _ in .done }
    }

    private mutating func makeDirectory(_ path: String, _ number: Int) -> CallOutcome {
        let (parent, name) = findParent(path, number)
        guard case .node(let parent) = parent else { return parent.result }
        return settle(
            step(number) { engine, now throws(PosixError) in
                try engine.makeDirectory(parent, name, permissions: 0o755, at: now)
            }
        ) { _ in .done }
    }

    private mutating func removeDirectory(_ path: String, _ number: Int) -> CallOutcome {
        let (parent, name) = findParent(path, number)
        guard case .node(let parent) = parent else { return parent.result }
        return settle(
            step(number) { engine, now throws(PosixError) in
                try engine.removeDirectory(parent, name, at: now)
            }
        ) { _ in .done }
    }

    private mutating func list(_ path: String, _ number: Int) -> CallOutcome {
        let found = find(path, number)
        guard case .node(let id) = found else { return found.result }
        return settle(
            step(number) { engine, now throws(PosixError) in try engine.list(id, at: now) }
        ) { _ in .done }
    }

    private mutating func removeTree(
        _ path: String, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        let found = find(path, number)
        guard case .node(let id) = found else { return found.result }
        let outcome = step(number) { engine, now throws(PosixError) in try engine.list(id, at: now)
        }
        guard case .value(.ready(let children)) = outcome else {
            return settle(outcome) { _ in .done }
        }
        let engine = devices[number].engine
        var calls: [Program.Call] = []
        for child in children {
            guard let (name, entry) = engine.listed(child, in: id) else { continue }
            let inside = "\(path)/\(name.string)"
            calls.append(
                entry.attributes.kind == .directory ? .removeTree(inside) : .unlink(inside))
        }
        program.calls = calls + [.removeDirectory(path)] + program.calls
        return .done
    }

    private mutating func retype(
        _ path: String, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        let found = find(path, number)
        guard case .node(let id) = found else { return found.result }
        if devices[number].engine.tree[id]?.kind == .file {
            program.calls = [.unlink(path), .makeDirectory(path)]
        } else {
            program.calls =
                [.removeTree(path)] + [.open(path: path, .replacing), .put(.begin), .close]
        }
        return .done
    }

    private mutating func touch(_ path: String, _ number: Int) -> CallOutcome {
        let found = find(path, number)
        guard case .node(let id) = found else { return found.result }
        let change = AttributeChange(modified: .at(now.advanced(byNanoseconds: -90_000_000_000)))
        return result(
            of: step(number) { engine, now throws(PosixError) in
                try engine.setAttributes(id, change, at: now)
            }, number)
    }
}

extension World.Found {
    var result: World.CallOutcome {
        switch self {
        case .node: .done
        case .not(let result): result
        }
    }
}
