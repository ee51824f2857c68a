import GraphSimulator
import Testing

@testable import Core

/// Two devices, and somebody on the web, save the same files again and again, in all the ways in which
/// programs do, while connections and clients break.
struct ContestedSavesTests {
    @Test(
        "whatever was saved is in a file, a conflict copy, a history or the recycle bin",
        arguments: 0..<60)
    func contested(seed: UInt64) throws {
        var contest = try Contest(seed: seed)
        for _ in 0..<40 { try contest.turn() }
        try contest.end()
        #expect(contest.missing == [], "\(contest.story.joined(separator: "\n"))")
        #expect(contest.differences == [], "\(contest.story.joined(separator: "\n"))")
    }
}

/// A drive on which everybody wants to save.
private struct Contest {
    private var drive: SharedDrive
    private var random: SplitMix64
    private var lastPayload = 0
    /// Files that are open for writing, and not closed yet.
    private var slowWriters: [(client: Int, opened: OpenedFile)] = []
    /// What was saved, and was not overwritten or removed by a program that had it before itself and
    /// before it went up.
    private var kept: Set<String> = []
    /// What happened.
    private(set) var story: [String] = []
    private(set) var differences: [String] = []

    private static let paths = ["doc.txt", "d/paper.txt"]

    init(seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        drive = try SharedDrive(
            seed % 2 == 0 ? .device : .colleague,
            files: ["doc.txt": "payload 0000", "d/paper.txt": "payload 0000"], remoteLocks: .off)
    }

    private mutating func chance(_ oneIn: UInt64) -> Bool { random.next() % oneIn == 0 }

