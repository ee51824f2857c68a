import GraphSimulator

/// Choices of one kind, written down so that a failing scenario can be made smaller: fewer and lower
/// numbers make a tamer one, and zero stands for the most harmless choice everywhere.
package struct ChoiceStream: Hashable, Sendable {
    package private(set) var taken: [Int] = []
    /// The choices that are made once more.
    package let replaying: [Int]
    private var random: SplitMix64?

    /// New choices, which follow from the seed.
    package init(seed: UInt64) {
        replaying = []
        random = SplitMix64(seed: seed)
    }

    /// The given choices once more; behind them only zeros.
    package init(replaying choices: [Int]) {
        replaying = choices
        random = nil
    }

    /// A number from zero up to `bound`, which is not among them.
    package mutating func next(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let choice: Int
        if random != nil {
            choice = Int((random?.next() ?? 0) >> 33) % bound
        } else {
            choice = taken.count < replaying.count ? replaying[taken.count] % bound : 0
        }
        taken.append(choice)
        return choice
    }

    /// True once in `odds` times.
    package mutating func isOne(in odds: Int) -> Bool { next(below: odds) == odds - 1 }

    package mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[next(below: elements.count)]
    }

    /// The choices without the zeros at the end, which follow by themselves.
    package var recorded: [Int] {
        let choices = taken.isEmpty ? replaying : taken
        let end = choices.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        return Array(choices[..<end])
    }
}
