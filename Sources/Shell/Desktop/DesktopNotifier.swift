import Core
import Glibc
import Synchronization

/// Shows messages on the desktop of the user, where a session bus has somebody who shows them.
///
/// The call goes through `busctl`, which comes with systemd: a client without a desktop needs no
/// D-Bus library.
package final class DesktopNotifier: Sendable {
    private let hasBus: Bool
    private let gate = Mutex(NotificationGate())

    /// - Parameter variables: The environment variables of this process.
    package init(variables: [String: String]) {
        let runtime = variables["XDG_RUNTIME_DIR"].map { $0 + "/bus" }
        hasBus =
            variables["DBUS_SESSION_BUS_ADDRESS"]?.isEmpty == false
            || runtime.map { access($0, F_OK) == 0 } == true
    }

    /// Shows a message, unless one like it was shown a moment ago.
    func show(_ notification: DesktopNotification, at now: Timestamp) {
        guard hasBus, gate.withLock({ $0.admits(notification, at: now) }) else { return }
        _ = ChildProcess.start(Self.command(for: notification))
    }

    /// The call of `Notify` of the Desktop Notifications Specification 1.2.
    package static func command(for notification: DesktopNotification) -> [String] {
        [
            "busctl", "--user", "--quiet", "--expect-reply=false", "call",
            "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications", "Notify", "susssasa{sv}i", "--",
            "OneDrive", "0", "folder-remote", notification.summary, notification.body, "0", "1",
            "urgency", "y", "\(notification.urgency.rawValue)", "-1",
        ]
    }
}
