import Foundation

extension Mark {
    /// Copying something large into the drive.
    static let sequentialWrite = Mark(ids: ["M10"], title: "sequential write of a new file") {
        stage, report in
        let size = stage.options.scaled(2 << 30, reduced: 512 << 20)
        let simulator = try Simulator(on: stage)
        let product = try Product(on: stage, simulator, settings: ["upload_delay: 1h"])
        try product.start()
        try product.settle()
        let store = try stage.makeDirectory("store")
        let bare = try BareFuse(on: stage, ["--files", "0", "--store", store])
        let plain = try stage.makeDirectory("plain")
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        let sides = [
            ("onedrive", product.mount), ("bare FUSE on disk", bare.mount + "/work"),
            ("ext4", plain),
        ]
        let comparison = try Comparison(
            rounds: stage.options.rounds ?? 5,
            sides.map { name, directory in
                .init(name) {
                    let path = directory + "/large"
                    defer { unlink(path) }
                    // The pages of earlier rounds need not be written while this one is timed.
                    sync()
                    return try seconds { try Files.write(path, size: size, buffer) }
                }
            })
        let text = "write \(size >> 20) MiB"
        report.add(
            comparison.finding("M10", text, against: "bare FUSE on disk", .speedAtLeast(0.9)))
        report.add(comparison.finding("M10", text, against: "ext4", .speedAtLeast(0.7)))
    }
}
