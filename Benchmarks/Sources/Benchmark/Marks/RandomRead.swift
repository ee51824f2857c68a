import Foundation

extension Mark {
    /// A database or an archive: pages here and there in a large file.
    static let randomRead = Mark(ids: ["M9"], title: "random reads of 4 KiB of a file that is here")
    {
        stage, report in
        let size = stage.options.scaled(2 << 30, reduced: 512 << 20)
        let large = try LargeFile(on: stage, size: size)
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        var generator = Generator(state: 9)
        let pages = (0..<stage.options.scaled(200_000, reduced: 50_000)).map { _ in
            Int.random(in: 0..<size / 4096, using: &generator) * 4096
        }
        let rounds = stage.options.rounds ?? 5
        for (_, path) in large.sides { try Files.read(path, buffer) }
        let warm = try Comparison(
            rounds: rounds,
            large.sides.map { name, path in
                .init(name) {
                    try seconds { try Files.readPages(path, at: pages, flags: 0, buffer) }
                }
            })
        for name in ["ext4", "bare FUSE"] {
            report.add(
                warm.finding("M9", "\(pages.count) reads, warm", against: name, .speedAtLeast(0.9)))
        }
        // What lies below stays in memory: that is where direct reads of FUSE end.
        let direct = try Comparison(
            rounds: rounds,
            large.sides.dropLast().map { name, path in
                .init(name) {
                    try seconds {
                        try Files.readPages(path, at: pages, flags: Files.direct, buffer)
                    }
                }
            })
        report.add(
            direct.finding(
                "M9", "\(pages.count) reads, direct", against: "bare FUSE", .speedAtLeast(0.9)))
    }
}

/// Random numbers that are the same in every run: SplitMix64.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
