import Core

/// Mutants of what a client keeps, and of what it is told about its disk.
extension Mutant {
    func change(_ configuration: inout EngineConfiguration) {
        if self == .guardIgnored { configuration.deleteGuard = .max }
    }

    func change(_ records: inout [RecordChange], _ memory: inout MutantMemory) {
        switch self {
        case .cursorCommittedFirst: holdBack(&records, &memory)
        case .nodeRecordsLost:
            records.removeAll { record in
                guard case .node = record else { return false }
                memory.count += 1
                return memory.count % 5 == 0
            }
        case .generationRecordsLost:
            records.removeAll { if case .generation = $0 { true } else { false } }
        case .sentForgotten: changeNodes(&records) { $0.sent = nil }
        case .agreedBeforeAnswer:
            changeNodes(&records) { node in
                guard let sent = node.sent else { return }
                node.synced = sent
                node.remote = .present(sent)
                node.sent = nil
            }
        case .identitiesReused:
            records.removeAll { record in
                switch record {
                case .setting(.nodeIdentity, _), .setting(.generationIdentity, _): true
                default: false
                }
            }
        default: break
        }
    }

    /// What came with a cursor is committed with the next step that has something to commit.
    private func holdBack(_ records: inout [RecordChange], _ memory: inout MutantMemory) {
        let held = memory.heldRecords
        memory.heldRecords = []
        let hasCursor = records.contains {
            if case .setting(.cursor, _) = $0 { true } else { false }
        }
        if hasCursor {
            memory.heldRecords = records.filter { if case .setting = $0 { false } else { true } }
            records.removeAll { if case .setting = $0 { false } else { true } }
        }
        records = held + records
    }

    private func changeNodes(_ records: inout [RecordChange], _ body: (inout Node) -> Void) {
        for index in records.indices {
            guard case .node(var node) = records[index] else { continue }
            body(&node)
            records[index] = .node(node)
        }
    }

    func change(_ effects: inout [Effect], _ memory: inout MutantMemory) {
        switch self {
        case .wakesLost:
            effects.removeAll { effect in
                guard case .wake = effect else { return false }
                memory.count += 1
                return memory.count % 3 == 0
            }
        case .timersLost:
            effects.removeAll { effect in
                guard case .setTimer = effect else { return false }
                memory.count += 1
                return memory.count % 4 != 0
            }
        default: break
        }
    }

    func change(_ inventory: inout Engine.ContentInventory) {
        if self == .contentNotFound { inventory.sizes = [:] }
    }
}
