import GraphSimulator
import Testing

@testable import Core

/// What the engine does with changes from elsewhere while programs use a file.
struct EngineLockTests {
    /// How a program uses the file.
    enum Use: CaseIterable {
        case nothing
        case reading
        case writing
        case sharedLock
        case exclusiveLock
        case wholeFileLock
        case lockFile
    }

    /// What somebody does elsewhere.
    enum Change: CaseIterable {
        case edit
        case deletion
        case rename
    }

    private static let rows: [(Use, Change, Bool)] = [
        (.nothing, .edit, true), (.nothing, .deletion, true), (.nothing, .rename, true),
        (.reading, .edit, true), (.reading, .deletion, true), (.reading, .rename, true),
        (.writing, .edit, false), (.writing, .deletion, false), (.writing, .rename, true),
        (.sharedLock, .edit, false), (.sharedLock, .deletion, false), (.sharedLock, .rename, true),
        (.exclusiveLock, .edit, false), (.exclusiveLock, .deletion, false),
        (.exclusiveLock, .rename, true),
        (.wholeFileLock, .edit, false), (.wholeFileLock, .deletion, false),
        (.wholeFileLock, .rename, true),
        (.lockFile, .edit, false), (.lockFile, .deletion, false), (.lockFile, .rename, false),
    ]

    @Test(
        "a change from elsewhere is made at once, or waits until the file is free",
        arguments: Self.rows)
    func table(use: Use, change: Change, isDone: Bool) throws {
        var world = EngineWorld()
        try world.elsewhere { try $0.remoteCreateFile("report.docx", Array("old".utf8), now: $1) }
        world.synchronize()
        #expect(try world.text("report.docx") == "old")
        let opened = try begin(use, in: &world)
        try apply(change, in: &world)
        world.synchronize()
        #expect(try isVisible(change, in: &world) == isDone)
        if !isDone {
            let reasons = world.engine.status.waiting.map(\.reason)
            #expect(reasons == [try #require(reason(use))])
        }
        if let opened {
            // The handle keeps what it opened, whatever became of the name.
            #expect(try world.read(opened) == "old")
        }
        try end(use, opened, in: &world)
        world.synchronize()
        #expect(try isVisible(change, in: &world))
        #expect(world.engine.status.waiting.isEmpty)
    }

    private func begin(_ use: Use, in world: inout EngineWorld) throws -> OpenedFile? {
        switch use {
        case .nothing: return nil
        case .lockFile:
            try world.write("~$report.docx", "me")
            return nil
        case .reading: return try world.open("report.docx")
        case .writing: return try world.open("report.docx", canWrite: true)
        case .sharedLock: return try lock(.shared, .byteRange, in: &world)
        case .exclusiveLock: return try lock(.exclusive, .byteRange, in: &world)
        case .wholeFileLock: return try lock(.exclusive, .wholeFile, in: &world)
        }
    }

    private func lock(
        _ kind: LockKind, _ family: LockFamily, in world: inout EngineWorld
    ) throws -> OpenedFile {
        let opened = try world.open("report.docx")
        let request = LockRequest(
            node: opened.node, family: family, owner: LockOwner(rawValue: 5),
            handle: opened.handle, lock: FileLock(kind: kind, range: 3...4, process: 5))
        let answer = try world.step { engine, now throws(PosixError) in
            try engine.lock(request, waits: false, isSettled: false, at: now)
        }
        #expect(answer == .granted)
        return opened
    }

    private func reason(_ use: Use) -> String? {
        switch use {
        case .nothing, .reading: nil
        case .writing: DeferralCause.openForWriting.text
        case .sharedLock, .exclusiveLock, .wholeFileLock: DeferralCause.locked.text
        case .lockFile: DeferralCause.inUse.text
        }
    }

    private func end(_ use: Use, _ opened: OpenedFile?, in world: inout EngineWorld) throws {
        if let opened { world.close(opened) }
        if use == .lockFile { try world.remove("~$report.docx") }
    }

    private func apply(_ change: Change, in world: inout EngineWorld) throws {
        try world.elsewhere { service, now in
            switch change {
            case .edit: try service.remoteEdit("report.docx", Array("new".utf8), now: now)
            case .deletion: try service.remoteDelete("report.docx", now: now)
            case .rename: try service.remoteRename("report.docx", to: "final.docx", now: now)
            }
        }
    }

    private func isVisible(_ change: Change, in world: inout EngineWorld) throws -> Bool {
        let paths = try world.paths()
        switch change {
        case .edit: return try world.text("report.docx") == "new"
        case .deletion: return !paths.contains("report.docx")
        case .rename: return paths.contains("final.docx") && !paths.contains("report.docx")
        }
    }

