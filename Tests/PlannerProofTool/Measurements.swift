import Core
import Glibc
import PlannerProof

/// How fast plans are made and pages are read, and how much memory the tree takes.
struct Measurements {
    private var lines: [(id: String, work: String, value: String, mark: String)] = []

    static func run(nodes: Int) {
        var measurements = Measurements()
        // First, while the process has no memory that was used before.
        measurements.measureDrive(nodes: nodes)
        measurements.measureSmallCases()
        measurements.measurePage()
        let width = measurements.lines.map(\.work.count).max() ?? 0
        for line in measurements.lines {
            let padding = String(repeating: " ", count: width - line.work.count)
            print("\(line.id)  \(line.work)\(padding)  \(line.value)  (mark: \(line.mark))")
        }
    }

    // MARK: M15

    private mutating func measureSmallCases() {
        let scope = SmallScope()
        let count = 20_000
        let stride = max(scope.count / count, 1)
        let trees = (0..<count).map { scope[($0 * stride) % scope.count].tree }
        let context = PlanContext(host: "here")
        let median = Self.median(of: 5) {
            for tree in trees where Planner.plan(tree, context: context).remote.count > 1000 {
                preconditionFailure("no small case has so many layers")
            }
        }
        add(
            "M15", "plans of small cases", "\(Int(Double(count) / median))/s", "50000/s")
    }

    // MARK: M14

    private mutating func measureDrive(nodes count: Int) {
        let before = Self.residentBytes
        var tree = Tree()
        let building = Self.seconds { tree = MeasuredDrive(count).tree }
        let perNode = (Self.residentBytes - before) / count
        add("M14", "memory of \(count) nodes", "\(perNode) bytes a node", "200")
        add("   ", "building the tree", Self.text(building), "none")
        let context = PlanContext(host: "here")
        for (changes, mark) in [(0, "1 s"), (1, "1 ms"), (1000, "20 ms"), (100_000, "2 s")] {
            var changed = tree
            MeasuredDrive.change(&changed, count: changes, of: count)
            var size = 0
            let median = Self.median(of: changes > 10_000 ? 3 : 7) {
                let plan = Planner.plan(changed, context: context)
                size = plan.local.count + plan.remote.reduce(0) { $0 + $1.count }
            }
            add("M14", "plan of \(changes) changes (\(size) actions)", Self.text(median), mark)
        }
    }

    // MARK: M19

    private mutating func measurePage() {
        let body = MeasuredPage.body(items: 1000)
        let response = HTTPResponse(
            status: 200, headers: [HTTPHeader("Content-Type", "application/json")], body: body)
        let count = 50
        let median = Self.median(of: 9) {
            for _ in 0..<count {
                guard case .page(let page) = GraphAnswer(to: .delta(.initial), response),
                    page.items.count == 1000
                else { preconditionFailure("the page is not read") }
            }
        }
        let megabytes = Double(body.count * count) / median / 1e6
        add("M19", "a page of changes to observations", "\(Int(megabytes)) MB/s", "400 MB/s")
    }

    // MARK: Measuring

    private mutating func add(_ id: String, _ work: String, _ value: String, _ mark: String) {
        lines.append((id, work, value, mark))
    }

    private static func seconds(_ body: () -> Void) -> Double {
        let duration = ContinuousClock().measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static func median(of runs: Int, _ body: () -> Void) -> Double {
        (0..<runs).map { _ in seconds(body) }.sorted()[runs / 2]
    }

    private static func text(_ seconds: Double) -> String {
        let microseconds = Int(seconds * 1e6)
        return microseconds < 10_000 ? "\(microseconds) µs" : "\(microseconds / 1000) ms"
    }

    /// What of this process is in memory.
    private static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return 0 }
        let fields = String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
