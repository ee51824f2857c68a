import Foundation

extension Mark {
    /// Unpacking, compiling, checking out: many small files come and go.
    ///
    /// On the disk, and in memory. A file system without a journal may look for milliseconds for an
    /// inode where many were deleted a moment ago, in one directory more than in another: then the
    /// numbers of the disk say more about it than about what is compared.
    static let smallFiles = Mark(ids: ["M7"], title: "1,000 files of 4 KiB made, then deleted") {
        stage, report in
        try makeAndDelete(on: stage, "disk", below: stage.makeDirectory("disk"), &report)
        stage.clear()
        guard let memory = stage.makeMemoryDirectory("memory") else { return }
        try makeAndDelete(on: stage, "memory", below: memory, &report)
    }

    private static func makeAndDelete(
        on stage: Stage, _ place: String, below directory: String, _ report: inout Report
    ) throws {
        let simulator = try Simulator(on: stage)
        // Nothing may go up while it is measured.
        let product = try Product(
            on: stage, simulator, settings: ["upload_delay: 1h"], store: directory)
        try product.start()
        try product.settle()
        for name in ["store", "plain"] { mkdir("\(directory)/\(name)", 0o755) }
        let bare = try BareFuse(on: stage, ["--files", "0", "--store", directory + "/store"])
        let sides = [
            ("onedrive", product.mount), ("bare FUSE, \(place)", bare.mount + "/work"),
            ("plain, \(place)", directory + "/plain"),
        ]
        let buffer = Files.buffer(4096)
        defer { buffer.deallocate() }
        try simulator.forgetRequests()

        func compare(_ work: String, _ body: @escaping ([String]) throws -> Void) throws {
            var round: [String: Int] = [:]
            let comparison = try Comparison(
                rounds: stage.options.rounds ?? 7,
                sides.map { name, directory in
                    .init(name) {
                        round[name, default: 0] += 1
                        let paths = (0..<1000).map {
                            "\(directory)/file-\(round[name, default: 0])-\($0)"
                        }
                        return try seconds { try body(paths) }
                    }
                })
            report.add(comparison.finding("M7", work, against: sides[1].0, .timeAtMost(1.5)))
            report.add(comparison.finding("M7", work, against: sides[2].0, .none(unit: "× time")))
        }
        // All are made before the first is deleted.
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
