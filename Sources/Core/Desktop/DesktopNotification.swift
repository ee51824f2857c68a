/// What a user should be told although he looks at no log.
package struct DesktopNotification: Hashable, Sendable {
    package enum Urgency: UInt8, Hashable, Sendable {
        case normal = 1
        case critical = 2
    }

    package var summary: String
    package var body: String
    package var urgency: Urgency

    /// The message for a report; nil for what does not need the user.
    package init?(_ report: Report) {
        switch report {
        case .conflict(let path, let copy):
            summary = "Edited on both sides"
            body = "\(path): the version of this device is kept as \(copy)"
            urgency = .normal
        case .signInNeeded:
            summary = "Sign-in needed"
            body = "Nothing is synced until you run 'onedrive login'. Your changes are kept."
            urgency = .critical
        case .suspended(let suspension):
            let count = suspension.localDeletions + suspension.remoteDeletions
            summary = "\(count) deletions are held back"
            body =
                "'onedrive plan --dry-run' lists them; 'onedrive approve' lets them happen."
            urgency = .critical
        case .quotaReached(let path):
            summary = "No space left in OneDrive"
            body = "\(path) and what comes after it stay on this device until there is room."
            urgency = .normal
        case .otherDrive:
            summary = "Another account"
            body = "The sign-in leads to another drive than before: nothing is synced."
            urgency = .critical
        case .kept, .failed, .offline, .online, .enumerated, .resynchronizing, .noCheckout:
            return nil
        }
    }
}

/// How often the desktop is bothered: of one kind at most one message in a while.
package struct NotificationGate: Sendable {
    /// In nanoseconds.
    private static let pause: Int64 = 60 * 1_000_000_000

    private var last: [String: Timestamp] = [:]

    package init() {}

    /// Whether a message may be shown now.
    package mutating func admits(_ notification: DesktopNotification, at now: Timestamp) -> Bool {
        // The number of deletions in a summary does not make it another kind.
        let kind = String(notification.summary.drop { $0.isNumber })
        if let time = last[kind], time <= now, now < time.advanced(byNanoseconds: Self.pause) {
            return false
        }
        last[kind] = now
        return true
    }
}
