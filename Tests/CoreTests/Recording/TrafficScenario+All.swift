import Core
import GraphSimulator

extension TrafficScenario {
    static let all: [TrafficScenario] = [
        firstSync, paging, throttled, tokenExpired, oneNote, sharedFolder, changes, conflict,
        tombstonesBusiness, tombstonesPersonal, tombstonesLegacy, resyncApply, resyncUpload,
        uploadSession, locked,
    ]

    // MARK: Seen for the first time

    private static let firstSync = TrafficScenario(
        "first-sync", "a drive that this device has never seen"
    ) { world in
        try world.fill()
    }

    private static let paging = TrafficScenario(
        "paging", "changes in small pages: some empty, items twice, children before parents",
        quirks: {
            var quirks = Quirks()
            quirks.pageSizeMax = 4
            quirks.deltaEmptyPages = true
            quirks.deltaDuplicates = true
            quirks.deltaShuffles = true
            return quirks
        }()
    ) { world in
        try world.fill()
    }

    private static let throttled = TrafficScenario(
        "throttled", "429 with and without a time, and 503, in the middle of an enumeration",
        quirks: .smallPages
    ) { world in
        try world.fill()
        let code = "activityLimitReached"
        world.service.inject(
            Fault(
                .respond(status: 429, code: code, retryAfter: "7"), operation: .delta, skip: 1))
        world.service.inject(
            Fault(.respond(status: 429, code: code), operation: .delta, skip: 1))
        world.service.inject(
            Fault(
                .respond(status: 503, code: "serviceNotAvailable", retryAfter: "2.5"),
                operation: .delta, skip: 1))
    }

    private static let tokenExpired = TrafficScenario(
        "token-expired", "401 in the middle of an enumeration", quirks: .smallPages
    ) { world in
        try world.fill()
        world.service.inject(
            Fault(
                .respond(status: 401, code: "InvalidAuthenticationToken"), operation: .delta,
                skip: 1))
    }

    private static let oneNote = TrafficScenario(
        "onenote", "a notebook among files: a package, not a folder"
    ) { world in
        try world.elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteCreatePackage("Notebooks/Ideas", now: now)
            try service.remoteCreateFile("Notebooks/list.txt", Array("one".utf8), now: now)
        }
    }

    private static let sharedFolder = TrafficScenario(
        "shared-folder", "a shortcut to a folder of somebody else, and a file written into it"
    ) { world in
        try world.fill()
        try world.elsewhere { service, now throws(RemoteChangeRefused) in
            let other = service.addForeignDrive(now: now)
            try service.remoteCreateFile(
                "Team/minutes.txt", Array("we met".utf8), in: other, now: now)
            try service.remoteShare("Team", of: other, as: "Team", now: now)
        }
        world.settle()
        try world.write("Team/written here.txt", "for all of us")
    }

    // MARK: Changes

    private static let changes = TrafficScenario(
        "changes", "one change of each kind on either side"
    ) { world in
        try world.fill()
        world.settle()
        try world.elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteCreateFile("Reports/new.txt", Array("new".utf8), now: now)
            try service.remoteEdit("Reports/q1.txt", Array("more numbers".utf8), now: now)
            try service.remoteRename("Reports/q2.txt", to: "second quarter.txt", now: now)
            try service.remoteMove("Letters/june.txt", toFolder: "Reports", now: now)
            try service.remoteDelete("Letters/old.txt", now: now)
            try service.remoteSetModified(
                "Letters/may.txt", to: Timestamp(seconds: 1_700_000_000), now: now)
        }
        try world.makeDirectory("Drafts")
        try world.write("Drafts/a.txt", "written here")
        try world.write("Pictures/note.txt", "edited here")
        try world.rename("Pictures/a.jpg", "Pictures/b.jpg")
        try world.rename("Pictures/c.jpg", "Drafts/c.jpg")
        try world.remove("Pictures/d.jpg")
    }

    private static let conflict = TrafficScenario(
        "conflict", "a file that was edited on both sides"
    ) { world in
        try world.fill()
        world.settle()
        try world.elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteEdit("Reports/q1.txt", Array("edited elsewhere".utf8), now: now)
        }
        try world.write("Reports/q1.txt", "edited here")
    }

    // MARK: Deletions

    private static let tombstonesBusiness = TrafficScenario(
        "tombstones-business", "a folder and a file deleted, as a Business drive tells it"
    ) { world in
        try world.deleteThere()
    }

    private static let tombstonesPersonal = TrafficScenario(
        "tombstones-personal", "the same, as a Personal drive tells it", profile: .personal
    ) { world in
        try world.deleteThere()
    }

    private static let tombstonesLegacy = TrafficScenario(
        "tombstones-personal-legacy", "the same, as an older Personal drive tells it",
        profile: .personalLegacy
    ) { world in
        try world.deleteThere()
    }

    // MARK: The place in the sequence of changes is lost

    private static let resyncApply = TrafficScenario(
        "resync-apply", "410: what the service no longer lists is deleted",
        quirks: .resync("resyncChangesApplyDifferences")
    ) { world in
        try world.loseTrack()
    }

    private static let resyncUpload = TrafficScenario(
        "resync-upload", "410: what the service no longer lists goes up again",
        quirks: .resync("resyncChangesUploadDifferences")
    ) { world in
        try world.loseTrack()
    }

    // MARK: Transfers

    private static let uploadSession = TrafficScenario(
        "upload-session", "a large file goes up in fragments, one of which is lost half way"
    ) { world in
        world.settle()
        world.service.inject(Fault(.shortenFragment(to: 327_680), operation: .fragment, skip: 1))
        try world.write("film.bin", String(repeating: "0123456789abcdef", count: 1_600_000))
        world.settle()
    }

    private static let locked = TrafficScenario(
        "locked", "423: somebody else has the document checked out"
    ) { world in
        try world.fill()
        world.settle()
        try world.elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteSetLock("Reports/q1.txt", .checkedOut, now: now)
        }
        try world.write("Reports/q1.txt", "edited here")
        world.runUntil { $0.engine.status.waiting.contains { $0.reason.contains("locked") } }
    }
}

