/// Playing a scenario, and making one that fails smaller.
extension Scenario {
    /// How a scenario went.
    package struct Report: Sendable {
        package var violation: Violation?
        /// Equal for equal runs.
        package var trace: UInt64
        package var coverage: Coverage
        /// How many steps the engines made.
        package var stepCount: Int
        /// What happened, if it was asked for.
        package var lines: [String]
        /// The scenario with the choices that were made.
        package var played: Scenario
    }

    package func run(mutant: Mutant? = nil, isVerbose: Bool = false) -> Report {
        var world = StartingPoint.world(for: self, mutant: mutant, isVerbose: isVerbose)
        world.playSteps()
        if world.violation == nil { world.rest() }
        var played = self
        played.schedule = ChoiceStream(replaying: world.schedule.recorded)
        played.faults = ChoiceStream(replaying: world.faults.recorded)
        return Report(
            violation: world.violation, trace: world.trace.value, coverage: world.coverage,
            stepCount: world.stepCount, lines: world.trace.lines, played: played)
    }

    /// What a built-in bug breaks; nil where the scenario fails without it, too.
    package func violation(dueTo mutant: Mutant) -> Violation? {
        guard let violation = run(mutant: mutant).violation, run().violation == nil else {
            return nil
        }
        return violation
    }

    /// The smallest scenario found that breaks the same rule.
    ///
    /// - Parameters:
    ///   - rule: What this one breaks.
    ///   - mutant: The bug that is built in.
    ///   - attempts: How many smaller scenarios to try.
    /// - Returns: This one, if no smaller one breaks the rule.
    package func shrunk(
        breaking rule: Violation.Rule, mutant: Mutant? = nil, attempts: Int = 1_500
    ) -> Scenario {
        var best = self
        var left = attempts
        func tries(_ candidate: Scenario) -> Bool {
            guard left > 0, candidate != best else { return false }
            left -= 1
            let report = candidate.run(mutant: mutant)
            guard report.violation?.rule == rule else { return false }
            best = report.played
            return true
        }
        var isImproved = true
        while isImproved, left > 0 {
            isImproved = false
            // Without the last choices first: behind them everything is tame.
            for keyPath in [\Scenario.faults, \Scenario.schedule] {
                isImproved = best.shrink(keyPath, tries, { best }) || isImproved
            }
            isImproved = best.shrinkSteps(tries, { best }) || isImproved
            isImproved = best.shrinkSettings(tries, { best }) || isImproved
        }
        return best
    }

    private func shrinkSteps(
        _ tries: (Scenario) -> Bool, _ best: () -> Scenario
    ) -> Bool {
        var isImproved = false
        var index = 0
        while index < best().steps.count {
            var candidate = best()
            candidate.steps.remove(at: index)
            if tries(candidate) { isImproved = true } else { index += 1 }
        }
        return isImproved
    }

    private static let tamer: [@Sendable (inout Settings) -> Void] = [
        { $0.isReadBack = false }, { $0.isFresh = false }, { $0.cacheLimit = nil },
        { $0.pollInterval = Settings().pollInterval }, { $0.deleteGuard = Settings().deleteGuard },
    ]

    private func shrinkSettings(
        _ tries: (Scenario) -> Bool, _ best: () -> Scenario
    ) -> Bool {
        var isImproved = false
        for change in Self.tamer {
            var candidate = best()
            change(&candidate.settings)
            isImproved = tries(candidate) || isImproved
        }
        for oddity in Settings.Oddity.allCases where best().settings.oddities.contains(oddity) {
            var candidate = best()
            candidate.settings.oddities.remove(oddity)
            isImproved = tries(candidate) || isImproved
        }
        for fault in FaultKind.allCases where best().settings.faults.contains(fault) {
            var candidate = best()
            candidate.settings.faults.remove(fault)
            isImproved = tries(candidate) || isImproved
        }
        return isImproved
    }

    private func shrink(
        _ stream: WritableKeyPath<Scenario, ChoiceStream>, _ tries: (Scenario) -> Bool,
        _ best: () -> Scenario
    ) -> Bool {
        var isImproved = false
        func attempt(_ change: (inout [Int]) -> Void) -> Bool {
            var choices = best()[keyPath: stream].replaying
            change(&choices)
            var candidate = best()
            candidate[keyPath: stream] = ChoiceStream(replaying: choices)
            return tries(candidate)
        }
        var width = max(best()[keyPath: stream].replaying.count, 1)
        while width >= 1 {
            var start = 0
            while start < best()[keyPath: stream].replaying.count {
                let isShorter = attempt { choices in
                    choices.removeSubrange(start..<min(start + width, choices.count))
                }
                if isShorter { isImproved = true } else { start += width }
            }
            width /= 2
        }
        for index in best()[keyPath: stream].replaying.indices {
            guard index < best()[keyPath: stream].replaying.count,
                best()[keyPath: stream].replaying[index] > 0
            else { continue }
            isImproved = attempt { if index < $0.count { $0[index] = 0 } } || isImproved
        }
        return isImproved
    }
}
