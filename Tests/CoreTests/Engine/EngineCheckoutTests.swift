import GraphSimulator
import Simulation
import Testing

@testable import Core

/// Exclusive locks that hold on several devices (`remote_locks: checkout`).
struct EngineCheckoutTests {
    private static let path = "report.docx"

    private static func drive(
        _ other: SharedDrive.Other = .colleague, quirks: Quirks = Quirks(), text: String = "one",
        remoteLocks: RemoteLockPolicy = .checkout
    ) throws -> SharedDrive {
        try SharedDrive(other, quirks: quirks, files: [path: text], remoteLocks: remoteLocks)
    }

    struct Way: CustomTestStringConvertible {
        var other: SharedDrive.Other
        var refusal: Quirks.CheckoutRefusal
        var isShownToAll = false
        var testDescription: String { "\(other), \(refusal), shown to all: \(isShownToAll)" }

        var quirks: Quirks {
            var quirks = Quirks()
            quirks.checkoutRefusal = refusal
            quirks.showsCheckoutToAll = isShownToAll
            return quirks
        }
    }

    private static let ways = SharedDrive.Other.allCases.flatMap { other in
        Quirks.CheckoutRefusal.allCases.flatMap { refusal in
            [false, true].map { Way(other: other, refusal: refusal, isShownToAll: $0) }
        }
    }

