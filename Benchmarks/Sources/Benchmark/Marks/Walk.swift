import Foundation

extension Mark {
    /// A program that looks at every file.
    static let walk = Mark(ids: ["M5"], title: "find of 100,000 files, kernel caches cold and warm")
    {
        stage, report in
        let folders = 100
        let files = 1000
        let simulator = try Simulator(on: stage)
        try simulator.generate(folders: folders, files: files, size: 1000)
        let product = try Product(on: stage, simulator)
        try product.start()
        try product.settle()
        let bare = try BareFuse(
            on: stage, ["--files", "\(folders * files)", "--per-folder", "\(files)"])
        let plain = try plainTree(on: stage, folders, files)
        let rounds = stage.options.rounds ?? 5

        let cold = try Comparison(
            rounds: rounds, hasWarmUp: false,
            [
                .init("onedrive") {
                    product.stop()
                    try product.start()
                    try product.command("sync", "--wait")
                    return try find(product.mount + "/tree", expecting: folders * files)
                },
                .init("bare FUSE") {
                    bare.stop()
                    try bare.start()
                    return try find(bare.mount + "/tree", expecting: folders * files)
                },
            ])
        report.add(
            cold.finding("M5", "find, cold", against: "bare FUSE", .timeAtMost(1.3)))
        let warm = try Comparison(
            rounds: rounds,
            [
                .init("onedrive") {
                    try find(product.mount + "/tree", expecting: folders * files)
                },
                .init("bare FUSE") {
                    try find(bare.mount + "/tree", expecting: folders * files)
                },
                .init("ext4") { try find(plain, expecting: folders * files) },
            ])
        report.add(warm.finding("M5", "find, warm", against: "ext4", .timeAtMost(2)))
        report.add(warm.finding("M5", "find, warm", against: "bare FUSE", .none(unit: "× time")))
    }

    private static func find(_ path: String, expecting count: Int) throws -> Double {
        var output = ""
        let time = try seconds {
            output = try ChildProcess.run("find", [path, "-type", "f", "-printf", "%s\n"])
        }
        let lines = output.utf8.count { $0 == 10 }
        guard lines == count else { throw Problem("find saw \(lines) files at \(path)") }
        return time
    }

    /// The same tree in a plain directory: paths of the same depth and length.
    static func plainTree(on stage: Stage, _ folders: Int, _ files: Int) throws -> String {
        let plain = try stage.makeDirectory("plain") + "/tree"
        mkdir(plain, 0o755)
        for folder in 0..<folders {
            let path = "\(plain)/Folder \(sixDigits(folder))"
            mkdir(path, 0o755)
            for file in 0..<files {
                try Files.make("\(path)/File \(sixDigits(file)).bin", size: 1000)
            }
        }
        return plain
    }

    private static func sixDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
