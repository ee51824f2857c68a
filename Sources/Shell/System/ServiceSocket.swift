import Core
import Glibc

/// The socket on which the service manager listens, where one started this program: the protocol
/// of `sd_notify(3)`.
package struct ServiceSocket: Sendable {
    package enum Message: Hashable, Sendable {
        case ready
        case reloading
        case stopping
        /// Alive, and doing this.
        case alive(String)
    }

    private let path: String
    /// How often ``Message/alive(_:)`` must be sent at least; nil where nobody waits for it.
    package let watchdogInterval: Duration?

    /// - Parameters:
    ///   - variables: The environment variables of this process.
    ///   - process: Its id: a watchdog meant for another process is not ours.
    package init?(variables: [String: String], process: Int32 = getpid()) {
        guard let path = variables["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@")
        else { return nil }
        self.path = path
        let isOurs = variables["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        let interval = variables["WATCHDOG_USEC"].flatMap { Int64($0) }.map {
            Duration.microseconds($0)
        }
        watchdogInterval = isOurs ? interval.flatMap { $0 > .zero ? $0 : nil } : nil
    }

    /// Sends a message; whether somebody listens is not our concern.
    package func send(_ message: Message) {
        var address = sockaddr_un()
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract address begins with a NUL byte.
        if path.hasPrefix("@") {
            withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 }
        }
        let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return }
        let socket = Descriptor(owning: raw)
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let text = Array(message.text.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(
                    socket.rawValue, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}

extension ServiceSocket.Message {
    fileprivate var text: String {
        switch self {
        case .ready: "READY=1"
        case .reloading: "RELOADING=1"
        case .stopping: "STOPPING=1"
        case .alive(let status): "WATCHDOG=1\nSTATUS=\(status)"
        }
    }
}
