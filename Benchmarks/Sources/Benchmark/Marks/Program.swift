import Foundation

extension Mark {
    /// The program as a file: what is watched.
    static let program = Mark(ids: ["M20"], title: "size of the program and time to start it") {
        stage, report in
        let attributes = try FileManager.default.attributesOfItem(atPath: stage.options.binary)
        let size = (attributes[.size] as? Int) ?? 0
        report.add(
            Finding(
                "M20", "size of the program", against: "", .none(unit: "MiB"),
                Sample([Double(size) / Double(1 << 20)])))
        let comparison = try Comparison(
            rounds: stage.options.rounds ?? 9,
            [
                .init("onedrive") {
                    try seconds { try ChildProcess.run(stage.options.binary, ["--version"]) }
                },
                .init("true") { try seconds { try ChildProcess.run("true", []) } },
            ])
        report.add(
            comparison.finding("M20", "start, --version", against: "true", .none(unit: "× time")))
    }
}
