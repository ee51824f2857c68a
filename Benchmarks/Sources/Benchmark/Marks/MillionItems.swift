import Foundation

extension Mark {
    /// A very large drive: told, interrupted, started again, and at rest.
    static let millionItems = Mark(
        ids: ["M2", "M3", "M18"], title: "1,000,000 items: enumeration, memory, start, idleness"
    ) { stage, report in
        let simulator = try Simulator(on: stage)
        try simulator.generate(folders: 1000, files: 1000, size: 1000)
        let product = try Product(on: stage, simulator)
        let time = try seconds {
            try product.start()
            try product.awaitEnumeration()
        }
        let mebibyte = Double(1 << 20)
        report.add(
            Finding(
                "M2", "enumerate 1,000,000 items", against: "", .none(unit: "items/s"),
                Sample([1_001_000 / time])))
        guard let process = product.process else { throw Problem("the program has ended") }
        report.add(
            Finding(
                "M2", "resident at the peak", against: "", .atMost(300, unit: "MiB"),
                Sample([process.memory("VmHWM") / mebibyte])))
        sleep(3)
        report.add(
            Finding(
                "M2", "resident afterwards", against: "", .atMost(200, unit: "MiB"),
                Sample([process.memory("VmRSS") / mebibyte])))
        try idle(product, &report)
        product.stop()
        try restart(product, on: stage, &report)
        try interrupt(simulator, on: stage, &report)
    }

    /// What it costs to do nothing.
    private static func idle(_ product: Product, _ report: inout Report) throws {
        guard let process = product.process else { throw Problem("the program has ended") }
        let length = 10.0
        let (time, before) = (process.processorSeconds, process.pauses)
        usleep(UInt32(length * 1e6))
        // A thread that is new has woken at least once; one that has ended no more.
        let pauses = process.pauses.reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) }
        report.add(
            Finding(
                "M18", "processor time at rest", against: "", .atMost(0.5, unit: "% of a core"),
                Sample([(process.processorSeconds - time) / length * 100])))
        report.add(
            Finding(
                "M18", "threads woken at rest", against: "", .atMost(1, unit: "per second"),
                Sample([pauses / length])))
    }

    /// How long the mount takes to answer when the state is there.
    private static func restart(
        _ product: Product, on stage: Stage, _ report: inout Report
    ) throws {
        let comparison = try Comparison(
            rounds: stage.options.rounds ?? 3,
            [
                .init("onedrive") {
                    let time = try seconds {
                        try product.start()
                        let names = try FileManager.default.contentsOfDirectory(
                            atPath: product.mount)
                        guard names == ["tree"] else { throw Problem("the root is not listed") }
                    }
                    product.stop()
                    return time
                },
                .init("sqlite3") {
                    try seconds {
                        try ChildProcess.run(
                            "sqlite3", [product.database, "SELECT * FROM node"],
                            discardingOutput: true)
                    }
                },
            ])
        report.add(
            comparison.finding(
                "M3", "start until ls answers", against: "sqlite3", .timeAtMost(2)))
        try product.start()
        sleep(3)
        report.add(
            Finding(
                "M3", "resident after a start", against: "", .atMost(200, unit: "MiB"),
                Sample([(product.process?.memory("VmRSS") ?? .nan) / Double(1 << 20)])))
        product.stop()
    }

    /// Whether an enumeration that was killed goes on where it was.
    private static func interrupt(
        _ simulator: Simulator, on stage: Stage, _ report: inout Report
    ) throws {
        let product = try Product(on: stage, simulator)
        try simulator.forgetRequests()
        try product.start()
        var before = 0
        try wait(for: "half of the pages", within: .seconds(120)) {
            usleep(50_000)
            before = try simulator.deltaPages().count
            return before >= 500
        }
        product.stop(SIGKILL)
        before = try simulator.deltaPages().count
        try product.start()
        try product.awaitEnumeration()
        let all = try simulator.deltaPages().count
        product.stop()
        // 1,001 pages and the last one, and at the most one is asked for twice.
        report.add(
            Finding(
                "M2", "pages asked for in all, killed after \(before)", against: "",
                .atMost(1010, unit: "pages"), Sample([Double(all)])))
    }
}
