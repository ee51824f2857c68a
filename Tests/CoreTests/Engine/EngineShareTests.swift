import Core
import GraphSimulator
import Simulation
import Testing

/// Folders of other drives that shortcuts bring into the mount.
struct EngineShareTests {
    /// A world with a folder of somebody else's, `Team`, shown as `Shared`.
    private struct SharedWorld {
        var world: EngineWorld
        let owner: GraphService.DriveSelector

        init(
            _ profile: AccountProfile = .business, _ permission: SharePermission = .write,
            configure: (inout GraphService) -> Void = { _ in }
        ) throws {
            var service = GraphService(profile: profile, seed: 21)
            let now = Timestamp(seconds: 1_767_299_000)
            owner = service.addForeignDrive(now: now)
            try service.remoteCreateFile("Team/plan.txt", Array("plan".utf8), in: owner, now: now)
            try service.remoteCreateFile(
                "Team/deep/er/notes.txt", Array("notes".utf8), in: owner, now: now)
            try service.remoteCreateFile("Private/diary.txt", Array("!".utf8), in: owner, now: now)
            try service.remoteCreateFile("own.txt", Array("mine".utf8), now: now)
            try service.remoteShare("Team", of: owner, as: "Shared", permission, now: now)
            configure(&service)
            world = EngineWorld(service)
            world.synchronize()
        }

        func ownerPaths() -> [String] { world.service.tree(of: owner).map(\.path) }

        func ownerText(_ path: String) -> String? {
            world.service.content(path, of: owner).map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    private static let all = [
        "Shared/", "Shared/deep/", "Shared/deep/er/", "Shared/deep/er/notes.txt",
        "Shared/plan.txt", "own.txt",
    ]

    @Test(arguments: AccountProfile.allCases)
    func aSharedFolderIsShownAndRead(_ profile: AccountProfile) throws {
        var shared = try SharedWorld(profile) { service in
            service.quirks.driveIDUpperCase = profile.isConsumer
            service.quirks.driveIDWithoutZeros = profile.isConsumer
        }
        #expect(try shared.world.paths() == Self.all)
        #expect(try shared.world.text("Shared/deep/er/notes.txt") == "notes")
        #expect(shared.world.engine.status.pending == 0)
    }

    @Test(arguments: AccountProfile.allCases)
    func changesGoUpToTheOwner(_ profile: AccountProfile) throws {
        var shared = try SharedWorld(profile)
        try shared.world.write("Shared/new.txt", "new")
        try shared.world.write("Shared/plan.txt", "better plan")
        try shared.world.makeDirectory("Shared/folder")
        try shared.world.rename("Shared/deep/er/notes.txt", "Shared/folder/notes.txt")
        shared.world.synchronize()
        #expect(shared.ownerText("Team/new.txt") == "new")
        #expect(shared.ownerText("Team/plan.txt") == "better plan")
        #expect(shared.ownerText("Team/folder/notes.txt") == "notes")
        try shared.world.remove("Shared/new.txt")
        try shared.world.remove("Shared/folder/notes.txt")
        try shared.world.removeDirectory("Shared/folder")
        shared.world.synchronize()
        shared.world.wait(seconds: 30)
        #expect(
            shared.ownerPaths() == [
                "Private", "Private/diary.txt", "Team", "Team/deep", "Team/deep/er",
                "Team/plan.txt",
            ])
        #expect(shared.world.engine.status.pending == 0)
    }

    @Test func changesOfTheOwnerArrive() throws {
        var shared = try SharedWorld()
        let now = shared.world.now
        try shared.world.service.remoteEdit(
            "Team/plan.txt", Array("changed".utf8), in: shared.owner, now: now)
        try shared.world.service.remoteDelete("Team/deep", in: shared.owner, now: now)
        try shared.world.service.remoteCreateFile(
            "Team/more/x.txt", [1], in: shared.owner, now: now)
        shared.world.synchronize()
        #expect(
            try shared.world.paths() == [
                "Shared/", "Shared/more/", "Shared/more/x.txt", "Shared/plan.txt", "own.txt",
            ])
        #expect(try shared.world.text("Shared/plan.txt") == "changed")
    }

