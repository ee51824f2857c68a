import Core
import GraphSimulator

/// Programs that read and write files.
extension World {
    mutating func open(
        _ path: String, _ access: Program.Access, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        let found = find(path, number)
        switch found {
        case .node(let id): return open(id, access, &program, number)
        case .not(.failed(.noEntry)):
            guard access == .replacing else { return found.result }
            return create(path, &program, number)
        case .not: return found.result
        }
    }

    private mutating func open(
        _ id: NodeID, _ access: Program.Access, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        let canWrite = access != .reading && mutant != .writerUnseen
        let victim = access == .replacing ? content(of: id, number) : nil
        let outcome = step(number) { engine, now throws(PosixError) in
            try engine.open(id, canWrite: canWrite, truncating: access == .replacing, at: now)
        }
        switch outcome {
        case .value(let file):
            if access == .replacing {
                release(victim)
                noteWrite(to: id, number)
            }
            program.handle = handle(file, canWrite: access != .reading, number)
            if file.isExpected { step(number) { $0.wentOn(to: file.handle, at: $1) } }
            return .done
        case .error(let error): return .failed(error)
        case .ended:
            release(victim)
            return .ended
        }
    }

    private mutating func create(
        _ path: String, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        let parts = path.split(separator: "/")
        guard let name = parts.last.flatMap({ Name(String($0)) }) else { return .failed(.noEntry) }
        let found = find(parts.dropLast().joined(separator: "/"), number)
        guard case .node(let parent) = found else { return found.result }
        let outcome = step(number) { engine, now throws(PosixError) in
            try engine.create(parent, name, permissions: 0o644, canWrite: true, at: now)
        }
        switch outcome {
        case .value(.ready(let (_, file))):
            program.handle = handle(file, canWrite: true, number)
            return .done
        case .value(.wait(let wait)): return .wait(wait)
        case .error(let error): return .failed(error)
        case .ended: return .ended
        }
    }

    private func handle(
        _ file: OpenedFile, canWrite: Bool, _ number: Int
    ) -> Program.Handle {
        Program.Handle(
            file: file, canWrite: canWrite,
            writeCount: devices[number].writeCounts[file.node, default: 0])
    }

    // MARK: Writing

    mutating func put(
        _ position: Program.Position, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        change(&program, number) { world, generation, node in
            let old = world.devices[number].disk[generation] ?? []
            let text = world.ledger.newText()
            let offset =
                switch position {
                case .begin: 0
                case .end: old.count
                }
            world.devices[number].disk.write(text, to: generation, at: offset)
            return Int64(offset + text.count)
        }
    }

    mutating func truncate(
        to size: Int64, _ program: inout Program, _ number: Int
    ) -> CallOutcome {
        change(&program, number) { world, generation, node in
            world.devices[number].disk.resize(generation, to: Int(size))
            return nil
        }
    }

    /// Asks for permission and changes the bytes; `body` returns how far it wrote, or nil for
    /// another length.
    private mutating func change(
        _ program: inout Program, _ number: Int,
        _ body: (inout World, GenerationID, NodeID) -> Int64?
    ) -> CallOutcome {
        guard let handle = program.handle else { return .failed(.badDescriptor) }
        let node = handle.file.node
        while true {
            let outcome = step(number) { engine, now throws(PosixError) in
                try engine.prepareChange(node, at: now)
            }
            switch outcome {
            case .value(.wait(let wait)): return .wait(wait)
            case .error(let error): return .failed(error)
            case .ended: return .ended
            case .value(.ready(.copyFirst(let old, let new))):
                devices[number].disk.copy(old, to: new)
                if case .ended = step(number, { $0.copied(node, from: old, to: new, at: $1) }) {
                    return .ended
                }
                if mutant == .frozenBytesChanged { return finish(old, &program, number, body) }
            case .value(.ready(.recordFirst(let revision))):
                devices[number].database.synchronize()
                let outcome = step(number) { engine, _ in
                    engine.editRecorded(node, revision: revision)
                }
                if case .ended = outcome { return .ended }
            case .value(.ready(.granted(let generation))):
                return finish(generation, &program, number, body)
            }
        }
    }

    private mutating func finish(
        _ generation: GenerationID, _ program: inout Program, _ number: Int,
        _ body: (inout World, GenerationID, NodeID) -> Int64?
    ) -> CallOutcome {
        guard let node = program.handle?.file.node else { return .failed(.badDescriptor) }
        release(content(of: node, number))
        let end = body(&self, generation, node)
        let bytes = devices[number].disk[generation] ?? []
        ledger.note(bytes)
        noteWrite(to: node, number)
        program.handle?.written = bytes
        program.handle?.writeCount = devices[number].writeCounts[node, default: 0]
        program.handle?.bytes = nil
        // The bytes are in the file, and the engine has not heard of it.
        if isLastMoment(number) { return .ended }
        let outcome = step(number) { engine, now in
            if let end {
                engine.wrote(node, through: end, at: now)
            } else {
                engine.resized(node, to: Int64(bytes.count), at: now)
            }
        }
        if case .ended = outcome { return .ended }
        return .done
    }

    private mutating func noteWrite(to node: NodeID, _ number: Int) {
        devices[number].writeCounts[node, default: 0] += 1
    }

