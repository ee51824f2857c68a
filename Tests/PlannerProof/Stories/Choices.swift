/// The choices of a random test, written down so that a failing case can be made smaller: fewer and
/// lower numbers make a simpler case, and zero stands for the simplest choice everywhere.
package struct Choices {
    package private(set) var taken: [Int] = []
    private let replayed: [Int]
    /// The state of a SplitMix64 generator; nil while choices are replayed.
    private var random: UInt64?

    /// New choices.
    package init(seed: UInt64) {
        replayed = []
        random = seed
    }

    /// The given choices once more; behind them only zeros.
    package init(replaying choices: [Int]) {
        replayed = choices
        random = nil
    }

    /// A number from zero up to `bound`, which is not among them.
    package mutating func next(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let choice: Int
        if let state = random {
            let next = state &+ 0x9E37_79B9_7F4A_7C15
            random = next
            choice = Int(Self.mixed(next) % UInt64(bound))
        } else {
            choice = taken.count < replayed.count ? replayed[taken.count] % bound : 0
        }
        taken.append(choice)
        return choice
    }

    private static func mixed(_ state: UInt64) -> UInt64 {
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// True once in `odds` times.
    package mutating func isOne(in odds: Int) -> Bool { next(below: odds) == odds - 1 }

    package mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[next(below: elements.count)]
    }

    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var rest = elements
        var result: [Element] = []
        while !rest.isEmpty { result.append(rest.remove(at: next(below: rest.count))) }
        return result
    }

    /// The simplest choices found that still fail.
    package static func shrunk(_ choices: [Int], attempts: Int, fails: ([Int]) -> Bool) -> [Int] {
        var best = choices
        var left = attempts
        func tries(_ candidate: [Int]) -> Bool {
            guard left > 0, candidate != best else { return false }
            left -= 1
            guard fails(candidate) else { return false }
            best = candidate
            return true
        }
        var isImproved = true
        while isImproved && left > 0 {
            isImproved = false
            var width = max(best.count / 2, 1)
            while width >= 1 {
                var start = 0
                while start < best.count {
                    var candidate = best
                    candidate.removeSubrange(start..<min(start + width, best.count))
                    if tries(candidate) { isImproved = true } else { start += width }
                }
                width /= 2
            }
            for index in best.indices where index < best.count && best[index] > 0 {
                for lower in [0, best[index] / 2, best[index] - 1] where lower < best[index] {
                    var candidate = best
                    candidate[index] = lower
                    if tries(candidate) {
                        isImproved = true
                        break
                    }
                }
            }
        }
        return best
    }
}
