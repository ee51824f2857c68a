/// Looking for built-in bugs.
extension Mutant {
    /// How a bug was found.
    package struct Finding: Sendable {
        /// How many scenarios were played until then.
        package var count: Int
        package var seed: UInt64
        package var violation: Violation
    }

    /// Plays scenarios until one fails, which it does not without the bug.
    ///
    /// Those that have nothing of what the bug needs are left out.
    ///
    /// - Parameters:
    ///   - hint: A seed to try before all others.
    ///   - limit: How many to play at most.
    /// - Returns: Nil if none fails.
    package func find(hint: UInt64? = nil, limit: Int) -> Finding? {
        if let hint, let violation = Scenario(seed: hint).violation(dueTo: self) {
            return Finding(count: 1, seed: hint, violation: violation)
        }
        var seed: UInt64 = 0
        var count = 0
        while count < limit {
            seed += 1
            let scenario = Scenario(seed: seed)
            guard mayShow(in: scenario) else { continue }
            count += 1
            if let violation = scenario.violation(dueTo: self) {
                return Finding(count: count, seed: seed, violation: violation)
            }
        }
        return nil
    }

    /// Whether a scenario has what it takes for the bug to have an effect.
    private func mayShow(in scenario: Scenario) -> Bool {
        let settings = scenario.settings
        return switch self {
        case .uploadWithoutCondition, .creationReplaces: scenario.actors(where: \.writes) > 1
        case .deletionWithoutCondition: scenario.actors(where: \.removes) > 0 && scenario.isShared
        case .moveWithoutCondition: scenario.actors(where: \.moves) > 1
        case .missingTakenForAbsent:
            settings.faults.contains(.notFound) || settings.oddities.contains(.transientNotFound)
        case .firstPageTakenForAll: settings.oddities.contains(.smallPages)
        case .cursorCommittedFirst, .nodeRecordsLost, .generationRecordsLost, .agreedBeforeAnswer,
            .contentNotFound, .identitiesReused:
            settings.faults.contains(.kill)
        case .sentForgotten:
            settings.faults.contains(.kill) && !scenario.isShared && scenario.comesBack
        case .errorBodyStored:
            settings.faults.contains(.portal)
                && !settings.oddities.isDisjoint(with: [.hashesMissing, .hashesLate])
        case .locksUnseen:
            scenario.steps.contains { [.readLocked, .writeLocked].contains($0.deed.kind) }
        case .guardIgnored: settings.deleteGuard < Settings().deleteGuard
        case .downloadsUnverified: settings.faults.contains(.corruptBytes)
        case .lostReplyTakenForSuccess:
            !settings.faults.isDisjoint(with: [.lostReply, .timeout, .dropped, .unreachable])
        case .entriesSkipped, .writerUnseen, .frozenBytesChanged, .editTakenForBase, .wakesLost,
            .timersLost, .movesDropped, .renameTakenForDeletion, .tombstonesReplayed, .staleAnswers,
            .timeInvented, .canary:
            true
        }
    }
}

extension Scenario {
    /// Whether more than one has a part in it.
    fileprivate var isShared: Bool {
        Set(steps.map(\.actor)).subtracting([.origin]).count > 1
    }

    /// Whether somebody changes a file or its name and does so again.
    fileprivate var comesBack: Bool {
        let changes = steps.filter {
            $0.actor != .origin && ($0.deed.kind.writes || $0.deed.kind.moves)
        }
        return Set(changes.map(\.deed.path)).count < changes.count
    }

    /// How many do something of a kind.
    fileprivate func actors(where isMeant: (Deed.Kind) -> Bool) -> Int {
        Set(steps.filter { isMeant($0.deed.kind) }.map(\.actor)).subtracting([.origin]).count
    }
}

extension Deed.Kind {
    fileprivate var writes: Bool {
        switch self {
        case .write, .edit, .append, .writeSlowly, .writeDurably, .saveByRename, .saveWithBackup,
            .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .rework, .writeLocked,
            .truncate:
            true
        case .read, .readSlowly, .readLocked, .touch, .remove, .scratch, .makeDirectory,
            .removeDirectory, .removeTree, .rename, .exchange, .retype, .list, .pin, .unpin, .free,
            .synchronize:
            false
        }
    }

    fileprivate var removes: Bool {
        switch self {
        case .remove, .removeDirectory, .removeTree, .retype, .saveByDeleting, .rename, .rework:
            true
        case .write, .edit, .append, .writeSlowly, .writeDurably, .saveByRename, .saveWithBackup,
            .saveDroppingBackup, .saveUnderLockFile, .read, .readSlowly, .readLocked, .writeLocked,
            .truncate, .touch, .scratch, .makeDirectory, .exchange, .list, .pin, .unpin, .free,
            .synchronize:
            false
        }
    }

    fileprivate var moves: Bool {
        switch self {
        case .rename, .exchange, .rework: true
        case .write, .edit, .append, .writeSlowly, .writeDurably, .saveByRename, .saveWithBackup,
            .saveDroppingBackup, .saveByDeleting, .saveUnderLockFile, .read, .readSlowly,
            .readLocked, .writeLocked, .truncate, .touch, .remove, .scratch, .makeDirectory,
            .removeDirectory, .removeTree, .retype, .list, .pin, .unpin, .free, .synchronize:
            false
        }
    }
}
