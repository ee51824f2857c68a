import GraphSimulator

/// One case of the simulation, as a value: where it takes place, what is done, and the choices of the
/// schedule and of the faults.
///
/// Three streams of choices that do not touch each other: taking a fault away leaves the deeds as
/// they are.
package struct Scenario: Hashable, Sendable {
    package var settings = Settings()
    package var steps: [Step] = []
    /// Who comes next, at each moment; behind the end, first come, first served.
    package var schedule: ChoiceStream
    /// What goes wrong, at each moment; behind the end, nothing.
    package var faults: ChoiceStream

    package static let clientCount = 3

    /// A random scenario.
    ///
    /// The same seed gives the same one.
    package init(seed: UInt64) {
        var streams = SplitMix64(seed: seed)
        var workload = ChoiceStream(seed: streams.next())
        schedule = ChoiceStream(seed: streams.next())
        faults = ChoiceStream(seed: streams.next())
        settings = Settings(&workload)
        steps = Self.steps(&workload)
    }

    package init(
        settings: Settings, steps: [Step], schedule: [Int] = [], faults: [Int] = []
    ) {
        self.settings = settings
        self.steps = steps
        self.schedule = ChoiceStream(replaying: schedule)
        self.faults = ChoiceStream(replaying: faults)
    }

    // MARK: Random scenarios

    private static let names = ["a", "b", "A", "c.docx", "\u{E9}", "e\u{301}", "con"]
    private static let directories = ["", "", "d", "d", "e", "d/e", "e/d", "d/d"]
    private static let stepsMax = 6
    private static let originStepsMax = 7
    /// How many drives there are to begin with.
    private static let originCount = 48

    private static func steps(_ choices: inout ChoiceStream) -> [Step] {
        // Some kinds of deeds are off in each scenario.
        let kinds = Deed.Kind.allCases.filter { _ in choices.next(below: 4) != 3 }
        let writers = 1 + choices.next(below: clientCount)
        let hasBrowser = choices.next(below: 2) == 0
        let nameCount = 2 + choices.next(below: names.count - 1)
        let count = 1 + choices.next(below: stepsMax)
        var steps = origin(choices.next(below: originCount))
        let files = steps.filter { $0.deed.kind == .write }.map(\.deed.path)
        for _ in 0..<count {
            let number = choices.next(below: writers + (hasBrowser ? 1 : 0))
            let actor = number < writers ? Step.Actor.client(number) : .browser
            let able = actor == .browser ? kinds.filter(\.isForBrowser) : kinds
            guard let kind = choices.element(of: able) else { continue }
            var path = path(kind, nameCount, &choices)
            // Where nothing is, most deeds fail.
            let known = choices.element(of: files) ?? path
            let isFile = kind.isForFiles || kind.isForAnything && choices.next(below: 2) == 0
            if isFile,
                choices.next(below: 4) != 3
            {
                path = known
            }
            let target = kind.needsTarget ? self.path(kind, nameCount, &choices) : ""
            steps.append(Step(actor, Deed(kind, path, target)))
        }
        return steps
    }

    /// What is there before anybody begins.
    private static func origin(_ number: Int) -> [Step] {
        var choices = ChoiceStream(seed: UInt64(number))
        let nameCount = 2 + choices.next(below: names.count - 1)
        return (0..<choices.next(below: originStepsMax + 1)).map { _ in
            let kind: Deed.Kind = choices.next(below: 3) == 0 ? .makeDirectory : .write
            return Step(.origin, Deed(kind, path(kind, nameCount, &choices)))
        }
    }

    private static func path(
        _ kind: Deed.Kind, _ nameCount: Int, _ choices: inout ChoiceStream
    ) -> String {
        let directory = directories[choices.next(below: directories.count)]
        let isForDirectories =
            !kind.isForFiles
            && (!kind.isForAnything || choices.next(below: 3) == 0)
        if isForDirectories { return directory.isEmpty ? "d" : directory }
        let name = names[choices.next(below: nameCount)]
        return directory.isEmpty ? name : "\(directory)/\(name)"
    }
}

extension Settings {
    fileprivate init(_ choices: inout ChoiceStream) {
        self.init()
        profile = [.business, .business, .personal, .personalLegacy][choices.next(below: 4)]
        let oddOdds = [0, 12, 4][choices.next(below: 3)]
        if oddOdds > 0 {
            oddities = Set(Oddity.allCases.filter { _ in choices.isOne(in: oddOdds) })
        }
        let faultShare = [0, 2, 6][choices.next(below: 3)]
        if faultShare > 0 {
            faults = Set(FaultKind.allCases.filter { _ in choices.isOne(in: faultShare) })
        }
        let odds = [6, 12, 30][choices.next(below: 3)]
        if !faults.isEmpty { faultOdds = odds }
        deleteGuard = choices.isOne(in: 6) ? 2 : 1000
        pollInterval = [30, 30, 5, 600][choices.next(below: 4)]
        cacheLimit = choices.isOne(in: 6) ? 20 : nil
        isFresh = choices.isOne(in: 16)
        isReadBack = choices.isOne(in: 8)
    }
}
