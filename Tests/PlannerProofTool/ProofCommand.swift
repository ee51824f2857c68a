import Core
import Glibc
import PlannerProof

/// What the tool can be told to do.
enum ProofCommand {
    /// Looks at every small case, or at one part of so many.
    static func exhaustive(part: String?) {
        let numbers = part?.split(separator: "/").compactMap { Int($0) } ?? [1, 1]
        guard numbers.count == 2, numbers[1] > 0, (1...numbers[1]).contains(numbers[0]) else {
            end("a part is written like 1/2")
        }
        let scope = SmallScope()
        let start = ContinuousClock.now
        var count = 0
        var number = numbers[0] - 1
        while number < scope.count {
            let one = scope[number]
            if let failure = one.failure() {
                end("case \(number) of \(scope.count): \(failure)\n\(one.text)")
            }
            count += 1
            if count % 200_000 == 0 { print("\(count) cases") }
            number += numbers[1]
        }
        say("\(count) of \(scope.count) small cases, nothing lost", count, since: start)
    }

    /// Tells so many stories for each property.
    static func stories(count: UInt64) {
        for property in PlanProperty.allCases {
            let start = ContinuousClock.now
            if let (seed, found) = Story.finding(against: property, seeds: 1..<count + 1) {
                end(
                    "\(property.rawValue)\nseed \(seed): \(found.message)\n\(found.text)\n"
                        + "choices: \(found.choices)")
            }
            say(property.rawValue, Int(count), since: start)
        }
    }

    private static func say(_ text: String, _ count: Int, since start: ContinuousClock.Instant) {
        let duration = ContinuousClock.now - start
        let seconds =
            Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        print("\(text): \(count) cases, \(Int(Double(count) / max(seconds, 0.001))) a second")
    }

    private static func end(_ text: String) -> Never {
        print(text)
        exit(1)
    }
}
