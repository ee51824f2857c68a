import Core
import Glibc
import GraphSimulator
import GraphSimulatorHost
import Shell
import Synchronization
import Testing

/// Files that many use at once.
final class VersionScene: Sendable {
    private let world: ClientWorld
    private let lastVersion = Atomic(0)
    /// For each file the newest version that was announced.
    private let floors = Mutex<[Int: Int]>([:])
    private let counts = Mutex<[String: Int]>([:])

    init(_ world: ClientWorld) { self.world = world }

    private func path(_ name: String) -> String { "\(world.mount)/\(name)" }

    private func count(_ what: String) { counts.withLock { $0[what, default: 0] += 1 } }

    private func newVersion(of file: Int) -> WholeVersion {
        WholeVersion(
            file: file, version: lastVersion.add(1, ordering: .relaxed).newValue)
    }

    // MARK: Elsewhere

    func begin(_ names: [String]) throws {
        for (file, name) in names.enumerated() {
            let bytes = newVersion(of: file).bytes
            try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
                try service.remoteCreateFile(name, bytes, now: now)
            }
        }
        try world.synchronize()
    }

    /// Somebody else replaces a file, which may not be there for a moment.
    func edit(_ name: String) throws -> WholeVersion? {
        var new: WholeVersion?
        try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
            guard let old = service.content(name).flatMap({ WholeVersion($0.bytes) }) else {
                return
            }
            let version = newVersion(of: old.file)
            try service.remoteEdit(name, version.bytes, now: now)
            new = version
        }
        if new != nil { count("edits elsewhere") }
        return new
    }

    func exchange(_ one: String, _ other: String) throws {
        try world.elsewhere { (service, now) throws(RemoteChangeRefused) in
            try service.remoteRename(one, to: "spare", now: now)
            try service.remoteRename(other, to: one, now: now)
            try service.remoteRename("spare", to: other, now: now)
        }
        count("exchanges elsewhere")
    }

    func synchronize() throws {
        let socket = SystemDirectory.controlSocketPath(in: world.state)
        _ = try ControlConnection(path: socket).ask(.synchronize(waits: true), path: socket)
    }

    func announce(_ versions: [WholeVersion]) {
        floors.withLock { floors in
            for version in versions { floors[version.file] = version.version }
        }
    }

    /// Somebody else replaces a file as often as one of the readers has a turn.
    func addEditor(to crew: Crew, _ name: String) throws {
        let seen = Atomic(0)
        try crew.add("editor") { [self] _ in
            let turn = crew.turns["reader 0", default: 0]
            guard seen.exchange(turn, ordering: .relaxed) != turn else {
                sched_yield()
                return
            }
            _ = try edit(name)
        }
    }

    /// Lets everybody have two turns more.
    func awaitTurns(of crew: Crew) {
        let before = crew.turns
        crew.wait(for: "everybody's turn") {
            let now = crew.turns
            return now.count == crew.size
                && now.allSatisfy { $0.value >= before[$0.key, default: 0] + 2 }
        }
    }

    // MARK: Readers

    /// A file that is open since some time.
    private struct Open {
        let descriptor: Int32
        let map: MappedFile?
        let bytes: [UInt8]
    }

    /// Opens files, reads them, keeps some open for a while and then looks at them again.
    func addReader(_ number: Int, to crew: Crew, _ names: [String]) throws {
        try crew.add("reader \(number)") { [self] turn in
            try look(names, turn * 7 + number, crew, depth: turn % 4)
        }
    }

    private func look(
        _ names: [String], _ turn: Int, _ crew: Crew, depth: Int
    ) throws {
        let name = names[turn % names.count]
        let floors = floors.withLock { $0 }
        let open: Open
        do {
            open = try self.open(name)
        } catch let error as PosixError where [.stale, .noEntry].contains(error) {
            // The version went away before its bytes had come; or a name is just being moved.
            count("\(error) at first")
            return
        }
        defer { close(open.descriptor) }
        guard let version = WholeVersion(open.bytes) else {
            let begin = Self.begin(of: open.bytes)
            crew.complain("\(name): \(open.bytes.count) bytes are no version: \(begin)")
            return
        }
        if version.version < floors[version.file, default: 0] {
            crew.complain("\(name): \(version), announced: \(floors)")
        }
        count("reads")
        if depth > 0 {
            try look(names, turn + depth, crew, depth: depth - 1)
        }
        lseek(open.descriptor, 0, SEEK_SET)
        if try Calls.read(open.descriptor) != open.bytes {
            crew.complain("\(name): a handle reads other bytes than before")
        }
        if let map = open.map, try map.bytes() != open.bytes {
            crew.complain("\(name): a map shows other bytes than before")
        }
        count("second looks")
    }

    private static func begin(of bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(40), as: UTF8.self)
    }

    private func open(_ name: String) throws -> Open {
        let descriptor = try Calls.open(path(name), O_RDONLY)
        do {
            // The service is in this process, whose memory may not wait for it: what is mapped here
            // has come before.
            let bytes = try Calls.read(descriptor)
            let map = bytes.isEmpty ? nil : try MappedFile(descriptor, count: bytes.count)
            return Open(descriptor: descriptor, map: map, bytes: bytes)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Has processes of their own read files: `cat` by descriptor, another one by map.
    func addPrograms(to crew: Crew, _ names: [String]) throws {
        let map = BuiltPrograms.directory + "/LockScripts"
        for (who, words) in [("cat", ["cat"]), ("map", [map, "map"])] {
            try crew.add(who) { [self] turn in
                let name = names[turn % names.count]
                let finished = try Program.run(words + [path(name)], in: "/")
                let bytes = Array(finished.output.utf8)
                if finished.status != 0 {
                    let lines = finished.errors.split(separator: "\n")
                    count("\(who):\(lines.last?.split(separator: ":").last ?? "")")
                } else if WholeVersion(bytes) == nil {
                    let begin = Self.begin(of: bytes)
                    crew.complain("\(name): \(who) shows \(bytes.count) bytes: \(begin)")
                } else {
                    count("reads by \(who)")
                }
            }
        }
    }

    /// Reads what is written in place, under the lock of those who write.
    func addLockedReader(to crew: Crew, _ names: [String]) throws {
        try crew.add("locked reader") { [self] turn in
            let name = names[turn % names.count]
            try withLock(on: name, LOCK_SH) { descriptor in
                let bytes = try Calls.read(descriptor)
                guard WholeVersion(bytes) != nil else {
                    crew.complain("\(name), locked: \(bytes.count) bytes: \(Self.begin(of: bytes))")
                    return
                }
                count("reads under a lock")
            }
        }
    }

    // MARK: Savers

    func addSavers(to crew: Crew) throws {
        try crew.add("replace") { [self] _ in
            try write(newVersion(of: 0), to: "replaced.new")
            try LinuxCalls.rename(path("replaced.new"), path("replaced"), flags: 0)
            count("saves")
        }
        try crew.add("back up", expecting: [.noEntry]) { [self] turn in
            try write(newVersion(of: 1), to: "backedUp.new")
            try LinuxCalls.rename(path("backedUp"), path("backedUp~"), flags: 0)
            try LinuxCalls.rename(path("backedUp.new"), path("backedUp"), flags: 0)
            if turn % 2 == 0 { unlink(path("backedUp~")) }
            count("saves")
        }
        try crew.add("exchange") { [self] _ in
            try write(newVersion(of: 2), to: "exchanged.new")
            do {
                try LinuxCalls.rename(path("exchanged.new"), path("exchanged"), flags: 2)
                unlink(path("exchanged.new"))
            } catch let error as PosixError where error == .noEntry {
                // Edited elsewhere amid an exchange, it may have been left under its other name.
                try LinuxCalls.rename(path("exchanged.new"), path("exchanged"), flags: 0)
                count("files left under their other name")
            }
            count("saves")
        }
        try crew.add("overwrite") { [self] _ in
            try withLock(on: "overwritten", LOCK_EX) { descriptor in
                let version = newVersion(of: 3)
                try put(version, descriptor)
                _ = try Calls.check(Int(ftruncate(descriptor, version.count)))
            }
        }
        try crew.add("truncate") { [self] _ in
            try withLock(on: "truncated", LOCK_EX) { descriptor in
                _ = try Calls.check(Int(ftruncate(descriptor, 0)))
                try put(newVersion(of: 4), descriptor)
            }
        }
    }

    private func write(_ version: WholeVersion, to name: String) throws {
        try Calls.write(version.bytes, to: path(name))
    }

    private func put(_ version: WholeVersion, _ descriptor: Int32) throws {
        let bytes = version.bytes
        let half = bytes.count / 2
        let first = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, half, 0) }
        let second = bytes.withUnsafeBytes {
            pwrite(descriptor, $0.baseAddress?.advanced(by: half), bytes.count - half, half)
        }
        guard first == half, second == bytes.count - half else { throw PosixError(rawValue: errno) }
        count("saves")
    }

    /// Locks a file and looks, as programs do that share files, whether the name still stands for it.
    private func withLock(
        on name: String, _ operation: Int32, _ body: (Int32) throws -> Void
    ) throws {
        let descriptor = try Calls.open(path(name), operation == LOCK_SH ? O_RDONLY : O_RDWR)
        defer { close(descriptor) }
        _ = try Calls.check(Int(flock(descriptor, operation)))
        var mine = stat()
        fstat(descriptor, &mine)
        guard mine.st_ino == (try? Calls.stat(path(name)))?.st_ino else {
            count("locks on a file that has been replaced")
            return
        }
        do {
            try body(descriptor)
        } catch let error as PosixError where error == .stale {
            count("\(error) under a lock")
        }
    }

    // MARK: The end

    /// Every version that the service has ever held is whole.
    func finish(wishedRounds: Int?) {
        let holdings = world.host.withService { $0.holdings() }
        for holding in holdings {
            let bytes = holding.content.bytes
            #expect(
                WholeVersion(bytes) != nil,
                "\(holding.whereabouts): \(bytes.count) bytes: \(Self.begin(of: bytes))")
        }
        counts.withLock { counts in
            #expect(counts["reads", default: 0] > 0)
            counts["versions in the cloud"] = holdings.count
            guard wishedRounds != nil else { return }
            for (what, count) in counts.sorted(by: { $0.key < $1.key }) {
                print("\(what): \(count)")
            }
        }
    }
}