    @Test("of several versions that come while a file is locked, the last one is taken")
    func lastVersion() throws {
        var world = EngineWorld()
        try world.elsewhere { try $0.remoteCreateFile("a.txt", Array("one".utf8), now: $1) }
        world.synchronize()
        #expect(try world.text("a.txt") == "one")
        let opened = try world.open("a.txt")
        let request = LockRequest(
            node: opened.node, family: .wholeFile, owner: LockOwner(rawValue: 5),
            handle: opened.handle,
            lock: FileLock(kind: .shared, range: FileLock.everything, process: 5))
        _ = try world.step { engine, now throws(PosixError) in
            try engine.lock(request, waits: false, isSettled: false, at: now)
        }
        for text in ["two", "three", "four"] {
            try world.elsewhere { try $0.remoteEdit("a.txt", Array(text.utf8), now: $1) }
            world.synchronize()
            #expect(try world.text("a.txt") == "one")
        }
        try world.step { engine, now throws(PosixError) in
            try engine.unlock(
                FileLock.everything, on: opened.node, .wholeFile, of: LockOwner(rawValue: 5),
                at: now)
        }
        world.synchronize()
        #expect(try world.text("a.txt") == "four")
    }

    @Test("what somebody else has locked in the cloud waits, is told, and goes up in the end")
    func lockedElsewhere() throws {
        var world = EngineWorld()
        try world.elsewhere { try $0.remoteCreateFile("a.txt", Array("one".utf8), now: $1) }
        world.synchronize()
        try world.elsewhere { try $0.remoteSetLock("a.txt", .checkedOut, now: $1) }
        try world.write("a.txt", "two")
        var pauses: [Int64] = []
        for _ in 0..<40 {
            world.wait(seconds: 60)
            let listed = world.engine.lockListing.remote
            #expect(world.engine.status.waiting.map(\.path) == ["/a.txt"])
            #expect(listed.map(\.path) == ["/a.txt"])
            if let until = listed.first?.until {
                pauses.append(until.nanoseconds(since: world.now) / 60_000_000_000)
            }
        }
        #expect(pauses.allSatisfy { (0...15).contains($0) })
        #expect(pauses.max() ?? 0 > 10)
        #expect(try world.text("a.txt") == "two")
        #expect(world.cloudText("a.txt") == "one")
        try world.elsewhere { try $0.remoteSetLock("a.txt", .none, now: $1) }
        world.wait(seconds: 1000)
        #expect(world.cloudText("a.txt") == "two")
        #expect(world.engine.status.waiting.isEmpty)
    }

    @Test("to close a changed file that nobody has locked makes no plan before it has rested")
    func closingUnlocked() throws {
        var world = EngineWorld()
        world.synchronize()
        try world.write("a.txt", "one")
        let opened = try world.open("a.txt", canWrite: true)
        try world.put("two", opened)
        world.step {
            $0.closeDescriptor(
                of: opened.handle, on: opened.node, owner: LockOwner(rawValue: 5), at: $1)
        }
        world.step { $0.flush(opened.node, at: $1) }
        let due = try #require(world.engine.planning.due)
        #expect(due.nanoseconds(since: world.now) > 1_000_000_000)
    }

    @Test("a file that is only looked into takes a change from elsewhere as soon as it is closed")
    func closing() throws {
        var world = EngineWorld()
        try world.elsewhere { try $0.remoteCreateFile("a.txt", Array("one".utf8), now: $1) }
        world.synchronize()
        let opened = try world.open("a.txt", canWrite: true)
        try world.elsewhere { try $0.remoteEdit("a.txt", Array("two".utf8), now: $1) }
        world.synchronize()
        world.step { $0.flush(opened.node, at: $1) }
        world.close(opened)
        world.pass(until: world.now.advanced(byNanoseconds: 100_000_000))
        #expect(try world.text("a.txt") == "two")
    }

    @Test("a lock follows its file through renames, of the file and of what it lies in")
    func renames() throws {
        var world = EngineWorld()
        try world.makeDirectory("folder")
        try world.write("folder/a.txt", "one")
        let opened = try world.open("folder/a.txt")
        let request = LockRequest(
            node: opened.node, family: .byteRange, owner: LockOwner(rawValue: 5),
            handle: opened.handle, lock: FileLock(kind: .exclusive, range: 0...9, process: 5))
        _ = try world.step { engine, now throws(PosixError) in
            try engine.lock(request, waits: false, isSettled: false, at: now)
        }
        try world.rename("folder/a.txt", "folder/b.txt")
        try world.rename("folder", "other")
        let again = try world.open("other/b.txt")
        var rival = request
        rival.owner = LockOwner(rawValue: 6)
        rival.handle = again.handle
        #expect(throws: PosixError.tryAgain) {
            try world.step { engine, now throws(PosixError) in
                try engine.lock(rival, waits: false, isSettled: false, at: now)
            }
        }
        // Another file under the old name has locks of its own.
        try world.write("b.txt", "two")
        try world.rename("b.txt", "other/b.txt")
        let new = try world.open("other/b.txt")
        rival.node = new.node
        rival.handle = new.handle
        let answer = try world.step { engine, now throws(PosixError) in
            try engine.lock(rival, waits: false, isSettled: false, at: now)
        }
        #expect(answer == .granted)
    }
}

extension EngineWorld {
    /// Does what another client does.
    fileprivate mutating func elsewhere<Value>(
        _ change: (inout GraphService, Timestamp) throws -> Value
    ) rethrows {
        _ = try change(&service, now)
    }
}
