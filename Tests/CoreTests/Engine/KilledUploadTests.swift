import Core
import GraphSimulator
import Testing

/// Uploads that are killed at any moment, of files that are moved before their item is known.
struct KilledUploadTests {
    @Test("nothing is doubled, and nothing is lost", arguments: 0..<150)
    func killed(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var world = EngineWorld()
        for number in 1...6 { try world.write("file\(number)", "\(number) of \(seed)") }
        try world.makeDirectory("d")
        try world.rename("file1", "d/file1")
        for round in 0..<4 {
            let skip = Int(random.next() % 4)
            world.service.inject(Fault(.loseReply, method: "POST", skip: skip, count: 2))
            world.service.inject(Fault(.loseReply, method: "PUT", skip: skip, count: 1))
            let held = random.next()
            world.holds = { call in
                switch call {
                case .createDirectory: held & 3 == 0
                case .createSession: held & 12 == 0
                case .fragment: held & 48 == 0
                case .delta: held & 192 == 0
                case .change: held & 768 == 0
                default: false
                }
            }
            _ = world.step { $0.synchronize(at: $1) }
            world.run(effects: Int(random.next() % 60))
            world.crash()
            world.arriveLate()
            world.holds = { _ in false }
            world.service.clearFaults()
            world.run(effects: Int(random.next() % 6))
            try world.rename("file\(round + 2)", "d/file\(round + 2)")
        }
        world.synchronize()
        let paths = ["d/", "d/file1", "d/file2", "d/file3", "d/file4", "d/file5", "file6"]
        #expect(world.cloudPaths == paths)
        #expect(try world.paths() == paths)
    }
}