    @Test(
        "S88, S89: a lock on one device keeps the others out, and lets them in when it ends",
        arguments: ways)
    func exclusion(_ way: Way) throws {
        var drive = try Self.drive(way.other, quirks: way.quirks)
        let mine = try drive.open(Self.path, at: 0)
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: mine, at: 0) == .granted)
        #expect(drive.lock(on: theirs, at: 1) == .failed(.tryAgain))
        var waiting = drive.begin(on: theirs, at: 1, waits: true)
        for _ in 0..<200 {
            drive.pass()
            drive.goOn(&waiting)
        }
        #expect(!waiting.isOver)
        #expect(drive[1].engine.lockListing.checkouts.map(\.state) == [.waiting])
        #expect(drive[0].engine.lockListing.checkouts.map(\.state) == [.held])
        try drive.unlock(mine, at: 0)
        drive.finish(&waiting)
        #expect(waiting.outcome == .granted)
        #expect(drive.lock(on: mine, at: 0) == .failed(.tryAgain))
        try drive.unlock(theirs, at: 1)
        #expect(drive.lock(on: mine, at: 0, waits: true) == .granted)
        drive.close(mine, at: 0)
        drive.close(theirs, at: 1)
        drive.pass(seconds: 10)
        #expect(drive.text(Self.path) == "one")
        for client in 0...1 {
            #expect(drive[client].engine.checkouts.all.isEmpty)
            #expect(drive[client].database.state.checkouts.isEmpty)
        }
    }

    @Test(
        "S91: what was not changed leaves no version, and what was is published with the lock's end"
    )
    func givingBack() throws {
        var drive = try Self.drive()
        let opened = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: opened, at: 0) == .granted)
        try drive.unlock(opened, at: 0)
        drive.close(opened, at: 0)
        drive.pass(seconds: 10)
        #expect(drive.count(.discardCheckout) == 1)
        #expect(drive.count(.checkin) == 0)
        #expect(drive.service.entry(Self.path, of: .library)?.versionCount == 0)

        let writer = try drive.open(Self.path, at: 0, canWrite: true)
        #expect(drive.lock(on: writer, at: 0) == .granted)
        try drive.within(0) { try $0.put("two", writer) }
        drive.close(writer, at: 0)
        drive.within(1) { $0.synchronize() }
        #expect(try drive.within(1) { try $0.text(Self.path) } == "one")
        drive.pass(seconds: 10)
        #expect(drive.count(.checkin) == 1)
        drive.within(1) { $0.synchronize() }
        #expect(try drive.within(1) { try $0.text(Self.path) } == "two")
        #expect(drive.service.entry(Self.path, of: .library)?.versionCount == 1)
    }

    @Test("S91: nobody sees what a holder has sent before it is checked in")
    func drafts() throws {
        var drive = try Self.drive()
        let lock = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: lock, at: 0) == .granted)
        // A save by renaming moves the item to another file, which is not locked and goes up.
        try drive.within(0) { world in
            try world.write("new", "two")
            try world.rename("new", Self.path)
        }
        drive.pass(seconds: 20)
        #expect(drive.text(Self.path) == "two")
        drive.within(1) { $0.synchronize() }
        #expect(try drive.within(1) { try $0.text(Self.path) } == "one")
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: theirs, at: 1) == .failed(.tryAgain))
        drive.close(theirs, at: 1)
        drive.close(lock, at: 0)
        drive.pass(seconds: 10)
        drive.within(1) { $0.synchronize() }
        #expect(try drive.within(1) { try $0.text(Self.path) } == "two")
        #expect(drive.count(.checkin) == 1)
    }

    @Test("S90: a lock is not granted on a version that is outdated")
    func outdated() throws {
        var drive = try Self.drive()
        let opened = try drive.open(Self.path, at: 0)
        try drive.elsewhere {
            try $0.remoteEdit(Self.path, Array("two".utf8), in: .library, now: $1)
        }
        #expect(drive.lock(on: opened, at: 0) == .failed(.stale))
        // Neither does a program get one that has the old version open when it has been replaced.
        drive.pass(seconds: 1)
        #expect(drive.lock(on: opened, at: 0) == .failed(.stale))
        #expect(drive.lock(.shared, on: opened, at: 0) == .granted)
        let again = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: again, at: 0) == .granted)
        #expect(try drive.within(0) { try $0.read(again) } == "two")
        drive.close(opened, at: 0)
    }

    @Test(
        "S88, S90: programs on two devices count to the same number, one at a time",
        arguments: SharedDrive.Other.allCases)
    func counting(_ other: SharedDrive.Other) throws {
        var drive = try Self.drive(other, text: "000")
        for round in 1...12 {
            try increment(round.isMultiple(of: 3) ? 1 : round % 2, in: &drive)
        }
        drive.pass(seconds: 20)
        #expect(drive.text(Self.path) == "012")
    }

    private func increment(_ client: Int, in drive: inout SharedDrive) throws {
        let opened = try openLocked(client, canWrite: true, in: &drive)
        try drive.within(client) { world in
            let number = Int(try world.read(opened)) ?? 0
            let digits = String(number + 1)
            let text = String(repeating: "0", count: 3 - digits.utf8.count) + digits
            try world.put(text, opened)
        }
        drive.close(opened, at: client)
    }

    /// Opens and locks the file, as often as it takes to have the newest version open.
    private func openLocked(
        _ client: Int, canWrite: Bool = false, in drive: inout SharedDrive
    ) throws -> OpenedFile {
        for _ in 0..<20 {
            let opened = try drive.open(Self.path, at: client, canWrite: canWrite)
            let outcome = drive.lock(on: opened, at: client, waits: true)
            if outcome == .granted { return opened }
            try #require(outcome == .failed(.stale))
            // Nor is it granted at once, when the file is checked out already.
            #expect(drive.lock(on: opened, at: client) == .failed(.stale))
            drive.close(opened, at: client)
            drive.pass()
        }
        throw PosixError.stale
    }

    @Test(
        "S93: a holder that is killed anywhere is recovered at its next start",
        arguments: SharedDrive.Other.allCases)
    func crashes(_ other: SharedDrive.Other) throws {
        for steps in 0..<24 {
            var drive = try Self.drive(other)
            let mine = try drive.open(Self.path, at: 0, canWrite: true)
            _ = drive.begin(on: mine, at: 0, waits: true)
            drive.within(0) { $0.run(effects: steps) }
            drive.within(0) { $0.crash() }
            drive.pass(seconds: 20)
            let theirs = try drive.open(Self.path, at: 1)
            #expect(drive.lock(on: theirs, at: 1) == .granted, "killed after \(steps) steps")
            #expect(drive[0].database.state.checkouts.isEmpty)
        }
    }

    @Test("S93: what was changed under the lock goes up after a crash, before others get the file")
    func crashWithChanges() throws {
        var drive = try Self.drive()
        let mine = try drive.open(Self.path, at: 0, canWrite: true)
        #expect(drive.lock(on: mine, at: 0) == .granted)
        try drive.within(0) { world in
            try world.put("two", mine)
            world.step { $0.flush(mine.node, at: $1) }
            world.crash()
        }
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: theirs, at: 1, waits: true) == .failed(.stale))
        drive.close(theirs, at: 1)
        let again = try openLocked(1, in: &drive)
        #expect(try drive.within(1) { try $0.read(again) } == "two")
        #expect(drive.count(.checkin) == 1)
        #expect(drive.count(.discardCheckout) == 0)
    }

    @Test(
        "a lost answer leaves nothing checked out, and no lock without one",
        arguments: [GraphSimulator.Operation.checkout, .checkin, .discardCheckout], [false, true])
    func lostAnswers(_ operation: GraphSimulator.Operation, changes: Bool) throws {
        var drive = try Self.drive()
        drive.elsewhere { service, _ in
            service.inject(Fault(.loseReply, operation: operation))
        }
        let mine = try drive.open(Self.path, at: 0, canWrite: true)
        #expect(drive.lock(on: mine, at: 0) == .granted)
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: theirs, at: 1) == .failed(.tryAgain))
        if changes { try drive.within(0) { try $0.put("two", mine) } }
        drive.close(mine, at: 0)
        drive.close(theirs, at: 1)
        drive.pass(seconds: 30)
        let again = try openLocked(1, in: &drive)
        #expect(try drive.within(1) { try $0.read(again) } == (changes ? "two" : "one"))
        #expect(drive[0].engine.checkouts.all.isEmpty)
    }

    @Test("S92: offline no lock is taken that could not hold; one that is held goes on")
    func offline() throws {
        var drive = try Self.drive()
        let held = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: held, at: 0) == .granted)
        drive.within(0) { $0.networkIsDown = true }
        try drive.unlock(held, at: 0)
        #expect(drive.lock(on: held, at: 0) == .granted)
        try drive.unlock(held, at: 0)
        drive.pass(seconds: 30)
        #expect(drive.lock(on: held, at: 0, waits: true) == .failed(.noLocks))
        #expect(drive.lock(.shared, on: held, at: 0) == .granted)
        try drive.unlock(held, at: 0)
        drive.within(0) { $0.networkIsDown = false }
        drive.pass(seconds: 180)
        #expect(drive.lock(on: held, at: 0) == .granted)
    }

    @Test(
        "S95: what the user has checked out elsewhere is his, and is neither locked nor given back")
    func ownElsewhere() throws {
        var quirks = Quirks()
        quirks.checksOutTwice = true
        var drive = try Self.drive(.device, quirks: quirks)
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: theirs, at: 1) == .granted)
        let mine = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: mine, at: 0) == .failed(.tryAgain))
        drive.pass(seconds: 60)
        #expect(drive.count(.checkout) == 1)
        #expect(drive.count(.discardCheckout) + drive.count(.checkin) == 0)
    }

    @Test("S95: what the user changes elsewhere while a lock is held here is never discarded")
    func changedElsewhere() throws {
        // The other device locks nothing and writes at once: the service lets it, as the same user.
        var drive = try Self.drive(.device, text: "one")
        let mine = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: mine, at: 0) == .granted)
        try drive.within(1) { world in
            try world.write(Self.path, "two")
            world.wait(seconds: 10)
        }
        #expect(drive.text(Self.path) == "two")
        drive.close(mine, at: 0)
        drive.pass(seconds: 20)
        #expect(drive.text(Self.path) == "two")
        #expect(drive.count(.checkin) == 1)
        #expect(drive.count(.discardCheckout) == 0)
    }

    @Test("S94: shared locks, new files and drives without checkout do not concern the cloud")
    func withoutCloud() throws {
        var drive = try Self.drive()
        let opened = try drive.open(Self.path, at: 0)
        #expect(drive.begin(.shared, on: opened, at: 0, waits: false).outcome == .granted)
        try drive.within(0) { try $0.write("fresh", "x") }
        let fresh = try drive.open("fresh", at: 0)
        #expect(drive.begin(on: fresh, at: 0, waits: false).outcome == .granted)
        var local = try Self.drive(remoteLocks: .off)
        let other = try local.open(Self.path, at: 0)
        #expect(local.begin(on: other, at: 0, waits: false).outcome == .granted)
        local.pass(seconds: 5)
        #expect(local.count(.checkout) + drive.count(.checkout) == 0)

        var configuration = EngineConfiguration.test
        configuration.remoteLocks = .checkout
        var world = EngineWorld(
            GraphService(profile: .personal, seed: 7), configuration: configuration)
        world.synchronize()
        #expect(world.reports.contains(.noCheckout))
        try world.write("a", "x")
        world.synchronize()
        let personal = try world.open("a")
        let request = LockRequest(
            node: personal.node, family: .wholeFile, owner: LockOwner(rawValue: 5),
            handle: personal.handle,
            lock: FileLock(kind: .exclusive, range: FileLock.everything, process: 5))
        let answer = try world.step { engine, now throws(PosixError) in
            try engine.lock(request, waits: false, isSettled: true, at: now)
        }
        #expect(answer == .granted)
    }

    @Test("S89: a program that gives up waiting leaves nothing behind")
    func givingUp() throws {
        var drive = try Self.drive()
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: theirs, at: 1) == .granted)
        let mine = try drive.open(Self.path, at: 0)
        let attempt = drive.begin(on: mine, at: 0, waits: true)
        drive.pass(seconds: 5)
        guard case .asks(let id) = attempt.outcome else {
            Issue.record("\(attempt.outcome)")
            return
        }
        let isWaiting = drive.within(0) { world in
            world.step { $0.cancelWait(id, at: $1) }
        }
        #expect(isWaiting)
        drive.pass(seconds: 60)
        #expect(drive[0].engine.checkouts.all.isEmpty)
        #expect(!drive[0].engine.locks.isLocked(mine.node))
    }

    @Test("two programs here share one checkout, which lasts as long as either lock")
    func twoHere() throws {
        var drive = try Self.drive()
        let first = try drive.open(Self.path, at: 0)
        let second = try drive.open(Self.path, at: 0)
        #expect(drive.lock(on: first, at: 0, owner: 1) == .granted)
        #expect(drive.lock(on: second, at: 0, owner: 2) == .failed(.tryAgain))
        var waiting = drive.begin(on: second, at: 0, waits: true, owner: 2)
        try drive.unlock(first, at: 0, owner: 1)
        drive.finish(&waiting)
        #expect(waiting.outcome == .granted)
        drive.pass(seconds: 30)
        let theirs = try drive.open(Self.path, at: 1)
        #expect(drive.lock(on: theirs, at: 1) == .failed(.tryAgain))
        #expect(drive[0].service.log.count(.discardCheckout) == 0)
    }
}
