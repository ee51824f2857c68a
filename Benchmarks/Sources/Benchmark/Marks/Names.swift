import Foundation

extension Mark {
    /// Programs that ask for names again and again: shells, git, compilers.
    static let names = Mark(ids: ["M6"], title: "stat of known and of absent paths, warm") {
        stage, report in
        let folders = 10
        let files = 1000
        let simulator = try Simulator(on: stage)
        try simulator.generate(folders: folders, files: files, size: 1000)
        let product = try Product(on: stage, simulator)
        try product.start()
        try product.settle()
        let bare = try BareFuse(
            on: stage, ["--files", "\(folders * files)", "--per-folder", "\(files)"])
        let plain = try Mark.plainTree(on: stage, folders, files)
        let sides = try [
            ("onedrive", product.mount + "/tree"), ("ext4", plain),
            ("bare FUSE", bare.mount + "/tree"),
        ].map { name, path in (name, try paths(below: path, expecting: folders * files)) }
        let repetitions = 10
        for (work, suffix, areThere) in [("stat", "", true), ("stat of absent names", "~", false)] {
            let comparison = try Comparison(
                rounds: stage.options.rounds ?? 7,
                sides.map { name, paths in
                    let paths = paths.map { $0 + suffix }
                    return .init(name) {
                        try seconds {
                            for _ in 0..<repetitions {
                                try Files.stat(paths, areThere: areThere)
                            }
                        }
                    }
                })
            report.add(
                comparison.finding("M6", "\(work), warm", against: "ext4", .timeAtMost(1.2)))
            report.add(
                comparison.finding(
                    "M6", "\(work), warm", against: "bare FUSE", .none(unit: "× time")))
        }
    }

    private static func paths(below directory: String, expecting count: Int) throws -> [String] {
        let manager = FileManager.default
        let paths = try manager.contentsOfDirectory(atPath: directory).sorted().flatMap { folder in
            try manager.contentsOfDirectory(atPath: "\(directory)/\(folder)").sorted()
                .map { "\(directory)/\(folder)/\($0)" }
        }
        guard paths.count == count else { throw Problem("\(directory) holds \(paths.count) files") }
        return paths
    }
}
