import Core
import Testing

/// The page that people read before they let a plan happen.
struct PlanPageTests {
    private func report(
        _ entries: [PlanReport.Entry], waiting: [PlanReport.Waiting] = [],
        suspension: Suspension? = nil
    ) throws -> PlanReport {
        let empty: JSONValue = ["version": 1, "actions": [], "waiting": []]
        var report = try #require(PlanReport(empty))
        report.entries = entries
        report.waiting = waiting
        report.suspension = suspension
        return report
    }

    private func entry(
        _ side: PlanReport.Side, _ action: String, _ path: String, to destination: String? = nil,
        _ size: Int64? = nil, _ reason: Reason = .newHere
    ) -> PlanReport.Entry {
        PlanReport.Entry(
            side: side, action: action, path: path, destination: destination, size: size,
            reason: reason)
    }

    @Test func nothingToDoIsOneLine() throws {
        #expect(PlanPage(try report([])).lines == ["Nothing to do: both sides agree."])
    }

    @Test(
        "deletions are told of the sides that have any",
        arguments: [(1, 0, "1 deletion here"), (0, 2, "2 deletions in the cloud")])
    func suspension(here: Int, there: Int, text: String) {
        let suspension = Suspension(localDeletions: here, remoteDeletions: there, limit: 0)
        #expect(suspension.text == "\(text), more than delete_guard (0) allows")
    }

    @Test func whatNeedsAttentionComesFirst() throws {
        let plan = try report(
            [
                entry(.cloud, "upload", "/Letters/june.odt", to: nil, 42_189),
                entry(.cloud, "create folder", "/Letters"),
                entry(.device, "keep both", "/a.txt", to: "a (conflict).txt", nil, .editedOnBoth),
                entry(.device, "show", "/Minutes.md", to: nil, 1100, .newThere),
            ],
            waiting: [PlanReport.Waiting(path: "/b.txt", reason: "locked in the cloud")],
            suspension: Suspension(localDeletions: 3, remoteDeletions: 4, limit: 5))
        #expect(
            PlanPage(plan).lines == [
                "Edited on both sides (1):",
                "  ! /a.txt  the version of this device is kept as a (conflict).txt",
                "Held back: 3 deletions here and 4 in the cloud, more than delete_guard (5) "
                    + "allows; 'onedrive approve' lets them happen.",
                "Waiting (1):",
                "  · /b.txt  [locked in the cloud]",
                "In the cloud (2):",
                "  /",
                "    + create folder  Letters  [new on this device]",
                "  /Letters",
                "    + upload  june.odt  (41.2 KiB)  [new on this device]",
                "On this device (2):",
                "  /",
                "    ! keep both  a.txt → a (conflict).txt  [edited on both sides]",
                "    + show  Minutes.md  (1.0 KiB)  [new in the cloud]",
                "4 actions; 1 file, 41.2 KiB up; 1 file, 1.0 KiB to be read on demand.",
            ])
    }

    @Test func longListsAreCutAndSayHowToSeeAll() throws {
        var entries: [PlanReport.Entry] = []
        for folder in 0..<40 {
            for file in 0..<15 {
                entries.append(
                    entry(.cloud, "upload", "/f\(folder)/\(file).txt", to: nil, 1))
            }
        }
        let waiting = (0..<30).map { PlanReport.Waiting(path: "/w\($0)", reason: "locked") }
        let plan = try report(entries, waiting: waiting)
        let short = PlanPage(plan).lines
        #expect(short.contains("    … and 5 more here"))
        #expect(short.contains("  … and 300 more in 20 other folders"))
        #expect(short.contains("  … and 10 more"))
        #expect(short.last == "Long lists are cut; --all shows them whole.")
        #expect(short.count < 320)
        let whole = PlanPage(plan, showsAll: true).lines
        #expect(whole.count == 1 + 30 + 1 + 40 * 16 + 1)
        #expect(!whole.contains { $0.contains("…") })
    }

    @Test func deletionsThatAreHeldBackAreNamedByTheirFolder() throws {
        let reason = DeferralCause.deleteGuard.text
        let paths = [
            "/Pictures", "/Pictures/a", "/Pictures/a/1.jpg", "/Pictures/a/2.jpg", "/x.txt",
        ]
        let plan = try report(
            [], waiting: paths.map { PlanReport.Waiting(path: $0, reason: reason) },
            suspension: Suspension(localDeletions: 0, remoteDeletions: 5, limit: 2))
        #expect(
            Array(PlanPage(plan).lines.dropFirst()) == [
                "  - /Pictures  and 3 in it",
                "  - /x.txt",
                "0 actions; 0 files, 0 B up; 0 files, 0 B to be read on demand.",
            ])
    }

    @Test func onlyTerminalsSeeColours() throws {
        let plan = try report([entry(.cloud, "delete", "/a", nil, .deletedHere)])
        #expect(!PlanPage(plan).lines.joined().contains("\u{1B}"))
        let colored = PlanPage(plan, isColored: true).lines.joined()
        #expect(colored.contains("\u{1B}[31m-\u{1B}[0m"))
    }

    @Test func hostileNamesForgeNoLines() throws {
        let name = "/evil\nNothing to do: both sides agree.\u{1B}[2J\u{202E}"
        let plan = try report(
            [entry(.device, "keep both", name, to: name, nil, .editedOnBoth)],
            waiting: [PlanReport.Waiting(path: name, reason: "refused: \n\u{7}")])
        for line in PlanPage(plan).lines {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
        }
    }
}
