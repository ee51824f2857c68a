import Glibc

extension Mark {
    /// Databases and mail spools: a lock around every access.
    static let locks = Mark(ids: ["M16"], title: "locks that nobody contends, alone and among many")
    {
        stage, report in
        let simulator = try Simulator(on: stage)
        let product = try Product(on: stage, simulator, settings: ["upload_delay: 1h"])
        try product.start()
        try product.settle()
        let bare = try BareFuse(on: stage, ["--files", "0"])
        let sides = try [
            ("onedrive", product.mount), ("bare FUSE", bare.mount + "/work"),
            ("ext4", try stage.makeDirectory("plain")),
        ].map { name, directory in
            (name, try Files.open(directory + "/locked", O_RDWR | O_CREAT))
        }
        defer { for (_, file) in sides { close(file) } }
        let count = stage.options.scaled(50_000, reduced: 10_000)
        let rounds = stage.options.rounds ?? 7
        let works: [(String, (Int32) throws -> Void)] = [
            ("fcntl", pairs(count)), ("flock", wholePairs(count)),
        ]
        for (work, body) in works {
            let comparison = try Comparison(
                rounds: rounds,
                sides.map { name, file in .init(name) { try seconds { try body(file) } } })
            let title = "\(count) × \(work), lock and unlock"
            report.add(comparison.finding("M16", title, against: "bare FUSE", .speedAtLeast(0.8)))
            report.add(comparison.finding("M16", title, against: "ext4", .none(unit: "× time")))
        }
        report.add(try amongMany(product, count, rounds))
    }

    /// A lock on a file of which ten thousand ranges are locked, beside one of which ten are.
    private static func amongMany(
        _ product: Product, _ count: Int, _ rounds: Int
    ) throws -> Finding {
        let files = try [10_000, 10].map { held in
            let file = try Files.open("\(product.mount)/held-\(held)", O_RDWR | O_CREAT)
            for index in 1...held { try Files.lock(file, F_WRLCK, index * 4, count: 1) }
            return (held, file)
        }
        defer { for (_, file) in files { close(file) } }
        let comparison = try Comparison(
            rounds: rounds,
            files.map { held, file in
                .init("\(held) held") {
                    try seconds {
                        for index in 1...count {
                            let first = index % held * 4 + 2
                            try Files.lock(file, F_WRLCK, first, count: 1)
                            try Files.lock(file, F_UNLCK, first, count: 1)
                        }
                    }
                }
            })
        return comparison.finding(
            "M16", "lock and unlock among 10,000 held ranges", against: "10 held", .timeAtMost(1.3))
    }

    private static func pairs(_ count: Int) -> (Int32) throws -> Void {
        { file in
            for _ in 0..<count {
                try Files.lock(file, F_WRLCK, 0, count: 1)
                try Files.lock(file, F_UNLCK, 0, count: 1)
            }
        }
    }

    private static func wholePairs(_ count: Int) -> (Int32) throws -> Void {
        { file in
            for _ in 0..<count {
                guard flock(file, LOCK_EX | LOCK_NB) == 0, flock(file, LOCK_UN) == 0 else {
                    throw Problem.system("flock")
                }
            }
        }
    }
}
