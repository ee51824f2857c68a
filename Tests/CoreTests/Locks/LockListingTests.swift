import GraphSimulator
import Testing

@testable import Core

/// What `onedrive locks` tells.
struct LockListingTests {
    @Test("who holds and waits, what waits because of that, and what is locked in the cloud")
    func everything() throws {
        var drive = try SharedDrive(
            .colleague, files: ["held": "1", "taken": "2", "wanted": "3", "in use": "4"])
        try drive.elsewhere { service, now in
            for path in ["taken", "wanted"] {
                try service.remoteSetLock(path, .checkedOut, in: .library, now: now)
            }
        }
        let held = try drive.open("held", at: 0)
        #expect(drive.lock(on: held, at: 0) == .granted)
        var waiting = drive.begin(.shared, on: held, at: 0, waits: true, owner: 6)
        drive.goOn(&waiting)
        let wanted = try drive.open("wanted", at: 0)
        _ = drive.begin(on: wanted, at: 0, waits: true)
        try drive.within(0) { try $0.write("taken", "mine") }
        try drive.within(0) { try $0.write(".~lock.in use#", "me") }
        try drive.elsewhere { service, now in
            try service.remoteEdit("in use", Array("5".utf8), in: .library, now: now)
        }
        drive.pass(seconds: 40)
        let listing = drive[0].engine.lockListing
        #expect(listing.entries.map(\.path) == ["/held", "/held"])
        #expect(listing.entries.map(\.isWaiting) == [false, true])
        #expect(listing.deferred.map(\.path) == ["/in use"])
        #expect(listing.remote.map(\.path) == ["/taken"])
        #expect(listing.remote.allSatisfy { $0.until != nil })
        #expect(listing.checkouts.map(\.path) == ["/held", "/wanted"])
        #expect(listing.checkouts.map(\.state) == [.held, .waiting])
        let status = drive[0].engine.status.waiting.map(\.path)
        #expect(status.sorted() == ["/in use", "/taken"])
        #expect(try drive.within(0) { try $0.text("taken") } == "mine")

        let sections = LockText.sections(listing.json)
        #expect(
            sections.map(\.title) == [
                "locks:", "waits because of them:", "locked in the cloud:",
                "checked out in the cloud:",
            ])
        #expect(
            sections[0].lines[1].hasPrefix(
                "  /held  process 6 waits for shared fcntl bytes 0 to end since 20"))
        #expect(
            sections[1].lines == [
                "  /in use  in use: the lock file of a program lies beside it"
            ])
        #expect(
            sections[2].lines[0].hasPrefix(
                "  /taken  locked in the cloud by somebody else; tried again at 20"))
        #expect(sections[3].lines[0].hasPrefix("  /held  held for programs here since 20"))
        #expect(sections[3].lines[1].hasPrefix("  /wanted  somebody else has it since 20"))
    }

    @Test("nothing to tell is one line")
    func nothing() {
        let engine = EngineWorld().engine
        #expect(
            LockText.sections(engine.lockListing.json) == [
                LockText.Section(title: "No locks.", lines: [])
            ])
    }
}