    mutating func fsync(_ program: inout Program, _ number: Int) -> CallOutcome {
        guard let node = program.handle?.file.node else { return .failed(.badDescriptor) }
        if let generation = devices[number].engine.tree[node]?.generation {
            devices[number].disk.synchronize(generation)
        }
        if case .ended = step(number, { $0.flush(node, at: $1) }) { return .ended }
        devices[number].database.synchronize()
        if devices[number].engine.tree.local(node) != nil, let bytes = bytes(of: node, number) {
            ledger.close(bytes, isRequired: isUntouched(program, number))
            ledger.noteDurable(bytes)
        }
        return .done
    }

    mutating func close(_ program: inout Program, _ number: Int) -> CallOutcome {
        guard let handle = program.handle else { return .failed(.badDescriptor) }
        let node = handle.file.node
        if handle.canWrite, case .ended = step(number, { $0.flush(node, at: $1) }) {
            return .ended
        }
        if handle.written != nil, let bytes = bytes(of: node, number) {
            let isLinked = devices[number].engine.tree.local(node) != nil
            ledger.close(bytes, isRequired: isLinked && isUntouched(program, number))
        }
        program.handle = nil
        if handle.lock != nil, mutant != .locksUnseen {
            let owner = LockOwner(rawValue: handle.file.handle.rawValue)
            let outcome = step(number) {
                $0.closeDescriptor(of: handle.file.handle, on: node, owner: owner, at: $1)
            }
            if case .ended = outcome { return .ended }
        }
        if case .ended = step(number, { $0.release(handle.file.handle, at: $1) }) { return .ended }
        return .done
    }

    /// Whether nobody else changed the file since this program did.
    private func isUntouched(_ program: Program, _ number: Int) -> Bool {
        guard let handle = program.handle else { return false }
        return handle.writeCount == devices[number].writeCounts[handle.file.node, default: 0]
    }

    // MARK: Reading

    mutating func readAll(_ program: inout Program, _ number: Int) -> CallOutcome {
        guard let handle = program.handle else { return .failed(.badDescriptor) }
        guard let size = try? devices[number].engine.attributes(of: handle.file.node).size else {
            return .failed(.stale)
        }
        var bytes: [UInt8] = []
        if size > 0 {
            let outcome = step(number) { engine, now throws(PosixError) in
                try engine.read(handle.file.handle, 0..<size, at: now)
            }
            switch outcome {
            case .value(.wait(let wait)): return .wait(wait)
            case .error(let error): return .failed(error)
            case .ended: return .ended
            case .value(.ready(let readable)):
                bytes = Array((devices[number].disk[readable.generation] ?? []).prefix(Int(size)))
            }
        }
        check(bytes, read: &program, number)
        return .done
    }

    /// A reader sees one whole version from the first to the last byte; a writer sees what he wrote.
    private mutating func check(_ bytes: [UInt8], read program: inout Program, _ number: Int) {
        guard let handle = program.handle, isUntouched(program, number) else { return }
        if let written = handle.written {
            if bytes != written {
                fail(.lock, "client \(number) reads \(text(bytes)) where it wrote \(text(written))")
            }
            return
        }
        if let earlier = handle.bytes, earlier != bytes {
            fail(.wholeVersions, "client \(number) read \(text(earlier)) and then \(text(bytes))")
        }
        let hasWriter = devices[number].programs.contains {
            $0.handle?.file.node == handle.file.node && $0.handle?.canWrite == true
        }
        if !hasWriter, !ledger.isWhole(bytes) {
            fail(.wholeVersions, "client \(number) reads \(text(bytes)), which nobody wrote")
        }
        program.handle?.bytes = bytes
    }

    // MARK: What a file holds

    /// What somebody who looks at a file of the mount would find in it.
    enum Sight {
        case bytes([UInt8])
        case hash(QuickXorHash)
        /// The service told no hash: any version of this item.
        case item(ItemID)
    }

    func content(of id: NodeID, _ number: Int) -> Sight? {
        guard let node = devices[number].engine.tree[id], node.kind == .file else { return nil }
        switch node.local?.content {
        case nil: return bytes(of: id, number).map(Sight.bytes)
        case .edited, .rewritten: return bytes(of: id, number).map(Sight.bytes)
        case .hashed(let hash, _): return .hash(hash)
        case .unhashed: return node.item.map { .item($0.id) }
        }
    }

    /// What is in the content file of a node, without what lies behind the end of the file.
    func bytes(of id: NodeID, _ number: Int) -> [UInt8]? {
        guard let node = devices[number].engine.tree[id],
            let bytes = node.generation.flatMap({ devices[number].disk[$0] })
        else { return nil }
        guard let size = node.local?.content?.size else { return bytes }
        return Array(bytes.prefix(Int(size)))
    }

    /// Whoever overwrites or deletes what he could see takes the responsibility for it.
    mutating func release(_ sight: Sight?) {
        switch sight {
        case nil: break
        case .bytes(let bytes): ledger.release(bytes)
        case .hash(let hash): ledger.release(hash)
        case .item(let id):
            for holding in service.holdings() where holding.id == id.rawValue {
                ledger.release(holding.content.bytes)
            }
        }
    }

    func text(_ bytes: [UInt8]) -> String { "'\(String(decoding: bytes, as: UTF8.self))'" }
}
