import Foundation

extension Mark {
    /// How long a person waits for the first listing of an account that was never seen.
    static let firstListing = Mark(
        ids: ["M4"], title: "first ls of the root on an account never seen"
    ) { stage, report in
        let latency = 200
        let simulator = try Simulator(on: stage, latency: latency)
        try simulator.generate(folders: 1000, files: 1000, size: 1000)
        var roundTrips: [Double] = []
        for _ in 0..<(stage.options.rounds ?? 3) {
            let product = try Product(on: stage, simulator)
            // From the start of the program on, so that nothing is left out.
            let time = try seconds {
                try product.start()
                guard try FileManager.default.contentsOfDirectory(atPath: product.mount) == ["tree"]
                else { throw Problem("the root is not listed as it is") }
            }
            roundTrips.append(time * 1000 / Double(latency))
            product.stop()
        }
        report.add(
            Finding(
                "M4", "start until ls answers, 1,000,000 items", against: "200 ms latency",
                .atMost(3, unit: "round trips"), Sample(roundTrips)))
    }
}
