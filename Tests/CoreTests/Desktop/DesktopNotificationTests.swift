import Core
import Testing

/// Which reports reach the desktop, and how often.
struct DesktopNotificationTests {
    @Test(
        "what needs the user is shown",
        arguments: [
            (Report.conflict(path: "/a", copy: "a (conflict x 0a1b2c)"), true),
            (.signInNeeded("expired"), true),
            (.suspended(Suspension(localDeletions: 0, remoteDeletions: 3, limit: 2)), true),
            (.quotaReached(path: "/a"), true), (.otherDrive, true), (.offline(.portal), false),
            (.online, false), (.enumerated(items: 1), false), (.resynchronizing, false),
            (.failed(path: "/a", message: "no"), false), (.kept(path: "/a", .editedHere), false),
        ])
    func shown(report: Report, isShown: Bool) {
        #expect((DesktopNotification(report) != nil) == isShown)
    }

    @Test("of one kind at most one is shown in a minute, also if the clock is set back")
    func gate() throws {
        var gate = NotificationGate()
        let start = Timestamp(seconds: 1_000_000)
        let first = try #require(DesktopNotification(.conflict(path: "/a", copy: "b")))
        let second = try #require(DesktopNotification(.conflict(path: "/c", copy: "d")))
        let other = try #require(DesktopNotification(.quotaReached(path: "/a")))
        let shown = [
            gate.admits(first, at: start),
            gate.admits(second, at: start.advanced(byNanoseconds: 59_000_000_000)),
            gate.admits(other, at: start.advanced(byNanoseconds: 59_000_000_000)),
            gate.admits(second, at: start.advanced(byNanoseconds: 60_000_000_000)),
            gate.admits(second, at: Timestamp(seconds: 5)),
        ]
        #expect(shown == [true, false, true, true, true])
    }

    @Test("deletions held back are of one kind, however many they are")
    func suspensions() throws {
        var gate = NotificationGate()
        let shown = try [3, 4].map { count in
            let suspension = Suspension(localDeletions: count, remoteDeletions: 0, limit: 1)
            let notification = try #require(DesktopNotification(.suspended(suspension)))
            return gate.admits(notification, at: Timestamp(seconds: 1))
        }
        #expect(shown == [true, false])
    }
}