    @Test("S85: nothing moves from one drive to another")
    func nothingMovesBetweenDrives() throws {
        var shared = try SharedWorld()
        #expect(throws: PosixError.crossesDevices) {
            try shared.world.rename("own.txt", "Shared/own.txt")
        }
        #expect(throws: PosixError.crossesDevices) {
            try shared.world.rename("Shared/plan.txt", "plan.txt")
        }
        try shared.world.rename("Shared", "Renamed")
        shared.world.synchronize()
        #expect(shared.world.service.entry("Renamed") != nil)
        #expect(shared.ownerText("Team/plan.txt") == "plan")
        #expect(try shared.world.text("Renamed/plan.txt") == "plan")
    }

    @Test("S86: removing a shared folder removes the shortcut and nothing of the owner's")
    func removingTheShortcut() throws {
        var shared = try SharedWorld()
        let before = shared.ownerPaths()
        try shared.world.removeDirectory("Shared")
        shared.world.synchronize()
        shared.world.wait(seconds: 60)
        #expect(shared.world.cloudPaths == ["own.txt"])
        #expect(shared.ownerPaths() == before)
        #expect(try shared.world.paths() == ["own.txt"])
        #expect(shared.world.engine.tree.count == 2)
    }

    @Test("S86: rm -r of a shared folder removes the shortcut and nothing of the owner's")
    func removingEverythingOneByOne() throws {
        var shared = try SharedWorld()
        let before = shared.ownerPaths()
        try shared.world.remove("Shared/deep/er/notes.txt")
        shared.world.wait(seconds: 4)
        try shared.world.removeDirectory("Shared/deep/er")
        try shared.world.removeDirectory("Shared/deep")
        shared.world.wait(seconds: 4)
        try shared.world.remove("Shared/plan.txt")
        try shared.world.removeDirectory("Shared")
        shared.world.synchronize()
        shared.world.wait(seconds: 60)
        #expect(shared.ownerPaths() == before)
        #expect(shared.world.cloudPaths == ["own.txt"])
    }

    @Test("S86: a shared folder with changes that are not in the cloud is not removed")
    func removingWithChanges() throws {
        var shared = try SharedWorld()
        try shared.world.write("Shared/plan.txt", "unsent")
        #expect(throws: PosixError.notEmpty) { try shared.world.removeDirectory("Shared") }
        shared.world.synchronize()
        #expect(shared.ownerText("Team/plan.txt") == "unsent")
    }

    @Test("S87: a shared folder that was withdrawn is kept, and nothing in it is changed")
    func brokenShortcut() throws {
        var shared = try SharedWorld()
        #expect(try shared.world.text("Shared/plan.txt") == "plan")
        shared.world.service.remoteUnshare("Team", of: shared.owner)
        shared.world.synchronize()
        #expect(try shared.world.paths() == Self.all)
        #expect(try shared.world.text("Shared/plan.txt") == "plan")
        #expect(throws: PosixError.accessDenied) {
            try shared.world.write("Shared/new.txt", "x")
        }
        #expect(throws: PosixError.accessDenied) { try shared.world.remove("Shared/plan.txt") }
        #expect(shared.world.reports.contains { "\($0)".contains("cannot be opened any more") })
    }

    @Test("The owner of the drive takes the shortcut away: clean copies go, edits stay")
    func shortcutRemovedThere() throws {
        var shared = try SharedWorld()
        try shared.world.service.remoteDelete("Shared", now: shared.world.now)
        shared.world.synchronize()
        #expect(try shared.world.paths() == ["own.txt"])
        #expect(shared.ownerText("Team/plan.txt") == "plan")
    }

    @Test(
        "S84: a folder that may only be read refuses changes, which stay here",
        arguments: [true, false])
    func readOnlyShare(hidesParents: Bool) throws {
        var shared = try SharedWorld(.business, .read) {
            $0.quirks.readOnlySharesHideParents = hidesParents
        }
        try shared.world.write("Shared/empty.txt", "")
        try shared.world.write("Shared/plan.txt", "mine")
        shared.world.wait(seconds: 120)
        #expect(shared.ownerText("Team/plan.txt") == "plan")
        #expect(try shared.world.text("Shared/plan.txt") == "mine")
        #expect(try shared.world.paths().contains("Shared/empty.txt"))
    }

    @Test("What is known of shared folders survives a crash", arguments: [2, 8, 14, 20, 40])
    func crashes(after effects: Int) throws {
        var shared = try SharedWorld()
        try shared.world.write("Shared/new.txt", "new")
        try shared.world.rename("Shared/plan.txt", "Shared/deep/plan.txt")
        shared.world.run(effects: effects)
        shared.world.crash()
        shared.world.synchronize()
        shared.world.synchronize()
        #expect(shared.ownerText("Team/new.txt") == "new")
        #expect(shared.ownerText("Team/deep/plan.txt") == "plan")
        #expect(
            try shared.world.paths() == [
                "Shared/", "Shared/deep/", "Shared/deep/er/", "Shared/deep/er/notes.txt",
                "Shared/deep/plan.txt", "Shared/new.txt", "own.txt",
            ])
    }

    @Test("A folder is listed when it is opened, before the walk comes to it")
    func listedOnDemand() throws {
        var service = GraphService(profile: .business, seed: 3)
        let now = Timestamp(seconds: 1_767_299_000)
        let owner = service.addForeignDrive(now: now)
        for folder in 0..<30 {
            try service.remoteCreateFile("T/\(folder)/f.txt", [1], in: owner, now: now)
        }
        try service.remoteShare("T", of: owner, as: "S", now: now)
        var world = EngineWorld(service)
        #expect(try world.text("S/29/f.txt") == "\u{1}")
        // Before all of them are listed.
        #expect(world.service.log.count(.children) < 30)
    }

    @Test("A state of a version that knew no shortcuts finds them without starting over")
    func earlierState() throws {
        var shared = try SharedWorld()
        shared.world.database.forgetShares()
        shared.world.crash()
        shared.world.service.clearLog()
        shared.world.synchronize()
        shared.world.synchronize()
        #expect(try shared.world.paths() == Self.all)
        #expect(try shared.world.text("Shared/plan.txt") == "plan")
        #expect(!shared.world.reports.contains(.resynchronizing))
    }

    @Test("A round that begins anew does not touch what other drives hold")
    func resynchronization() throws {
        var shared = try SharedWorld()
        shared.world.service.expireDeltaTokens()
        shared.world.synchronize()
        #expect(try shared.world.paths() == Self.all)
        #expect(shared.ownerText("Team/plan.txt") == "plan")
        #expect(shared.world.cloudPaths == ["Shared/", "own.txt"])
    }
}

extension AccountProfile {
    fileprivate var isConsumer: Bool { self != .business }
}
