import Foundation

extension Mark {
    /// A large file whose bytes are all here, read from begin to end.
    static let sequentialRead = Mark(ids: ["M8"], title: "sequential read of a file that is here") {
        stage, report in
        let size = stage.options.scaled(2 << 30, reduced: 512 << 20)
        let large = try LargeFile(on: stage, size: size)
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        let rounds = stage.options.rounds ?? 5
        let text = "read \(size >> 20) MiB"

        func read(_ path: String) throws -> Double {
            var count = 0
            let time = try seconds { count = try Files.read(path, buffer) }
            guard count == size else { throw Problem("\(path) has \(count) bytes") }
            return time
        }

        let warm = try Comparison(
            rounds: rounds,
            large.sides.map { name, path in .init(name) { try read(path) } })
        report.add(warm.finding("M8", "\(text), warm", against: "ext4", .speedAtLeast(0.9)))
        report.add(
            warm.finding("M8", "\(text), warm", against: "bare FUSE", .speedAtLeast(0.9)))

        // What the file system itself costs: the pages of the mount are gone, the bytes below not.
        let cold = try Comparison(
            rounds: rounds,
            large.sides.map { name, path in
                .init(name) {
                    if path != large.plain { try Files.dropPages(path) }
                    return try read(path)
                }
            })
        report.add(
            cold.finding(
                "M8", "\(text), pages of the mount cold", against: "bare FUSE", .speedAtLeast(0.9)))
        report.add(
            cold.finding(
                "M8", "\(text), pages of the mount cold", against: "ext4",
                large.mayPassThrough ? .speedAtLeast(0.9) : .none(unit: "× time")))

        let disk = try Comparison(
            rounds: min(rounds, 3),
            large.sides.map { name, path in
                .init(name) {
                    try large.dropEverything()
                    return try read(path)
                }
            })
        report.add(
            disk.finding(
                "M8", "\(text), from disk", against: "bare FUSE", .speedAtLeast(0.9)))
        report.add(
            disk.finding(
                "M8", "\(text), from disk", against: "ext4",
                large.mayPassThrough ? .speedAtLeast(0.9) : .none(unit: "× time")))
    }
}
