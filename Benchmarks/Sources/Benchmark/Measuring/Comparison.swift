/// Runs the same work on several sides in turns, so that what else the machine does meets all alike.
struct Comparison {
    struct Side {
        let name: String
        /// Does the work once and returns how many seconds it took.
        let seconds: () throws -> Double

        init(_ name: String, _ seconds: @escaping () throws -> Double) {
            self.name = name
            self.seconds = seconds
        }
    }

    private let names: [String]
    private let times: [[Double]]

    /// Measures: the first side is the product.
    ///
    /// - Parameter hasWarmUp: Whether each side does the work once before that counts.
    init(rounds: Int, hasWarmUp: Bool = true, _ sides: [Side]) throws {
        names = sides.map(\.name)
        var times: [[Double]] = Array(repeating: [], count: sides.count)
        if hasWarmUp {
            for side in sides { _ = try side.seconds() }
        }
        for round in 0..<rounds {
            // Forwards and backwards, so that no side always comes after the same other one.
            let order = Array(sides.indices)
            for index in round % 2 == 0 ? order : order.reversed() {
                times[index].append(try sides[index].seconds())
            }
        }
        self.times = times
    }

    /// The product against the side of this name; both numbers of a ratio are of the same round.
    func finding(_ mark: String, _ work: String, against name: String, _ goal: Goal) -> Finding {
        guard let index = names.firstIndex(of: name) else { preconditionFailure("no side \(name)") }
        let ratios = zip(times[0], times[index]).map { product, other in
            switch goal {
            case .speedAtLeast: other / product
            case .timeAtMost, .atMost, .atLeast, .none: product / other
            }
        }
        var finding = Finding(mark, work, against: name, goal, Sample(ratios))
        finding.seconds = (Sample(times[0]), Sample(times[index]))
        return finding
    }
}
