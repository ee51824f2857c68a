import Foundation

extension Mark {
    /// A large file that is not here, read from begin to end.
    static let download = Mark(ids: ["M11"], title: "sequential read of a file that is not here") {
        stage, report in
        let size = stage.options.scaled(2 << 30, reduced: 512 << 20)
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        let simulator = try Simulator(on: stage)
        let rounds = stage.options.rounds ?? 3
        for round in 0...rounds { try simulator.addFile("large-\(round)", size: size) }
        let product = try Product(on: stage, simulator)
        try product.start()
        try product.settle()
        var round = 0
        let plain = try stage.makeDirectory("plain")
        let comparison = try Comparison(
            rounds: rounds,
            [
                .init("onedrive") {
                    let path = product.mount + "/large-\(round)"
                    round += 1
                    return try seconds {
                        guard try Files.read(path, buffer) == size else {
                            throw Problem("\(path) is shorter than it is")
                        }
                    }
                },
                .init("curl") {
                    let path = plain + "/large"
                    defer { unlink(path) }
                    return try seconds { try simulator.fetch("large-0", to: path) }
                },
            ])
        report.add(
            comparison.finding(
                "M11", "read \(size >> 20) MiB that are not here", against: "curl",
                .speedAtLeast(0.8)))
    }

    /// The same over a line that is slow and long.
    static let line = Mark(ids: ["M11"], title: "sequential read over 1 Gbit/s at 50 ms") {
        stage, report in
        let size = stage.options.scaled(2 << 30, reduced: 512 << 20)
        let megabits = 1000
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        let simulator = try Simulator(on: stage, latency: 50, megabits: megabits)
        let rounds = stage.options.rounds ?? 3
        for round in 0..<rounds { try simulator.addFile("large-\(round)", size: size) }
        let product = try Product(on: stage, simulator)
        try product.start()
        try product.settle()
        let shares = try (0..<rounds).map { round in
            let time = try seconds {
                let path = "\(product.mount)/large-\(round)"
                guard try Files.read(path, buffer) == size else {
                    throw Problem("\(path) is shorter than it is")
                }
            }
            return Double(size * 8) / 1e6 / Double(megabits) / time
        }
        report.add(
            Finding(
                "M11", "read \(size >> 20) MiB at 50 ms", against: "the line, 1 Gbit/s",
                .atLeast(0.9, unit: "of it"), Sample(shares)))
    }

    /// A program that looks into a file that is not here.
    static let firstByte = Mark(ids: ["M12"], title: "first bytes of a file that is not here") {
        stage, report in
        let latency = 100
        let simulator = try Simulator(on: stage, latency: latency)
        let rounds = stage.options.rounds ?? 5
        for round in 0..<rounds { try simulator.addFile("huge-\(round)", size: 10 << 30) }
        let product = try Product(on: stage, simulator)
        try product.start()
        try product.settle()
        let buffer = Files.buffer(4096)
        defer { buffer.deallocate() }
        var (roundTrips, mebibytes): ([Double], [Double]) = ([], [])
        var generator = Generator(state: 12)
        for round in 0..<rounds {
            try simulator.forgetRequests()
            let offset = Int.random(in: 0..<(10 << 30) / 4096, using: &generator) * 4096
            let time = try seconds {
                try Files.readPages(
                    "\(product.mount)/huge-\(round)", at: [offset], flags: 0, buffer)
            }
            roundTrips.append(time * 1000 / Double(latency))
            // What was begun meanwhile ends, too.
            try product.command("sync", "--wait")
            let sent = try simulator.requests().filter { $0.operation == "download" }
            mebibytes.append(Double(sent.map(\.sent).reduce(0, +)) / Double(1 << 20))
        }
        report.add(
            Finding(
                "M12", "first 4 KiB, somewhere in 10 GiB", against: "\(latency) ms latency",
                .atMost(2.5, unit: "round trips"), Sample(roundTrips)))
        report.add(
            Finding(
                "M12", "bytes fetched for them", against: "", .atMost(2, unit: "MiB"),
                Sample(mebibytes)))
    }

    /// A large file on its way up.
    static let upload = Mark(ids: ["M13"], title: "upload of a large file") { stage, report in
        let size = stage.options.scaled(2 << 30, reduced: 256 << 20)
        let buffer = Files.buffer(1 << 20)
        defer { buffer.deallocate() }
        let simulator = try Simulator(on: stage)
        let product = try Product(on: stage, simulator, settings: ["upload_delay: 0s"])
        try product.start()
        try product.settle()
        let plain = try stage.makeDirectory("plain") + "/large"
        try Files.write(plain, size: size, buffer)
        var round = 0
        let comparison = try Comparison(
            rounds: stage.options.rounds ?? 3, hasWarmUp: false,
            [
                .init("onedrive") {
                    round += 1
                    let path = "\(product.mount)/large-\(round)"
                    let time = try seconds {
                        try Files.write(path, size: size, buffer)
                        try product.command("sync", "--wait")
                    }
                    guard try product.status().pending == 0 else {
                        throw Problem("the file has not gone up")
                    }
                    return time
                },
                .init("cp and curl") {
                    round += 1
                    let copy = plain + "-copy"
                    defer { unlink(copy) }
                    return try seconds {
                        try ChildProcess.run("cp", [plain, copy])
                        try simulator.upload(copy, size: size, as: "other-\(round)")
                    }
                },
            ])
        report.add(
            comparison.finding(
                "M13", "upload \(size >> 20) MiB", against: "cp and curl", .speedAtLeast(0.8)))
    }

    /// A swarm of small files, up and down, when the service is far away.
    static let manyFiles = Mark(ids: ["M13"], title: "many small files up and down at 50 ms") {
        stage, report in
        let latency = 0.05
        let count = stage.options.scaled(2000, reduced: 500)
        let buffer = Files.buffer(100 << 10)
        defer { buffer.deallocate() }
        let simulator = try Simulator(on: stage, latency: 50)
        try simulator.generate("down", folders: 1, files: count, size: 100 << 10)
        let product = try Product(on: stage, simulator, settings: ["upload_delay: 0s"])
        try product.start()
        try product.settle()
        let up = try seconds {
            let directory = product.mount + "/up"
            mkdir(directory, 0o755)
            for number in 0..<count {
                try Files.write("\(directory)/\(number)", size: 100 << 10, buffer)
            }
            try product.command("sync", "--wait")
        }
        guard try product.status().pending == 0 else { throw Problem("not all have gone up") }
        let oneByOne = Double(count) * latency
        report.add(
            Finding(
                "M13", "\(count) × 100 KiB up", against: "one after another",
                .atLeast(8, unit: "× speed"), Sample([oneByOne / up])))
        let down = try seconds {
            try ChildProcess.run("cp", ["-r", product.mount + "/down", stage.directory + "/down"])
        }
        report.add(
            Finding(
                "M13", "\(count) × 100 KiB down, by cp -r", against: "one after another",
                .none(unit: "× speed"), Sample([oneByOne / down])))
    }
}