    private mutating func payload() -> String {
        lastPayload += 1
        let digits = String(lastPayload)
        return "payload " + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private mutating func tell(_ text: String) { story.append("\(drive.now): \(text)") }

    // MARK: What happens

    mutating func turn() throws {
        let client = Int(random.next() % 2)
        let path = Self.paths[Int(random.next() % 2)]
        switch random.next() % 16 {
        case 0: inPlace(client, path)
        case 1...2: attempt("truncates", client, path) { try $0.write(path, $1) }
        case 3...4:
            attempt("replaces", client, path) {
                try $0.write(path + ".new", $1)
                try $0.rename(path + ".new", path)
            }
        case 5...6:
            let isRemoved = chance(2)
            attempt(isRemoved ? "backs up for a moment" : "backs up", client, path) {
                try $0.rename(path, path + "~")
                try $0.write(path, $1)
                if isRemoved { try $0.remove(path + "~") }
            }
        case 7:
            attempt("removes and makes", client, path) {
                try $0.remove(path)
                try $0.write(path, $1)
            }
        case 8:
            attempt("exchanges", client, path) {
                try $0.write(path + ".new", $1)
                try $0.rename(path + ".new", path, .exchange)
                try $0.remove(path + ".new")
            }
        case 9: try openSlowly(client, path)
        case 10: try closeSlowly()
        case 11: elsewhere(path)
        default: try disturb(client)
        }
    }

    /// A save; what it puts an end to counts as given up if the program could see it.
    private mutating func attempt(
        _ way: String, _ client: Int, _ path: String,
        _ save: (inout EngineWorld, String) throws -> Void
    ) {
        let text = payload()
        let seen = [path, path + "~", path + ".new"].compactMap { visible($0, client) }
        do {
            try drive.within(client) { try save(&$0, text) }
            kept.subtract(seen)
            kept.insert(text)
            tell("\(client) \(way) \(path): \(text), saw \(seen)")
        } catch {
            kept.subtract(seen)
            tell("\(client) \(way) \(path): \(error), saw \(seen)")
        }
    }

    private mutating func visible(_ path: String, _ client: Int) -> String? {
        drive.within(client) { world in
            // What must be fetched is in the cloud.
            guard let state = try? world.state(path, "user.onedrive.state"),
                ["hydrated", "pending", "local-only"].contains(state)
            else { return nil }
            return try? world.text(path)
        }
    }

    private mutating func inPlace(_ client: Int, _ path: String) {
        attempt("overwrites", client, path) { world, text in
            let opened = try world.open(path, canWrite: true)
            do throws(PosixError) {
                try world.put(text, opened)
            } catch {
                world.close(opened)
                throw error
            }
            world.step { $0.flush(opened.node, at: $1) }
            world.close(opened)
        }
    }

    private mutating func openSlowly(_ client: Int, _ path: String) throws {
        guard let opened = try? drive.open(path, at: client, canWrite: true) else { return }
        tell("\(client) opens \(path)")
        slowWriters.append((client, opened))
    }

    private mutating func closeSlowly() throws {
        guard !slowWriters.isEmpty else { return }
        let (client, opened) = slowWriters.removeFirst()
        let text = payload()
        drive.within(client) { world in
            let seen = try? world.read(opened)
            do throws(PosixError) {
                try world.put(text, opened)
                if let seen { kept.remove(seen) }
                // A program may have removed the file meanwhile, which then has no name.
                if try world.engine.attributes(of: opened.node).linkCount > 0 { kept.insert(text) }
            } catch {
                // It could not be changed offline.
            }
        }
        drive.close(opened, at: client)
        tell("\(client) writes what it had open: \(text), \(kept.contains(text))")
    }

    private mutating func elsewhere(_ path: String) {
        let text = payload()
        let kind = random.next() % 5
        let result = Result {
            try drive.elsewhere { service, now in
                switch kind {
                case 0...2:
                    try service.remoteEdit(path, Array(text.utf8), in: .library, now: now)
                case 3:
                    try service.remoteDelete(path, in: .library, now: now)
                    try service.remoteCreateFile(path, Array(text.utf8), in: .library, now: now)
                default:
                    try service.remoteRename(path, to: "moved \(text).txt", in: .library, now: now)
                    try service.remoteCreateFile(path, Array(text.utf8), in: .library, now: now)
                }
            }
        }
        if case .success = result { kept.insert(text) }
        tell("elsewhere \(kind) \(path): \(text), \(result)")
    }

    private mutating func disturb(_ client: Int) throws {
        let kind = random.next() % 8
        tell("\(client) is disturbed: \(kind)")
        switch kind {
        case 0: drive.within(client) { $0.networkIsDown = true }
        case 1...2: drive.within(client) { $0.networkIsDown = false }
        case 3:
            slowWriters.removeAll { $0.client == client }
            drive.within(client) { $0.crash() }
        case 4: drive.pass(seconds: Int(random.next() % 20))
        case 5:
            let skip = Int(random.next() % 3)
            drive.elsewhere { service, _ in
                service.inject(Fault(.loseReply, method: "PUT", skip: skip, count: 1))
                service.inject(Fault(.loseReply, method: "PATCH", skip: skip, count: 1))
            }
        case 6:
            let count = Int(random.next() % 30)
            drive.within(client) { world in
                _ = world.step { $0.synchronize(at: $1) }
                world.run(effects: count)
            }
        default:
            drive.within(client) { world in
                if !world.networkIsDown {
                    _ = world.step { $0.synchronize(at: $1) }
                    world.pass(until: world.now.advanced(byNanoseconds: 5_000_000_000))
                }
            }
        }
    }

    // MARK: What came of it

    mutating func end() throws {
        drive.elsewhere { service, _ in service.clearFaults() }
        while !slowWriters.isEmpty { try closeSlowly() }
        for client in [0, 1] { drive.within(client) { $0.networkIsDown = false } }
        // What one of them sends is news for the other.
        for client in [0, 1, 0, 1] { drive.within(client) { $0.synchronize() } }
        var held = Set(
            drive.service.holdings(of: .library).map { holding in
                String(decoding: holding.content.bytes, as: UTF8.self)
            })
        let cloud = drive.service.tree(of: .library).filter { $0.kind == .file }
        for client in [0, 1] {
            let here = try drive.within(client) { world in
                try world.paths().filter { !$0.hasSuffix("/") }
            }
            if here != cloud.map(\.path) {
                differences.append("\(client) has \(here), the cloud \(cloud.map(\.path))")
            }
            for path in here {
                let text = try drive.within(client) { try $0.text(path) }
                held.insert(text)
                if text != drive.text(path) {
                    differences.append("\(client) \(path): \(text), not \(drive.text(path) ?? "")")
                }
            }
        }
        missing = kept.subtracting(held).sorted()
    }

    /// What was saved and is nowhere.
    private(set) var missing: [String] = []
}
