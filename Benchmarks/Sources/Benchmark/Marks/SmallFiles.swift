import Foundation

extension Mark {
    /// Unpacking, compiling, checking out: many small files come and go.
    static let smallFiles = Mark(ids: ["M7"], title: "1,000 files of 4 KiB made, then deleted") {
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
        let rounds = stage.options.rounds ?? 7
        // All are made before the first is deleted: ext4 looks long for an inode after deletions.
        var round: [String: Int] = [:]
        func next(_ name: String, in directory: String) -> [String] {
            round[name, default: 0] += 1
            return (0..<1000).map { "\(directory)/file-\(round[name, default: 0])-\($0)" }
        }
        func compare(_ work: String, _ body: @escaping ([String]) throws -> Void) throws {
            round = [:]
            let comparison = try Comparison(
                rounds: rounds,
                sides.map { name, directory in
                    .init(name) {
                        let paths = next(name, in: directory)
                        return try seconds { try body(paths) }
                    }
                })
            for (name, goal) in [
                ("bare FUSE on disk", Goal.timeAtMost(1.5)), ("bare FUSE", .none(unit: "× time")),
                ("ext4", .none(unit: "× time")),
            ] {
                report.add(comparison.finding("M7", work, against: name, goal))
            }
        }
        try compare("create, write, close") { paths in
            for path in paths { try Files.write(path, size: 4096, buffer) }
        }
        try compare("unlink") { paths in
            for path in paths where unlink(path) != 0 { throw Problem.system("unlink", path) }
        }
        let changes = try simulator.requests().filter { $0.method != "GET" }
        report.add(
            Finding(
                "M7", "requests that change the cloud meanwhile", against: "",
                .atMost(0, unit: "requests"), Sample([Double(changes.count)])))
    }
}
