import Foundation

extension Mark {
    /// What another device writes, until a program sees it.
    static let remoteChange = Mark(
        ids: ["M17"], title: "a change elsewhere until a program sees it, poll due"
    ) { stage, report in
        let latency = 200
        let simulator = try Simulator(on: stage, latency: latency)
        try simulator.mutate(#"[{"op":"write","path":"note","text":"0"}]"#)
        let product = try Product(on: stage, simulator, settings: ["poll_interval: 1h"])
        try product.start()
        try product.settle()
        let path = product.mount + "/note"
        var roundTrips: [Double] = []
        for round in 1...(stage.options.rounds ?? 5) {
            // In the kernel's caches, names and bytes.
            _ = try String(contentsOfFile: path, encoding: .utf8)
            let text = String(repeating: "new ", count: round)
            try simulator.mutate(#"[{"op":"write","path":"note","text":"\#(text)"}]"#)
            let time = try seconds {
                try product.command("sync")
                try wait(for: "the change", within: .seconds(30)) {
                    var status = stat()
                    return stat(path, &status) == 0 && status.st_size == text.utf8.count
                }
                guard try String(contentsOfFile: path, encoding: .utf8) == text else {
                    throw Problem("a stale byte")
                }
            }
            roundTrips.append(time * 1000 / Double(latency))
        }
        report.add(
            Finding(
                "M17", "asked for changes until the new bytes are read",
                against: "\(latency) ms latency", .atMost(3.5, unit: "round trips"),
                Sample(roundTrips)))
    }
}
