import Foundation

extension Mark {
    /// Unpacking, compiling, checking out: many small files come and go.
    static let smallFiles = Mark(id: "M7", title: "1,000 files of 4 KiB made, then deleted") {
        stage, report in
        let simulator = try Simulator(on: stage)
        // Nothing may go up while it is measured.
        let product = try Product(on: stage, simulator, settings: ["upload_delay: 1h"])
        try product.start()
        try product.settle()
        let store = try stage.makeDirectory("store")
        let bare = try BareFuse(on: stage, ["--files", "0", "--store", store])
        let memory = try BareFuse(on: stage, ["--files", "0"])
        let plain = try stage.makeDirectory("plain")
        let buffer = Files.buffer(4096)
        defer { buffer.deallocate() }
        try simulator.forgetRequests()

        let sides = [
            ("onedrive", product.mount), ("bare FUSE on disk", bare.mount + "/work"),
            ("bare FUSE", memory.mount + "/work"), ("ext4", plain),
        ]
        var deletions: [String: [Double]] = [:]
        let rounds = stage.options.rounds ?? 9
        let making = try Comparison(
            rounds: rounds,
            sides.map { name, directory in
                .init(name) {
                    let paths = (0..<1000).map { "\(directory)/file-\($0)" }
                    let made = try seconds {
                        for path in paths { try Files.write(path, size: 4096, buffer) }
                    }
                    let deleted = try seconds {
                        for path in paths where unlink(path) != 0 {
                            throw Problem.system("unlink", path)
                        }
                    }
                    deletions[name, default: []].append(deleted)
                    return made
                }
            })
        for (name, goal) in [
            ("bare FUSE on disk", Goal.timeAtMost(1.5)), ("bare FUSE", .none(unit: "× time")),
            ("ext4", .none(unit: "× time")),
        ] {
            report.add(making.finding("M7", "create, write, close", against: name, goal))
            // The first one of each side was the warm-up.
            let own = (deletions["onedrive"] ?? []).dropFirst()
            let other = (deletions[name] ?? []).dropFirst()
            var finding = Finding(
                "M7", "unlink", against: name, goal,
                Sample(zip(own, other).map { $0 / $1 }))
            finding.seconds = (Sample(Array(own)), Sample(Array(other)))
            report.add(finding)
        }
        let changes = try simulator.requests().filter { $0.method != "GET" }
        report.add(
            Finding(
                "M7", "requests that change the cloud meanwhile", against: "",
                .atMost(0, unit: "requests"), Sample([Double(changes.count)])))
    }
}
