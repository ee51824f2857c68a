import Core
import GraphSimulator
import Testing

/// Each way in which the service has been seen to differ from what a client would like: that the
/// simulator does it, and that common work survives it.
struct ServiceRuleTests {
    @Test(arguments: ServiceRule.all)
    func survives(_ rule: ServiceRule) async throws {
        let problems = try await Aside.run {
            var work = try CommonWork(rule.profile, before: rule.before)
            rule.disturb(&work.world)
            try work.change()
            work.world.wait(seconds: 400)
            rule.lift(&work.world)
            work.rest(atMost: 3_600)
            if !rule.happened(work.world) { work.problems.append("the simulator did not do it") }
            try work.check()
            // No copies are made of what nobody else has edited.
            let copies = work.world.cloudPaths.filter { $0.contains("conflict") }
            return work.problems + copies
        }
        #expect(problems.isEmpty)
    }

    @Test("Everything at once, in mixtures", arguments: 0..<12 as Range<UInt64>)
    func everythingAtOnce(seed: UInt64) async throws {
        let problems = try await Aside.run {
            let profile = AccountProfile.allCases[Int(seed % 3)]
            var work = try CommonWork(profile) { $0.becomeOdd(seed: seed) }
            work.world.service.injectFaults(25, seed: seed)
            try work.change()
            if seed % 4 == 0 { work.world.service.expireDeltaTokens() }
            if seed % 4 == 1 { work.world.service.expireAccessTokens() }
            if seed % 4 == 2 { work.world.service.expireUploadSessions() }
            work.world.wait(seconds: 600)
            if seed % 3 == 0 { work.world.crash() }
            work.world.service.clearFaults()
            work.rest(atMost: 3_600)
            if work.world.service.gate.violations > 0 { work.problems.append("it was impatient") }
            try work.check()
            // Without hashes, and after a lost reply, a file can look like somebody else's: then
            // there is a copy of it, and of nothing else.
            let copies = work.world.cloudPaths.filter { path in
                let text = work.world.cloudText(path)
                return path.contains("conflict")
                    && !CommonWork.expected.values.contains { $0 == text }
            }
            return work.problems + copies
        }
        #expect(problems.isEmpty)
    }
}

/// What people do all day, on both sides, and what must be there in the end.
struct CommonWork {
    var world: EngineWorld
    /// What is not as it should be.
    var problems: [String] = []

    /// What the cloud must hold in the end: the begin of the text by path.
    static let expected = [
        "docs/a.txt": "a edited here", "docs/b.txt": "b edited there", "new here.txt": "new here",
        "new there.txt": "new there", "docs/renamed.txt": "r", "moved/m.txt": "m",
        "folder/inside.txt": "inside", "untouched.txt": "untouched", "empty.txt": "",
    ]

    init(
        _ profile: AccountProfile = .business, before: (inout GraphService) -> Void = { _ in }
    ) throws {
        var service = GraphService(profile: profile, seed: 31)
        let now = Timestamp(seconds: 1_767_299_000)
        for (path, text) in [
            ("docs/a.txt", "a"), ("docs/b.txt", "b"), ("docs/r.txt", "r"), ("m.txt", "m"),
            ("gone here.txt", "gone here"), ("gone there.txt", "gone there"),
            ("untouched.txt", "untouched"),
        ] {
            try service.remoteCreateFile(path, Array(text.utf8), now: now)
        }
        before(&service)
        world = EngineWorld(service)
        // So that lag is over before anything changes.
        world.wait(seconds: 240)
    }

    mutating func change() throws {
        // A program that reads may be told of an error while the service is in trouble.
        var text: String?
        for _ in 0..<10 where text == nil { text = try? world.text("untouched.txt") }
        if text != "untouched" { problems.append("read: \(text ?? "nothing")") }
        try world.write("docs/a.txt", "a edited here")
        try world.write("new here.txt", "new here")
        try world.write("empty.txt", "")
        try world.makeDirectory("folder")
        try world.write("folder/inside.txt", "inside")
        try world.rename("docs/r.txt", "docs/renamed.txt")
        try world.remove("gone here.txt")
        let now = world.now
        try world.service.remoteEdit("docs/b.txt", Array("b edited there".utf8), now: now)
        try world.service.remoteCreateFile("new there.txt", Array("new there".utf8), now: now)
        try world.service.remoteCreateFolder("moved", now: now)
        try world.service.remoteMove("m.txt", toFolder: "moved", now: now)
        try world.service.remoteDelete("gone there.txt", now: now)
    }

    /// Goes on until there is nothing left to do, for a few polls at least.
    mutating func rest(atMost seconds: Int64) {
        world.wait(seconds: 180)
        for _ in 0..<(seconds / 60) where world.engine.status.pending > 0 {
            world.wait(seconds: 60)
        }
    }

    /// Nothing is lost, and both sides say the same.
    mutating func check() throws {
        let shown = try world.paths()
        let held = world.service.tree().filter { $0.kind != .vault && $0.kind != .package }
            .map { $0.path + ($0.kind == .file ? "" : "/") }.sorted()
        if shown.filter({ !$0.hasPrefix("Notebook") }) != held {
            problems.append("shown \(shown), held \(held)")
        }
        for (path, text) in Self.expected.sorted(by: { $0.key < $1.key }) {
            if world.cloudText(path)?.hasPrefix(text) != true { problems.append("cloud: \(path)") }
            if try !world.text(path).hasPrefix(text) { problems.append("mount: \(path)") }
        }
        if world.engine.status.pending > 0 { problems.append("\(world.engine.status.waiting)") }
    }
}