extension Quirks {
    fileprivate static var smallPages: Quirks {
        var quirks = Quirks()
        quirks.pageSizeMax = 4
        return quirks
    }

    fileprivate static func resync(_ variant: String) -> Quirks {
        var quirks = Quirks()
        quirks.resyncVariant = variant
        return quirks
    }
}

extension EngineWorld {
    /// Puts a small drive into the cloud.
    fileprivate mutating func fill() throws {
        let files = [
            ("Letters/june.txt", 12), ("Letters/may.txt", 30), ("Letters/old.txt", 7),
            ("Pictures/a.jpg", 1_000_000), ("Pictures/c.jpg", 2_000_000),
            ("Pictures/d.jpg", 300_000), ("Pictures/note.txt", 11),
            ("Reports/2025/Résumé.txt", 40), ("Reports/2025/数据.csv", 900),
            ("Reports/q1.txt", 25), ("Reports/q2.txt", 26), ("empty.txt", 0),
        ]
        for (index, (path, size)) in files.enumerated() {
            try elsewhere { service, now throws(RemoteChangeRefused) in
                try service.remoteCreateFile(
                    path, Blob(generatedFrom: UInt64(index + 1), count: UInt64(size)),
                    modified: Timestamp(seconds: 1_760_000_000 + Int64(index)), now: now)
            }
        }
    }

    fileprivate mutating func deleteThere() throws {
        try fill()
        settle()
        try elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteDelete("Reports", now: now)
            try service.remoteDelete("Letters/old.txt", now: now)
        }
    }

    fileprivate mutating func loseTrack() throws {
        try fill()
        settle()
        try write("Letters/written here.txt", "whole on this device")
        settle()
        try elsewhere { service, now throws(RemoteChangeRefused) in
            try service.remoteDelete("Letters/written here.txt", now: now)
            try service.remoteDelete("Letters/old.txt", now: now)
            try service.remoteEdit("Letters/may.txt", Array("edited elsewhere".utf8), now: now)
            service.expireDeltaTokens()
        }
        try write("Letters/june.txt", "edited here")
    }
}
