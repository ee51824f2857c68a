import Foundation

extension Mark {
    /// The first sync of a drive: every item is told, understood and stored.
    static let enumeration = Mark(
        ids: ["M1"], title: "first enumeration of 100,000 items until the cursor is stored"
    ) { stage, report in
        let items = 100_000
        let simulator = try Simulator(on: stage)
        try simulator.generate(folders: 99, files: 1009, size: 1000)
        var pages: [String] = []
        var rows = ""
        let comparison = try Comparison(
            rounds: stage.options.rounds ?? 3,
            [
                .init("onedrive") {
                    try simulator.forgetRequests()
                    let product = try Product(on: stage, simulator)
                    let time = try seconds {
                        try product.start()
                        try product.awaitEnumeration()
                    }
                    product.stop()
                    pages = try simulator.deltaPages()
                    if rows.isEmpty { rows = try dump(product.database, on: stage) }
                    return time
                },
                .init("curl and sqlite3") {
                    let copy = try stage.makeDirectory("rows") + "/copy.sqlite"
                    return try seconds {
                        try simulator.fetchAll(pages, on: stage)
                        try ChildProcess.run("sqlite3", [copy, ".read \(rows)"])
                    }
                },
            ])
        let finding = comparison.finding(
            "M1", "enumerate 100,000 items", against: "curl and sqlite3", .timeAtMost(1.5))
        report.add(finding)
        let rates = finding.seconds?.product.values.map { Double(items) / $0 } ?? []
        report.add(
            Finding(
                "M1", "the same, as a rate", against: "", .atLeast(50_000, unit: "items/s"),
                Sample(rates)))
    }

    /// The rows of the items as statements in one transaction.
    static func dump(_ database: String, on stage: Stage) throws -> String {
        let path = try stage.makeDirectory("rows") + "/rows.sql"
        try ChildProcess.run("sqlite3", [database, ".output \(path)", ".dump node"])
        return path
    }
}
